using System.Text.Encodings.Web;
using System.Text.Json;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Search;

/// <summary>
/// What one source (analysis, owner, correction, lyrics) gives to search, folded when it is saved: an object of texts
/// by field, with <c>order</c> for what is sorted by, <c>facets</c> by group and <c>custom</c> by declared field. The
/// databases only lay the sources above one another, field by field, and copy.
/// </summary>
internal sealed class SearchDocument
{
    private static readonly JsonSerializerOptions Json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly HashSet<string> Words = [.. SearchColumns.Fields.Values.SelectMany(fields => fields)];

    // Fields whose values are facets; what the tools measure has its own.
    private static readonly Dictionary<string, string> GroupOfField = new()
    {
        [FieldNames.Genres] = "genre",
        [FieldNames.Moods] = "mood",
        [FieldNames.Instruments] = "instrument",
        [FieldNames.Themes] = "theme",
        [FieldNames.Voices] = "voice",
        ["energy"] = "energy",
        ["era"] = "era",
        [FieldNames.Tags] = "tag",
        ["language"] = "language",
        ["explicit"] = "explicit",
    };

    private readonly SortedDictionary<string, List<string>> words = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<string>> facets = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<string>> custom = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> order = new(StringComparer.Ordinal);

    /// <summary>What the tools, the model and the file's tags say. What a file claims about genre or mood stands beside
    /// what was heard: neither is more than a claim.</summary>
    public static string Of(Analysis analysis)
    {
        var document = new SearchDocument();
        document.Take(TrackFields.Found(analysis), withFacets: false);
        document.Take(analysis.FileFields);
        document.Say(FieldNames.Title, analysis.Title);
        document.Say(FieldNames.Artists, analysis.Artist);
        document.Say(FieldNames.Album, analysis.Album);
        foreach (var tag in analysis.Tags)
        {
            if (TrackFields.FieldOfGroup(tag.Group) is not null)
            {
                document.Facet(tag.Group, tag.Tag, Search.Facet.StepOf(tag.Confidence));
                continue;
            }

            document.Say(FieldNames.Tags, tag.Tag);
            document.Facet("tag", tag.Tag);
        }

        if (analysis.Title is not null) document.order[FieldNames.Title] = SortKey(analysis.Title);
        if (analysis.Artist is not null) document.order[FieldNames.Artists] = SortKey(analysis.Artist);
        document.Measured(analysis.Bpm, analysis.Metre);
        if (analysis.TempoSegments.Count > 1) document.Facet("tempo", "changing");
        foreach (var flag in analysis.QualityFlags) document.Facet("quality", flag);
        document.Source("measured", true);
        document.Source("file", !analysis.FileFields.IsEmpty);
        document.Source("model", analysis.Caption is not null || analysis.Tags.Count > 0);
        return document.ToString();
    }

    /// <summary>What the owner says.</summary>
    public static string Of(OwnerRecord owner)
    {
        var document = OfFields(owner.Fields);
        document.Source("owner", !owner.Fields.IsEmpty);
        return document.ToString();
    }

    /// <summary>What people have put right.</summary>
    public static string Of(Correction correction)
    {
        var document = OfFields(correction.Fields);
        if (correction.Says(FieldNames.Bpm)) Texts(document.facets, "tempo");
        if (correction.Says(FieldNames.Metre)) Texts(document.facets, "metre");
        document.Measured(correction.Bpm, correction.Metre);
        document.Source("correction", !correction.Fields.IsEmpty);
        if (!correction.Fields.IsEmpty) document.Facet("corrected", "yes");
        if (correction.ApprovedBy is not null) document.Facet("approved", "yes");
        if (correction.LockedBy is not null) document.Facet("locked", "yes");
        return document.ToString();
    }

