using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Reads tracks with all that is known about them, a few hundred at a time: the memory that an export takes does not
/// depend on how many there are.
/// </summary>
public sealed class ExportReader(IDbContextFactory<CatalogueDb> catalogue, string tenant)
{
    /// <summary>Tracks that are in memory at once.</summary>
    public const int PageSize = 200;

    // An analysis without its lists over time, which are most of its bytes.
    private static readonly Expression<Func<Analysis, Analysis>> WithoutTimes = a => new Analysis
    {
        JobId = a.JobId,
        FileFields = a.FileFields,
        DurationSeconds = a.DurationSeconds,
        Codec = a.Codec,
        SampleRate = a.SampleRate,
        Channels = a.Channels,
        Bpm = a.Bpm,
        BpmConfidence = a.BpmConfidence,
        Metre = a.Metre,
        Key = a.Key,
        KeyConfidence = a.KeyConfidence,
        TuningCents = a.TuningCents,
        IntegratedLufs = a.IntegratedLufs,
        LoudnessRangeLu = a.LoudnessRangeLu,
        TruePeakDbtp = a.TruePeakDbtp,
        QualityFlags = a.QualityFlags,
        Caption = a.Caption,
        Description = a.Description,
        DroppedSentences = a.DroppedSentences,
        Tags = a.Tags,
        ModelProblem = a.ModelProblem,
        AnalysedAt = a.AnalysedAt,
    };

    /// <summary>The fields that the tenant has declared, by name.</summary>
    public async Task<IReadOnlyList<CatalogueField>> DeclaredAsync(CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var fields = await db.DeclaredFields.AsNoTracking().Where(field => field.Tenant == tenant)
            .OrderBy(field => field.Name).ToListAsync(cancel);
        return fields.ConvertAll(field => field.ToField());
    }

    /// <summary>
    /// The selected tracks of the tenant, in order; numbers that it has no track for are passed over.
    /// </summary>
    /// <param name="selection">Which.</param>
    /// <param name="declared"><see cref="DeclaredAsync"/>.</param>
    /// <param name="withTimes">With beats, chords and key segments.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async IAsyncEnumerable<ExportedTrack> ReadAsync(
        TrackSelection selection, IReadOnlyList<CatalogueField> declared, bool withTimes,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var list = await catalogue.CreateDbContextAsync(cancel);
        // One for the whole file, whatever is published while it is written.
        var taxonomy = (await PublishedTaxonomy.OfAsync(list, tenant, cancel)).Taxonomy;
        var ids = selection.Ids?.ToAsyncEnumerable()
            ?? new TrackSearch(list).AllAsync(tenant, selection.Query, cancel);
        await foreach (var page in ids.Chunk(PageSize).WithCancellation(cancel))
        {
            foreach (var track in await PageAsync(page, declared, taxonomy, withTimes, cancel)) yield return track;
        }
    }

    private async Task<IEnumerable<ExportedTrack>> PageAsync(
        long[] ids, IReadOnlyList<CatalogueField> declared, TagTaxonomy taxonomy, bool withTimes,
        CancellationToken cancel)
    {
        await using var db = await catalogue.CreateDbContextAsync(cancel);
        var tracks = await db.Tracks.AsNoTracking().Include(track => track.Job)
            .Where(track => track.Tenant == tenant && ids.Contains(track.Id))
            .ToDictionaryAsync(track => track.Id, cancel);
        var jobs = tracks.Values.Select(track => track.JobId).Distinct().ToList();
        var analyses = db.Analyses.AsNoTracking().Where(analysis => jobs.Contains(analysis.JobId));
        var byJob = await (withTimes ? analyses : analyses.Select(WithoutTimes))
            .ToDictionaryAsync(analysis => analysis.JobId, cancel);
        var contents = tracks.Values.Select(track => track.Job.ContentId).Distinct().ToList();
        var corrections = await db.Corrections.AsNoTracking()
            .Where(correction => correction.Tenant == tenant && contents.Contains(correction.ContentId))
            .ToDictionaryAsync(correction => correction.ContentId, cancel);
        var owners = await db.OwnerRecords.AsNoTracking().Where(owner => ids.Contains(owner.TrackId))
            .ToDictionaryAsync(owner => owner.TrackId, cancel);
        var states = await db.SearchRows.Where(row => ids.Contains(row.TrackId))
            .Select(row => new { row.TrackId, row.State, row.Reason }).ToDictionaryAsync(row => row.TrackId, cancel);
        var lyrics = await LyricsAsync(db, ids, jobs, cancel);
        // Without the vectors, which are as many bytes as all else.
        var embeddings = await db.TrackEmbeddings.Where(embedding => jobs.Contains(embedding.JobId))
            .Select(e => new { e.JobId, Reference = new EmbeddingReference(e.ModelVersion, e.Dimensions) })
            .ToDictionaryAsync(e => e.JobId, e => e.Reference, cancel);
        return from id in ids
               where tracks.ContainsKey(id) && states.ContainsKey(id)
               let track = tracks[id]
               let analysis = byJob.GetValueOrDefault(track.JobId)
               let correction = corrections.GetValueOrDefault(track.Job.ContentId)
               let owner = owners.GetValueOrDefault(id)
               let ofLyrics = lyrics.OfTrack.GetValueOrDefault(id)
                   ?? (StoredLyrics?)lyrics.OfContent.GetValueOrDefault(track.JobId)
               select new ExportedTrack(track, TrackFields.Of(correction, owner, analysis, declared))
               {
                   State = states[id].State,
                   Reason = states[id].Reason,
                   Analysis = analysis,
                   Correction = correction,
                   Owner = owner,
                   Embedding = embeddings.GetValueOrDefault(track.JobId),
                   Lyrics = ofLyrics,
                   Terms = TrackTag.Of(taxonomy, new TagSources(
                       correction, owner, analysis?.FileFields, analysis?.Tags, track.Job.ModelVersion,
                       ofLyrics?.Themes, ofLyrics?.ReadBy)),
                   ModelTags = analysis is { Tags.Count: > 0 } ? TrackTag.TextOf(taxonomy, analysis.Tags) : null,
               };
    }

    // As LyricsStore.ShownAsync says, for many at once.
    private static async Task<(Dictionary<long, TrackLyrics> OfTrack, Dictionary<long, ContentLyrics> OfContent)>
        LyricsAsync(CatalogueDb db, long[] ids, List<long> jobs, CancellationToken cancel)
    {
        var ofTrack = await db.TrackLyrics.AsNoTracking().Where(l => ids.Contains(l.TrackId)).ToListAsync(cancel);
        var ofContent = await db.ContentLyrics.AsNoTracking().Where(l => jobs.Contains(l.JobId)).ToListAsync(cancel);
        return (ofTrack.GroupBy(l => l.TrackId).ToDictionary(l => l.Key, l => l.MinBy(one => one.Source)!),
            ofContent.GroupBy(l => l.JobId).ToDictionary(l => l.Key, l => l.MinBy(one => one.Source)!));
    }
}
