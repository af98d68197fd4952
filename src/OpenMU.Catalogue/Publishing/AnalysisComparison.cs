using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Publishing;

/// <summary>
/// Compares a model's analyses with those that are shown, or with another model's, a page of tracks at a time: it keeps
/// counts and a few examples, however many tracks there are.
/// </summary>
public sealed class AnalysisComparison(IDbContextFactory<CatalogueDb> catalogue)
{
    private const int AtOnce = 200;

    // Where each list over time stands, and what its differences are called.
    private static readonly (string Member, string Field)[] Timelines =
    [
        (nameof(Analysis.Beats), "beats"), (nameof(Analysis.Chords), "chords"),
        (nameof(Analysis.KeySegments), "keySegments"), (nameof(Analysis.Sections), "sections"),
    ];

    /// <summary>Compares.</summary>
    /// <param name="tenant">Whose tracks.</param>
    /// <param name="selection">The tracks.</param>
    /// <param name="modelVersion">The model whose analyses would be shown.</param>
    /// <param name="against">Another model; null compares with what is shown.</param>
    /// <param name="progress">Told after each page how many tracks were looked at; may be null.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<AnalysisDiff> RunAsync(
        string tenant, TrackSelection selection, string modelVersion, string? against, IProgress<int>? progress,
        CancellationToken cancel)
    {
        var pass = new Pass(tenant, modelVersion, against);
        string? after = null;
        do
        {
            await using var db = catalogue.CreateDbContext();
            var page = await selection.PageAsync(db, tenant, after, AtOnce, cancel);
            await pass.AddAsync(db, page.Ids, cancel);
            progress?.Report(pass.Tally.Tracks);
            after = page.Next;
        }
        while (after is not null);
        return pass.Tally.ToDiff(modelVersion, against);
    }

    private sealed class Pass(string tenant, string modelVersion, string? against)
    {
        // The tools' versions by provenance: there are as many as there were versions of workers and models.
        private readonly Dictionary<string, string?[]> tools = [];

        public DiffTally Tally { get; } = new();

        public async Task AddAsync(CatalogueDb db, IReadOnlyList<long> ids, CancellationToken cancel)
        {
            var tracks = await db.Tracks.Where(t => t.Tenant == tenant && ids.Contains(t.Id)).OrderBy(t => t.Id)
                .Select(t => new ComparedTrack(
                    t.Id, t.FileName, t.JobId, t.Job.ContentId,
                    !db.Tracks.Any(other =>
                        other.JobId == t.JobId && other.Id < t.Id && other.MissingSince == null)))
                .ToListAsync(cancel);
            var contents = tracks.Select(track => track.ContentId).Distinct().ToList();
            var jobs = (await db.Jobs
                .Where(j => j.Tenant == tenant && contents.Contains(j.ContentId) && j.Kind == JobKind.Analysis
                    && (j.ModelVersion == modelVersion || j.ModelVersion == against))
                .Select(j => new ComparedJob(j.Id, j.ContentId, j.ModelVersion, j.State)).ToListAsync(cancel))
                .ToDictionary(job => (job.ContentId, job.ModelVersion));
            var pairs = new List<(ComparedTrack Track, long Before, long After)>();
            var waiting = new List<ComparedTrack>();
            foreach (var track in tracks)
            {
                var model = jobs.GetValueOrDefault((track.ContentId, modelVersion));
                var other = against is null ? null : jobs.GetValueOrDefault((track.ContentId, against));
                if (model is null || (against is not null && other?.State != JobState.Ready)) Tally.NotAskedFor++;
                else if (model.State != JobState.Ready) Unfinished(track, model.State, waiting);
                else if (against is null && model.Id == track.JobId) Tally.Shown++;
                else pairs.Add((track, other?.Id ?? track.JobId, model.Id));
            }

            await CompareAsync(db, pairs, waiting, cancel);
        }

        private void Unfinished(ComparedTrack track, JobState state, List<ComparedTrack> waiting)
        {
            if (state == JobState.Failed) Tally.Failed++;
            else if (state == JobState.Rejected) Tally.Rejected++;
            else
            {
                Tally.Open++;
                if (track.IsFirst) waiting.Add(track);
            }
        }

        private async Task CompareAsync(
            CatalogueDb db, List<(ComparedTrack Track, long Before, long After)> pairs, List<ComparedTrack> waiting,
            CancellationToken cancel)
        {
            var jobs = pairs.SelectMany(pair => (long[])[pair.Before, pair.After])
                .Concat(waiting.Select(track => track.JobId)).Distinct().ToList();
            var sides = (await Sides(db, jobs).ToListAsync(cancel)).ToDictionary(side => side.JobId);
            var contents = pairs.Select(pair => pair.Track.ContentId).Distinct().ToList();
            var corrections = await db.Corrections.AsNoTracking()
                .Where(c => c.Tenant == tenant && contents.Contains(c.ContentId))
                .Select(c => new { c.ContentId, c.Fields }).ToDictionaryAsync(c => c.ContentId, c => c.Fields, cancel);
            var timelines = await TimelinesAsync(db, pairs, sides, cancel);
            foreach (var (track, before, after) in pairs)
            {
                var will = sides.GetValueOrDefault(after, AnalysisSide.Nothing);
                Tally.Compare(
                    (track.Id, track.FileName), sides.GetValueOrDefault(before, AnalysisSide.Nothing), will,
                    timelines.GetValueOrDefault((before, after), []),
                    corrections.GetValueOrDefault(track.ContentId, FieldSet.Empty));
                if (track.IsFirst) Tally.Spent(will);
            }

            foreach (var track in waiting) Tally.Awaits(sides.GetValueOrDefault(track.JobId)?.Seconds);
        }

        /// <summary>
        /// Which lists over time differ. They are long, so they are looked at only where other tools made them, and
        /// the database compares them.
        /// </summary>
        private async Task<Dictionary<(long Before, long After), IReadOnlyList<string>>> TimelinesAsync(
            CatalogueDb db, List<(ComparedTrack Track, long Before, long After)> pairs,
            Dictionary<long, AnalysisSide> sides, CancellationToken cancel)
        {
            await LearnToolsAsync(db, sides.Values, cancel);
            var others = pairs.Where(pair => sides.ContainsKey(pair.Before) && sides.ContainsKey(pair.After)
                && !Tools(sides[pair.Before]).SequenceEqual(Tools(sides[pair.After]))).ToList();
            if (others.Count == 0) return [];
            var (before, after) = (others.ConvertAll(pair => pair.Before), others.ConvertAll(pair => pair.After));
            var differing =
                from next in db.Analyses
                join job in db.Jobs on next.JobId equals job.Id
                join former in db.Jobs on new { job.Tenant, job.ContentId, job.Kind }
                    equals new { former.Tenant, former.ContentId, former.Kind }
                join last in db.Analyses on former.Id equals last.JobId
                where after.Contains(next.JobId) && before.Contains(last.JobId)
                select new
                {
                    Before = last.JobId,
                    After = next.JobId,
                    Beats = next.Beats != last.Beats,
                    Chords = next.Chords != last.Chords,
                    Keys = next.KeySegments != last.KeySegments,
                    Sections = next.Sections != last.Sections,
                };
            return await differing.ToDictionaryAsync(
                row => (row.Before, row.After),
                row => (IReadOnlyList<string>)
                [
                    .. Timelines.Zip((bool[])[row.Beats, row.Chords, row.Keys, row.Sections])
                        .Where(pair => pair.Second).Select(pair => pair.First.Field),
                ],
                cancel);
        }

        private async Task LearnToolsAsync(
            CatalogueDb db, IEnumerable<AnalysisSide> sides, CancellationToken cancel)
        {
            var unknown = sides.Select(side => side.ProvenanceId).OfType<string>().Where(id => !tools.ContainsKey(id))
                .Distinct().ToList();
            if (unknown.Count == 0) return;
            foreach (var provenance in await db.Set<Provenance>().AsNoTracking()
                .Where(p => unknown.Contains(p.Id)).ToListAsync(cancel))
            {
                tools[provenance.Id] = [.. Timelines.Select(list => provenance.SourceOf(list.Member))];
            }
        }

        private string?[] Tools(AnalysisSide side) =>
            side.ProvenanceId is { } id && tools.TryGetValue(id, out var known) ? known : [];

        private static IQueryable<AnalysisSide> Sides(CatalogueDb db, List<long> jobs) =>
            db.Analyses.AsNoTracking().Where(a => jobs.Contains(a.JobId)).Select(a => new AnalysisSide
            {
                JobId = a.JobId,
                Seconds = a.DurationSeconds,
                Bpm = a.Bpm,
                Key = a.Key,
                Metre = a.Metre,
                Lufs = a.IntegratedLufs,
                TruePeak = a.TruePeakDbtp,
                Flags = a.QualityFlags,
                Caption = a.Caption,
                Description = a.Description,
                TagText = a.TagText,
                DroppedSentences = a.DroppedSentences,
                ModelProblem = a.ModelProblem,
                ProvenanceId = a.ProvenanceId,
                Download = a.Work.Download,
                Decode = a.Work.Decode,
                Measure = a.Work.Measure,
                Encode = a.Work.Encode,
                Generate = a.Work.Generate,
            });
    }

    // Of its copies, the first stands for the content, which is counted once.
    private sealed record ComparedTrack(long Id, string FileName, long JobId, string ContentId, bool IsFirst);

    private sealed record ComparedJob(long Id, string ContentId, string ModelVersion, JobState State);
}
