using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue;

namespace OpenMU.Web;

internal enum TrackSort { Title, Bpm, Key, Lufs, Duration, Uploaded }

internal sealed record TrackQuery
{
    public string? Text { get; init; }
    public double? BpmFrom { get; init; }
    public double? BpmTo { get; init; }
    public string? Key { get; init; }
    public bool KeyNeighbours { get; init; }
    public double? LufsFrom { get; init; }
    public double? LufsTo { get; init; }
    public double? SecondsFrom { get; init; }
    public double? SecondsTo { get; init; }
    public TrackState? State { get; init; }
    public TrackSort Sort { get; init; }
    public bool Descending { get; init; }
    public int Page { get; init; } = 1;
    public int PageSize { get; init; } = 50;
}

internal sealed record TrackPage(IReadOnlyList<Track> Items, int Total);

/// <summary>The plainest search that answers every facet but the key's neighbours.</summary>
internal sealed class TrackSearch(CatalogueDb db)
{
    public async Task<TrackPage> FindAsync(string tenant, TrackQuery query, CancellationToken cancel)
    {
        var found = db.Tracks.Where(t => t.Tenant == tenant
            && (query.State == null || t.Job.State == query.State)
            && (query.BpmFrom == null || t.Job.Analysis!.Bpm >= query.BpmFrom) && (query.BpmTo == null || t.Job.Analysis!.Bpm <= query.BpmTo)
            && (query.Key == null || t.Job.Analysis!.Key == query.Key)
            && (query.LufsFrom == null || t.Job.Analysis!.IntegratedLufs >= query.LufsFrom) && (query.LufsTo == null || t.Job.Analysis!.IntegratedLufs <= query.LufsTo)
            && (query.SecondsFrom == null || t.Job.Analysis!.DurationSeconds >= query.SecondsFrom) && (query.SecondsTo == null || t.Job.Analysis!.DurationSeconds <= query.SecondsTo));
        foreach (var word in (query.Text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            found = found.Where(t => t.FileName.ToLower().Contains(word.ToLower()) || t.Job.Analysis!.Title!.ToLower().Contains(word.ToLower())
                || t.Job.Analysis!.Artist!.ToLower().Contains(word.ToLower()) || t.Job.Analysis!.Caption!.ToLower().Contains(word.ToLower()));
        }

        var ordered = query.Sort switch
        {
            TrackSort.Bpm => Order(t => t.Job.Analysis!.Bpm),
            TrackSort.Key => Order(t => t.Job.Analysis!.Key),
            TrackSort.Lufs => Order(t => t.Job.Analysis!.IntegratedLufs),
            TrackSort.Duration => Order(t => (double?)t.Job.Analysis!.DurationSeconds),
            TrackSort.Uploaded => Order(t => t.UploadedAt),
            _ => Order(t => t.Job.Analysis!.Title ?? t.FileName),
        };
        var page = await ordered.ThenBy(t => t.Id).Skip((query.Page - 1) * query.PageSize).Take(query.PageSize).Include(t => t.Job.Analysis).ToListAsync(cancel);
        return new TrackPage(page, await found.CountAsync(cancel));

        IOrderedQueryable<Track> Order<T>(System.Linq.Expressions.Expression<Func<Track, T>> by) => query.Descending ? found.OrderByDescending(by) : found.OrderBy(by);
    }

    public Task<Track?> GetAsync(string tenant, long id, CancellationToken cancel) =>
        db.Tracks.Include(t => t.Job.Analysis).SingleOrDefaultAsync(t => t.Tenant == tenant && t.Id == id, cancel);
}
