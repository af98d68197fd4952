using System.Linq.Expressions;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Search;

/// <summary>The order of a list: by one value, equals by their ids; nothing comes before every value.</summary>
internal abstract class TrackOrder
{
    private TrackOrder()
    {
    }

    /// <summary>The order that a query asks for, as its database spells it.</summary>
    public static TrackOrder Of(CatalogueDb db, TrackSort sort) => sort switch
    {
        TrackSort.Title => new By<string?>(db.Order(row => row.Title), track => Folded(track.Title), ""),
        TrackSort.Artist => new By<string?>(db.Order(row => row.Artist), track => Folded(track.Artist), ""),
        TrackSort.Bpm => new By<double?>(row => row.Bpm, track => track.Bpm, double.MinValue),
        TrackSort.Key => new By<string?>(row => row.Camelot, track => track.Camelot, ""),
        TrackSort.Lufs => new By<double?>(row => row.Lufs, track => track.Lufs, double.MinValue),
        TrackSort.Seconds => new By<double?>(row => row.Seconds, track => track.Seconds, double.MinValue),
        TrackSort.UploadedAt => new By<DateTime>(row => row.UploadedAt, track => track.UploadedAt),
        _ => new By<string?>(db.Order(row => row.FileName), track => Folded(track.FileName)),
    };

    /// <summary>Sorts.</summary>
    public abstract IQueryable<SearchRow> Sort(IQueryable<SearchRow> rows, bool descending);

    /// <summary>
    /// Only what comes after a place, in one direction: all of the first query's rows before those of the second, if
    /// there are two. Each is one stretch of an index in this order.
    /// </summary>
    public abstract IReadOnlyList<IQueryable<SearchRow>> After(
        IQueryable<SearchRow> rows, TrackCursor place, bool descending);

    /// <summary>What a track is sorted by.</summary>
    public abstract object? Value(TrackSummary track);

    // As the databases fold: no letter but those of ASCII.
    private static string? Folded(string? text) => text is null
        ? null
        : string.Create(text.Length, text, (folded, from) =>
        {
            for (var i = 0; i < folded.Length; i++)
                folded[i] = char.IsAsciiLetterUpper(from[i]) ? char.ToLowerInvariant(from[i]) : from[i];
        });

    /// <param name="value">As the database sorts.</param>
    /// <param name="read">The same of what it has answered.</param>
    /// <param name="least">Comes before every value; null where every track has one.</param>
    private sealed class By<T>(Expression<Func<SearchRow, T>> value, Func<TrackSummary, T> read, object? least = null)
        : TrackOrder
    {
        private static readonly Expression<Func<SearchRow, long>> Id = row => row.TrackId;

        public override object? Value(TrackSummary track) => read(track);

        public override IQueryable<SearchRow> Sort(IQueryable<SearchRow> rows, bool descending) => descending
            ? rows.OrderByDescending(value).ThenByDescending(Id)
            : rows.OrderBy(value).ThenBy(Id);

        public override IReadOnlyList<IQueryable<SearchRow>> After(
            IQueryable<SearchRow> rows, TrackCursor place, bool descending)
        {
            var row = value.Parameters[0];
            var id = Expression.Property(row, nameof(SearchRow.TrackId));
            var further = Beyond(id, Parameter(place.TrackId), descending, orEqual: false);
            var missing = least is null ? null : Expression.Equal(value.Body, Expression.Constant(null, typeof(T)));
            if (place.Value is null)
            {
                if (missing is null) return [rows];
                var others = Where(Expression.AndAlso(missing, further));
                return descending
                    ? [others]
                    : [others, Where(Beyond(value.Body, Parameter((T)least!), descending: false, orEqual: true))];
            }

            // Written so that the index begins at the place.
            var at = Parameter((T)place.Value);
            var after = Where(Expression.AndAlso(
                Beyond(value.Body, at, descending, orEqual: true),
                Expression.OrElse(Beyond(value.Body, at, descending, orEqual: false), further)));
            return descending && missing is not null ? [after, Where(missing)] : [after];

            IQueryable<SearchRow> Where(Expression body) =>
                rows.Where(Expression.Lambda<Func<SearchRow, bool>>(body, row));
        }

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
