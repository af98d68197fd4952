using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Similarity;

/// <summary>
/// Finds tracks of one tenant that are like a track or a sound, by the model's embeddings and what else is known. The
/// embeddings of each tenant and model are held in memory from the first question on, and all are compared.
/// </summary>
public sealed class SimilarTracks(IDbContextFactory<CatalogueDb> catalogue)
{
    /// <summary>The most that are found at once.</summary>
    public const int MaxCount = 200;

    /// <summary>The most between the ends of a path.</summary>
    public const int MaxSteps = 100;

    /// <summary>From here on two recordings of about the same length may be one.</summary>
    public const double NearDuplicate = 0.99;

    // Of all tenants and models together; that which was asked for longest ago goes first.
    private const long MostBytes = 3L << 30;

    // Ranked by rounded numbers first: as many more are looked at closely, and of some no track is left.
    private const int Spare = 64;

    // Rows that one query reads.
    private const int AtOnce = 500;

    private const double MostSecondsApart = 1;

    // How far rounding may move a cosine.
    private const double Rounding = 0.01;

    private readonly RecentIndexes<(string Tenant, string ModelVersion), EmbeddingCache> caches =
        new(MostBytes, cache => cache.Bytes);

    /// <summary>Finds tracks like one of the tenant's, the most alike first; never the track itself.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="trackId">The track.</param>
    /// <param name="weights">What counts how much.</param>
    /// <param name="count">At most as many.</param>
    /// <param name="cancel">Ends the search.</param>
    public async Task<SimilarAnswer> FindAsync(
        string tenant, long trackId, SimilarityWeights weights, int count, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var (outcome, track) = await TrackAsync(db, tenant, trackId, cancel);
        return track is null
            ? new SimilarAnswer(outcome)
            : new SimilarAnswer(
                SimilarOutcome.Done,
                await NearestAsync(db, tenant, track.ModelVersion, track.Facts, weights, count, [track.JobId], cancel))
            {
                ModelVersion = track.ModelVersion
            };
    }

    /// <summary>Finds tracks like a sound from elsewhere, which the same model has heard.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="modelVersion">The model that has heard it.</param>
    /// <param name="sound">The sound.</param>
    /// <param name="weights">What counts how much.</param>
    /// <param name="count">At most as many.</param>
    /// <param name="cancel">Ends the search.</param>
    public async Task<SimilarAnswer> FindAsync(
        string tenant, string modelVersion, SoundFacts sound, SimilarityWeights weights, int count,
        CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var tracks = await NearestAsync(db, tenant, modelVersion, sound, weights, count, [], cancel);
        return new SimilarAnswer(SimilarOutcome.Done, tracks) { ModelVersion = modelVersion };
    }

    /// <summary>
    /// Finds a way from one track to another: each track between is the nearest, of those that are not on the way yet,
    /// to a sound and a tempo that lie between those of the ends.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="steps">Tracks between; fewer where there are not as many.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>The ends too, each with its likeness to the one before.</returns>
    public async Task<SimilarAnswer> PathAsync(
        string tenant, long from, long to, int steps, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var (outcome, first) = await TrackAsync(db, tenant, from, cancel);
        if (first is null) return new SimilarAnswer(outcome);
        (outcome, var last) = await TrackAsync(db, tenant, to, cancel);
        if (last is null) return new SimilarAnswer(outcome);
        if (first.ModelVersion != last.ModelVersion) return new SimilarAnswer(SimilarOutcome.OtherModel);

        var weights = new SimilarityWeights(Key: 0, Mood: 0, Instruments: 0);
        var path = new List<Candidate> { first };
        for (var step = 1; step <= steps; step++)
        {
            var goal = SoundPath.Between(first.Facts, last.Facts, (double)step / (steps + 1));
            HashSet<long> taken = [last.JobId, .. path.Select(track => track.JobId)];
            var next = await CandidatesAsync(db, tenant, first.ModelVersion, goal, weights, 1, taken, cancel);
            if (next.Count > 0) path.Add(next[0]);
        }

        if (first.JobId != last.JobId) path.Add(last);
        var usual = new SimilarityWeights();
        return new SimilarAnswer(
            SimilarOutcome.Done,
            [.. path.Select((track, i) => track.As(path[Math.Max(0, i - 1)].Facts, usual))])
        {
            ModelVersion = first.ModelVersion
        };
    }

    /// <summary>
    /// Pairs of recordings that sound almost alike and are as long to a second: perhaps the same, in another file
    /// format. They are suggestions for a person to listen to. Files of the same content are not among them.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cosine">At least, 0 to 1.</param>
    /// <param name="cancel">Ends the search.</param>
    public async IAsyncEnumerable<NearDuplicatePair> NearDuplicatesAsync(
        string tenant, double cosine = NearDuplicate, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await using var db = catalogue.CreateDbContext();
        var models = await db.TrackEmbeddings
            .Where(e => db.Jobs.Any(j => j.Id == e.JobId && j.Tenant == tenant))
            .Select(e => e.ModelVersion).Distinct().Order().ToListAsync(cancel);
        foreach (var model in models)
        {
            if (await IndexAsync(db, tenant, model, cancel) is not { } index) continue;
            var pairs = index.Pairs((float)(cosine - Rounding), (float)MostSecondsApart, cancel);
            foreach (var some in pairs.Chunk(Spare))
            {
                var tracks = (await LookAsync(
                    db, tenant, model, [.. some.SelectMany(pair => (long[])[pair.First, pair.Second]).Distinct()],
                    cancel)).ToDictionary(track => track.JobId);
                foreach (var (first, second) in some)
                {
                    if (!tracks.TryGetValue(first, out var one) || !tracks.TryGetValue(second, out var other)) continue;
                    var likeness = one.Facts.Compare(other.Facts).Sound;
                    if (likeness < cosine) continue;
                    yield return new NearDuplicatePair(
                        one.As(other.Facts, new()), other.As(one.Facts, new()), likeness);
                }
            }
        }
    }