    /// <summary>The words that are sung, and what is known of them.</summary>
    public static string Of(StoredLyrics lyrics)
    {
        var document = new SearchDocument();
        document.Say("lyrics", lyrics.Text);
        document.Facet("lyrics", "yes");
        if (lyrics.Language is { } language) document.Facet("language", language);
        if (lyrics.IsExplicit is { } isExplicit) document.Facet("explicit", YesNo(isExplicit));
        foreach (var theme in lyrics.Themes?.Split(", ") ?? []) document.Facet("theme", theme);
        return document.ToString();
    }

    /// <summary>The words of a file's path.</summary>
    public static string OfFileName(string path)
    {
        var dot = path.LastIndexOf('.');
        var name = dot > path.LastIndexOf('/') + 1 ? $"{path[..dot]} {path[(dot + 1)..]}" : path;
        return SearchFold.Fold(name.Replace('/', ' ').Replace('\\', ' '));
    }

    /// <summary>The group of a declared field: its name in small letters.</summary>
    public static string CustomGroup(string field) => field.Trim().ToLowerInvariant();

    /// <inheritdoc />
    public override string ToString()
    {
        var all = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (field, texts) in words) all[field] = SearchFold.Fold(string.Join(" \n ", texts.Distinct()));
        all["order"] = order;
        all["facets"] = Joined(facets);
        all["custom"] = custom.ToDictionary(
            field => field.Key, field => SearchFold.Fold(string.Join(" \n ", field.Value)));
        return JsonSerializer.Serialize(all, Json);
    }

    private static Dictionary<string, string> Joined(IDictionary<string, List<string>> tokens) =>
        tokens.ToDictionary(group => group.Key, group => string.Join(' ', group.Value.Distinct()));

    private static SearchDocument OfFields(FieldSet fields)
    {
        var document = new SearchDocument();
        document.Take(fields);
        if (fields[FieldNames.Title] is not null)
            document.order[FieldNames.Title] = SortKey(fields.One(FieldNames.Title));
        if (fields[FieldNames.Artists] is not null)
            document.order[FieldNames.Artists] = SortKey(fields.Joined(FieldNames.Artists));
        return document;
    }

    private static string YesNo(bool isYes) => isYes ? "yes" : "no";

    private static string SortKey(string? text) => SearchFold.SortKey(text, Storage.CatalogueDb.MaxNameLength);

    // A field without a value is said to be empty, which is more than nothing.
    private void Take(FieldSet fields, bool withFacets = true)
    {
        foreach (var (field, values) in fields.Said)
        {
            if (Words.Contains(field)) Texts(words, field).AddRange(values);
            if (withFacets && GroupOfField.TryGetValue(field, out var group))
            {
                Texts(facets, group);
                foreach (var value in values) Facet(group, field == "explicit" ? YesNo(value == "true") : value);
            }

            if (!field.StartsWith(CatalogueField.CustomPrefix, StringComparison.Ordinal)) continue;
            Texts(custom, field).AddRange(values);
            Texts(facets, CustomGroup(field));
            foreach (var value in values) Facet(CustomGroup(field), value);
        }
    }

    private void Measured(double? bpm, int? metre)
    {
        if (bpm is { } beats) Facet("tempo", MusicVocabulary.TempoClassOf(beats));
        if (metre is { } units) Facet("metre", Metre.OfUnits(units).Label);
    }

    private void Say(string field, string? text)
    {
        if (!string.IsNullOrEmpty(text)) Texts(words, field).Add(text);
    }

    private void Facet(string group, string value, int? certainty = null)
    {
        if (Search.Facet.Clean(value).Length == 0) return;
        var facet = new Facet(group, value) { Certainty = certainty };
        Texts(facets, group).Add(facet.Token);
        if (certainty is not null) Texts(facets, group).Add(facet.SaidToken);
    }

    // Each source has a place of its own, so that none hides another.
    private void Source(string source, bool isThere)
    {
        if (isThere) Texts(facets, $"source {source}").Add(new Facet("source", source).Token);
    }

    private static List<string> Texts(SortedDictionary<string, List<string>> of, string name) =>
        of.TryGetValue(name, out var texts) ? texts : of[name] = [];
}
