using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// The order of a list: by one value, equals by their ids. Tracks without a value come last in both directions: nobody
/// sorts by tempo to see what has none.
/// </summary>
internal abstract class TrackOrder
{
    private TrackOrder()
    {
    }

    /// <summary>The order that a query asks for.</summary>
    public static TrackOrder Of(TrackSort sort) => sort switch
    {
        TrackSort.Title => new By<string?>(row => row.TitleOrder, ""),
        TrackSort.Artist => new By<string?>(row => row.ArtistOrder, ""),
        TrackSort.Bpm => new By<double?>(row => row.Bpm, double.MinValue),
        TrackSort.Key => new By<int?>(row => row.KeyOrder, int.MinValue),
        TrackSort.Lufs => new By<double?>(row => row.Lufs, double.MinValue),
        TrackSort.Seconds => new By<double?>(row => row.Seconds, double.MinValue),
        TrackSort.UploadedAt => new By<DateTime>(row => row.UploadedAt),
        _ => new By<string?>(row => row.FileNameOrder),
    };

    /// <summary>All of some rows, by one statement.</summary>
    public abstract IQueryable<SearchRow> Sort(IQueryable<SearchRow> rows, bool descending);

    /// <summary>
    /// What lies behind a place, or before it, the nearest first: all of the first query's rows before those of the
    /// second, if there are two. Each is one stretch of an index in this order.
    /// </summary>
    /// <param name="rows">Of the list.</param>
    /// <param name="descending">The list's direction.</param>
    /// <param name="place">Null where it begins.</param>
    /// <param name="isBefore">Whether to go back from the place.</param>
    public abstract IReadOnlyList<IQueryable<SearchRow>> From(
        IQueryable<SearchRow> rows, bool descending, TrackCursor? place, bool isBefore);

    /// <summary>What tracks are sorted by, by their ids.</summary>
    public abstract Task<Dictionary<long, object?>> ValuesAsync(
        IQueryable<SearchRow> rows, IReadOnlyList<long> ids, CancellationToken cancel);

    /// <param name="value">As the database sorts.</param>
    /// <param name="least">No value is less; null where every track has one.</param>
    private sealed class By<T>(Expression<Func<SearchRow, T>> value, object? least = null) : TrackOrder
    {
        private static readonly Expression<Func<SearchRow, long>> Id = row => row.TrackId;

        public override async Task<Dictionary<long, object?>> ValuesAsync(
            IQueryable<SearchRow> rows, IReadOnlyList<long> ids, CancellationToken cancel)
        {
            var row = value.Parameters[0];
            var pair = Expression.Lambda<Func<SearchRow, Tuple<long, T>>>(
                Expression.New(
                    typeof(Tuple<long, T>).GetConstructors()[0],
                    Expression.Property(row, nameof(SearchRow.TrackId)), value.Body),
                row);
            var pairs = await rows.Where(one => ids.Contains(one.TrackId)).Select(pair).ToListAsync(cancel);
            return pairs.ToDictionary(one => one.Item1, object? (one) => one.Item2);
        }

        public override IQueryable<SearchRow> Sort(IQueryable<SearchRow> rows, bool descending)
        {
            if (least is null) return Along(rows, descending);
            var sorted = rows.OrderBy(Expression.Lambda<Func<SearchRow, bool>>(IsMissing, value.Parameters));
            return descending
                ? sorted.ThenByDescending(value).ThenByDescending(Id)
                : sorted.ThenBy(value).ThenBy(Id);
        }

        public override IReadOnlyList<IQueryable<SearchRow>> From(
            IQueryable<SearchRow> rows, bool descending, TrackCursor? place, bool isBefore)
        {
            // The tracks before a place are those after it in the other direction.
            var down = descending ^ isBefore;
            if (place?.Value is { } at)
            {
                // Written so that the index begins at the place.
                var seen = Parameter((T)at);
                var after = Where(Expression.AndAlso(
                    Beyond(value.Body, seen, down, orEqual: true),
                    Expression.OrElse(Beyond(value.Body, seen, down, orEqual: false), Further())));
                return least is null || isBefore ? [after] : [after, Where(IsMissing)];
            }

            if (least is null) return [Along(rows, down)];
            var present = Where(Beyond(value.Body, Parameter((T)least), descending: false, orEqual: true));
            if (place is null) return [present, Where(IsMissing)];
            var missing = Where(Expression.AndAlso(IsMissing, Further()));
            return isBefore ? [missing, present] : [missing];

            BinaryExpression Further() => Beyond(
                Expression.Property(value.Parameters[0], nameof(SearchRow.TrackId)), Parameter(place!.TrackId), down,
                orEqual: false);

            IQueryable<SearchRow> Where(Expression body) =>
                Along(rows.Where(Expression.Lambda<Func<SearchRow, bool>>(body, value.Parameters)), down);
        }

        private BinaryExpression IsMissing => Expression.Equal(value.Body, Expression.Constant(null, typeof(T)));

        private IQueryable<SearchRow> Along(IQueryable<SearchRow> rows, bool descending) => descending
            ? rows.OrderByDescending(value).ThenByDescending(Id)
            : rows.OrderBy(value).ThenBy(Id);

        // A field of an object, which EF makes a parameter; a constant would make every page another statement.
        private static MemberExpression Parameter<TValue>(TValue value) =>
            Expression.Field(Expression.Constant(new Box<TValue>(value)), nameof(Box<TValue>.Value));

        private static BinaryExpression Beyond(Expression left, Expression right, bool descending, bool orEqual)
        {
            if (left.Type == typeof(string))
            {
                left = Expression.Call(typeof(string), nameof(string.Compare), null, left, right);
                right = Expression.Constant(0);
            }

            return (descending, orEqual) switch
            {
                (false, true) => Expression.GreaterThanOrEqual(left, right),
                (false, false) => Expression.GreaterThan(left, right),
                (true, true) => Expression.LessThanOrEqual(left, right),
                (true, false) => Expression.LessThan(left, right),
            };
        }
    }

    private sealed class Box<T>(T value)
    {
        public readonly T Value = value;
    }
}