    private async Task<IReadOnlyList<SimilarTrack>> NearestAsync(
        CatalogueDb db, string tenant, string model, SoundFacts sound, SimilarityWeights weights, int count,
        HashSet<long> without, CancellationToken cancel) =>
        [.. (await CandidatesAsync(db, tenant, model, sound, weights, count, without, cancel))
            .Select(track => track.As(sound, weights))];

    private async Task<List<Candidate>> CandidatesAsync(
        CatalogueDb db, string tenant, string model, SoundFacts sound, SimilarityWeights weights, int count,
        HashSet<long> without, CancellationToken cancel)
    {
        if (!weights.AreUsable) throw new ArgumentException("No weight counts.", nameof(weights));
        if (await IndexAsync(db, tenant, model, cancel) is not { } index) return [];
        // Of what was replaced or deleted no track is left: then more are looked at.
        for (var many = count + without.Count + Spare; ; many *= 4)
        {
            var hits = index.Nearest(sound, weights, many, cancel);
            var found = new List<Candidate>();
            foreach (var ids in hits.Select(hit => hit.JobId).Where(id => !without.Contains(id)).Chunk(AtOnce))
                found.AddRange(await LookAsync(db, tenant, model, ids, cancel));
            if (found.Count < count && hits.Count == many) continue;
            return [.. found.OrderByDescending(track => sound.Compare(track.Facts).Score(weights))
                .ThenBy(track => track.TrackId).Take(count)];
        }
    }

    private async Task<EmbeddingIndex?> IndexAsync(
        CatalogueDb db, string tenant, string model, CancellationToken cancel)
    {
        var cache = caches.Of((tenant, model), key => new EmbeddingCache(key.Tenant, key.ModelVersion));
        var index = await cache.FollowAsync(db, MostBytes, cancel);
        caches.LetGo();
        return index;
    }

    private static async Task<(SimilarOutcome Outcome, Candidate? Track)> TrackAsync(
        CatalogueDb db, string tenant, long trackId, CancellationToken cancel)
    {
        var job = await db.Tracks.Where(t => t.Tenant == tenant && t.Id == trackId)
            .Select(t => (long?)t.JobId).SingleOrDefaultAsync(cancel);
        if (job is null) return (SimilarOutcome.NoTrack, null);
        var model = await db.TrackEmbeddings.Where(e => e.JobId == job).Select(e => e.ModelVersion)
            .SingleOrDefaultAsync(cancel);
        if (model is null) return (SimilarOutcome.NotHeard, null);
        var track = await LookAsync(db, tenant, model, [job.Value], cancel, trackId);
        return track is [var one] ? (SimilarOutcome.Done, one) : (SimilarOutcome.NotHeard, null);
    }

    /// <summary>One track of each content whose file is there.</summary>
    private static async Task<List<Candidate>> LookAsync(
        CatalogueDb db, string tenant, string model, long[] jobs, CancellationToken cancel, long? only = null)
    {
        var rows = await (
            from track in db.Tracks
            where track.Tenant == tenant && jobs.Contains(track.JobId)
                && (only == null ? track.MissingSince == null : track.Id == only)
            join row in db.SearchRows on track.Id equals row.TrackId
            orderby track.Id
            select new { track.JobId, row.TrackId, row.FileName, row.Title, row.Artist, row.Seconds })
            .ToListAsync(cancel);
        var stored = await StoredEmbedding.Of(
            db, tenant, db.TrackEmbeddings.Where(e => jobs.Contains(e.JobId) && e.ModelVersion == model))
            .ToDictionaryAsync(embedding => embedding.JobId, cancel);
        return
        [
            .. rows.DistinctBy(row => row.JobId).Where(row => stored.ContainsKey(row.JobId))
                .Select(row => new Candidate(
                    row.JobId, model, row.TrackId, row.FileName, row.Title, row.Artist, row.Seconds,
                    stored[row.JobId].ToFacts())),
        ];
    }

    private sealed record Candidate(
        long JobId, string ModelVersion, long TrackId, string FileName, string? Title, string? Artist, double? Seconds,
        SoundFacts Facts)
    {
        public SimilarTrack As(SoundFacts other, SimilarityWeights weights)
        {
            var parts = other.Compare(Facts);
            return new SimilarTrack(
                TrackId, FileName, Title, Artist, Facts.Bpm, Facts.Key?.Name, Facts.Key?.Camelot, Seconds,
                Math.Round(parts.Score(weights), 4), parts, other.Reasons(Facts, weights));
        }
    }
}
