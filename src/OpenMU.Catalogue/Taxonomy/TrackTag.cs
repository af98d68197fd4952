using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Music;

namespace OpenMU.Catalogue.Taxonomy;

/// <summary>A tag as a track bears it by the taxonomy that its library has published.</summary>
/// <param name="Group">One of <see cref="TagTaxonomy.Groups"/>.</param>
/// <param name="Label">The term's; a word that means no term stands as it was said.</param>
/// <param name="Term">Id of the term; null where the taxonomy has none for the word.</param>
/// <param name="Parents">Labels of all that the term is a kind of, the nearest first.</param>
/// <param name="Confidence">The model's, 0 to 1; null where it is no model's.</param>
/// <param name="Source">What kind of source says it.</param>
/// <param name="By">The model with its version, or the person; null where nobody is named.</param>
/// <param name="Word">What was said.</param>
public sealed record TrackTag(
    string Group, string Label, string? Term, IReadOnlyList<string> Parents, double? Confidence, TagSource Source,
    string? By, string Word)
{
    /// <summary>
    /// All tags of a track. Of each group a person's corrections hold alone; else the owner's words; else what the file
    /// claims and the models heard, side by side, as facets have it; themes of lyrics where nobody says any.
    /// </summary>
    /// <param name="taxonomy">The library's.</param>
    /// <param name="sources">What is said about the track.</param>
    public static IReadOnlyList<TrackTag> Of(TagTaxonomy taxonomy, TagSources sources)
    {
        var tags = TagTaxonomy.Groups.SelectMany(group => Said(group, sources))
            .SelectMany(said => Meant(taxonomy, said));
        return
        [
            .. from tag in tags
               group tag by (tag.Group, tag.Term ?? tag.Label.ToLowerInvariant(), tag.Source) into same
               let surest = same.MaxBy(tag => tag.Confidence ?? 1)!
               orderby Place(surest.Group), surest.Source, surest.Confidence ?? 1 descending
               select surest,
        ];
    }

    /// <summary>The tags of the model in one text, as lists show them.</summary>
    /// <param name="taxonomy">The library's.</param>
    /// <param name="scores">As the model gave them, in its order.</param>
    public static string TextOf(TagTaxonomy taxonomy, IEnumerable<TagScore> scores) => string.Join(
        ", ",
        scores.SelectMany(score => TrackFields.FieldOfGroup(score.Group) is null
            ? [score.Tag]
            : Meant(taxonomy, new SaidTag(score.Group, score.Tag, score.Confidence, TagSource.Model, null))
                .Select(tag => tag.Label)).Distinct());

    /// <summary>The tags of some tracks, and the text of each: a person's own tags, else the model's.</summary>
    public static async Task<IReadOnlyDictionary<long, (IReadOnlyList<TrackTag> Tags, string? Text)>> LoadAsync(
        CatalogueDb db, string tenant, TagTaxonomy taxonomy, IReadOnlyCollection<long> ids, CancellationToken cancel)
    {
        var tracks = await db.Tracks.AsNoTracking().Where(track => track.Tenant == tenant && ids.Contains(track.Id))
            .Select(track => new { track.Id, track.JobId, track.Job.ContentId, track.Job.ModelVersion })
            .ToListAsync(cancel);
        var jobs = tracks.Select(track => track.JobId).Distinct().ToList();
        var contents = tracks.Select(track => track.ContentId).Distinct().ToList();
        var analyses = await db.Analyses.AsNoTracking().Where(analysis => jobs.Contains(analysis.JobId))
            .Select(analysis => new { analysis.JobId, analysis.Tags, analysis.FileFields })
            .ToDictionaryAsync(analysis => analysis.JobId, cancel);
        var corrections = await db.Corrections.AsNoTracking()
            .Where(correction => correction.Tenant == tenant && contents.Contains(correction.ContentId))
            .ToDictionaryAsync(correction => correction.ContentId, cancel);
        var owners = await db.OwnerRecords.AsNoTracking().Where(owner => ids.Contains(owner.TrackId))
            .ToDictionaryAsync(owner => owner.TrackId, cancel);
        var ofTrack = (await db.TrackLyrics.AsNoTracking().Where(lyrics => ids.Contains(lyrics.TrackId))
            .Select(lyrics => new { lyrics.TrackId, lyrics.Source, lyrics.Themes, lyrics.ReadBy }).ToListAsync(cancel))
            .GroupBy(lyrics => lyrics.TrackId).ToDictionary(all => all.Key, all => all.MinBy(one => one.Source)!);
        var ofContent = (await db.ContentLyrics.AsNoTracking().Where(lyrics => jobs.Contains(lyrics.JobId))
            .Select(lyrics => new { lyrics.JobId, lyrics.Source, lyrics.Themes, lyrics.ReadBy }).ToListAsync(cancel))
            .GroupBy(lyrics => lyrics.JobId).ToDictionary(all => all.Key, all => all.MinBy(one => one.Source)!);
        return tracks.ToDictionary(track => track.Id, track =>
        {
            var analysis = analyses.GetValueOrDefault(track.JobId);
            var correction = corrections.GetValueOrDefault(track.ContentId);
            var lyrics = ofTrack.TryGetValue(track.Id, out var own)
                ? (own.Themes, own.ReadBy)
                : ofContent.TryGetValue(track.JobId, out var found) ? (found.Themes, found.ReadBy) : default;
            var tags = Of(taxonomy, new TagSources(
                correction, owners.GetValueOrDefault(track.Id),
                analysis?.FileFields, analysis?.Tags, track.ModelVersion, lyrics.Themes, lyrics.ReadBy));
            return (tags, correction?.TagText ?? (analysis is null ? null : TextOf(taxonomy, analysis.Tags)));
        });
    }

    private static IEnumerable<SaidTag> Said(string group, TagSources sources)
    {
        var field = TrackFields.FieldOfGroup(group)!;
        if (sources.Correction?.Fields[field] is { } corrected)
            return Words(group, corrected, TagSource.Correction, sources.Correction.By);
        if (sources.Owner?.Fields[field] is { } owned) return Words(group, owned, TagSource.Owner, sources.Owner.By);
        var heard = (sources.Scores ?? []).Where(score => score.Group == group).ToList();
        var claimed = sources.File?[field];
        if (group == "theme" && claimed is null && heard.Count == 0 && sources.Themes is { } themes)
            return Words(group, themes.Split(", "), TagSource.Lyrics, sources.ReadBy);
        return
        [
            .. Words(group, claimed ?? [], TagSource.File, null),
            .. heard.Select(score =>
                new SaidTag(group, score.Tag, score.Confidence, TagSource.Model, sources.ModelVersion)),
        ];
    }

    private static IEnumerable<SaidTag> Words(
        string group, IEnumerable<string> words, TagSource source, string? by) =>
        words.Select(word => new SaidTag(group, word, null, source, by));

    private static IEnumerable<TrackTag> Meant(TagTaxonomy taxonomy, SaidTag said)
    {
        var facet = new Facet(said.Group, said.Word)
        {
            Certainty = said.Confidence is { } confidence ? Facet.StepOf(confidence) : null,
        };
        var meaning = TaxonomyMeaning.Of(taxonomy, facet);
        if (meaning.IsWord)
            return [new TrackTag(said.Group, said.Word, null, [], said.Confidence, said.Source, said.By, said.Word)];
        return meaning.Terms.Select(term => new TrackTag(
            term.Group, term.Label, term.Id, [.. taxonomy.Above(term).Select(parent => parent.Label)], said.Confidence,
            said.Source, said.By, said.Word));
    }

    private static int Place(string group) => TagTaxonomy.Groups.TakeWhile(known => known != group).Count();

    private sealed record SaidTag(string Group, string Word, double? Confidence, TagSource Source, string? By);
}

/// <summary>What kind of source says a tag, in the order in which they are believed.</summary>
public enum TagSource
{
    /// <summary>A person who has put it right.</summary>
    Correction,

    /// <summary>The owner's data, by an import.</summary>
    Owner,

    /// <summary>The file's own tags.</summary>
    File,

    /// <summary>A model that has heard it.</summary>
    Model,

    /// <summary>The words that are sung.</summary>
    Lyrics,
}

/// <summary>All that is said about a track's tags.</summary>
/// <param name="Correction">Null where nobody has put anything right; so for the others.</param>
/// <param name="Owner">The owner's.</param>
/// <param name="File">The file's own.</param>
/// <param name="Scores">The model's.</param>
/// <param name="ModelVersion">Of the model that has listened.</param>
/// <param name="Themes">Of the lyrics, separated by commas.</param>
/// <param name="ReadBy">The model that has read them.</param>
public sealed record TagSources(
    Correction? Correction, OwnerRecord? Owner, FieldSet? File, IReadOnlyList<TagScore>? Scores, string? ModelVersion,
    string? Themes, string? ReadBy);
