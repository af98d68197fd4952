using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>
/// What people and the owner say of a track, for a model that is to write about it. Which of them is believed is as
/// <see cref="TrackFields.Order"/> has it, so that texts and answers say what the catalogue shows.
/// </summary>
/// <param name="Correction">What people have put right; null where nothing is.</param>
/// <param name="Owner">What an import has brought; null where none has.</param>
public sealed record SaidOfTrack(Correction? Correction, OwnerRecord? Owner)
{
    // From reading what is said to storing the analysis, and two clocks.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Nobody says anything.</summary>
    public static SaidOfTrack Nothing { get; } = new(null, null);

    /// <summary>Of one track.</summary>
    internal static async Task<SaidOfTrack> OfTrackAsync(
        CatalogueDb db, Track track, string contentId, CancellationToken cancel) => new(
        await CorrectionAsync(db, track.Tenant, contentId, cancel),
        await db.OwnerRecords.AsNoTracking().SingleOrDefaultAsync(r => r.TrackId == track.Id, cancel));

    /// <summary>
    /// Of a content that is to be analysed. What its tracks' owners say is about each of them; where several have the
    /// content, it is the first one's that counts.
    /// </summary>
    internal static async Task<SaidOfTrack> OfJobAsync(
        CatalogueDb db, long jobId, string contentId, CancellationToken cancel)
    {
        var tenant = await db.Jobs.Where(j => j.Id == jobId).Select(j => j.Tenant).SingleOrDefaultAsync(cancel);
        if (tenant is null) return Nothing;
        var owner = await (
            from track in db.Tracks.Where(t => t.JobId == jobId)
            join record in db.OwnerRecords.AsNoTracking() on track.Id equals record.TrackId
            orderby track.Id
            select record).FirstOrDefaultAsync(cancel);
        return new SaidOfTrack(await CorrectionAsync(db, tenant, contentId, cancel), owner);
    }

    /// <summary>Whether all was said before an analysis was made, so that the model has been told of it.</summary>
    internal bool IsKnownTo(Analysis analysis) =>
        !(Correction?.At > analysis.AnalysedAt - Longest) && !(Owner?.At > analysis.AnalysedAt - Longest);

    /// <summary>What is known of the track before a model has listened.</summary>
    /// <param name="measured">By tools.</param>
    /// <param name="file">What the file's own tags say.</param>
    internal TrackKnowledge Over(MusicalFacts measured, FieldSet file)
    {
        var facts = Correction?.Over(measured) ?? measured;
        // What could not be measured is what the owner says, else the file.
        facts = facts.CorrectedBy(
            facts.Bpm is null && Correction?.Says(FieldNames.Bpm) != true && Claim(FieldNames.Bpm, file) is { } bpm
                ? double.Parse(bpm, CultureInfo.InvariantCulture)
                : null,
            facts.Key is null && Correction?.Says(FieldNames.Key) != true
                ? MusicalKey.TryParse(Claim(FieldNames.Key, file))
                : null);
        return new TrackKnowledge { Facts = facts, Credits = Credits(file) }
            .CorrectedBy(Correction?.TagText, Groups());
    }

    /// <summary>What the catalogue calls it; null where nobody says.</summary>
    internal string? Title(FieldSet file) => Held(FieldNames.Title, file);

    private TrackCredits Credits(FieldSet file) => new()
    {
        Title = Held(FieldNames.Title, file),
        Artists = Held(FieldNames.Artists, file),
        Album = Held(FieldNames.Album, file),
        Composers = Held("composers", file),
        Label = Held("label", file),
        Released = Held("date", file, or: "year"),
    };

    // Whoever has replaced all tags has replaced the owner's too.
    private IReadOnlyList<(string Group, IReadOnlyList<string> Tags)> Groups()
    {
        var corrected = TrackFields.Groups(Correction?.Fields);
        if (Correction?.TagText is not null) return corrected;
        return
        [
            .. TrackFields.Groups(Owner?.Fields).Where(said => !corrected.Any(other => other.Group == said.Group)),
            .. corrected,
        ];
    }

    private string? Claim(string field, FieldSet file) => Owner?.Fields.One(field) ?? file.One(field);

    // The first who says something: also that there is none.
    private string? Held(string field, FieldSet file, string? or = null)
    {
        foreach (var said in new[] { Correction?.Fields, Owner?.Fields, file })
        {
            if ((said?[field] ?? (or is null ? null : said?[or])) is { } values)
                return values.Count == 0 ? null : string.Join(", ", values);
        }
        return null;
    }

    private static Task<Correction?> CorrectionAsync(
        CatalogueDb db, string tenant, string contentId, CancellationToken cancel) =>
        db.Corrections.AsNoTracking()
            .SingleOrDefaultAsync(c => c.Tenant == tenant && c.ContentId == contentId, cancel);
}
