using System.Globalization;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Fields;

/// <summary>A field of one track: what holds, who says so, and what others say.</summary>
/// <param name="Field">The field.</param>
/// <param name="Values">What holds.</param>
/// <param name="Origin">Who says so.</param>
/// <param name="Claims">What each source says, that of <paramref name="Origin"/> included where it says something of
/// this field itself, and not only of the date that a year is taken from.</param>
public sealed record FieldView(
    CatalogueField Field, IReadOnlyList<string> Values, FieldOrigin Origin,
    IReadOnlyDictionary<FieldOrigin, IReadOnlyList<string>> Claims)
{
    /// <summary>What owner and file say otherwise than was measured.</summary>
    public IReadOnlyList<FieldDifference> Differences => TrackDifferences.Of([this]);
}

/// <summary>Who says something about a track, in the order in which they are believed.</summary>
public enum FieldOrigin
{
    /// <summary>A person who has put it right.</summary>
    Correction,

    /// <summary>The owner's data, by an import.</summary>
    Owner,

    /// <summary>The file's own tags.</summary>
    File,

    /// <summary>Our tools and models. What they measure stands above owner and file.</summary>
    Found,
}

/// <summary>
/// All fields of a track from their sources. A correction stands above all. Of what can be measured (tempo, key, metre,
/// duration) the measurement comes next; of what can only be known, the owner, then the file, then what a model heard.
/// </summary>
public static class TrackFields
{
    private static readonly FieldOrigin[] Known =
        [FieldOrigin.Correction, FieldOrigin.Owner, FieldOrigin.File, FieldOrigin.Found];

    private static readonly FieldOrigin[] Measured =
        [FieldOrigin.Correction, FieldOrigin.Found, FieldOrigin.Owner, FieldOrigin.File];

    private static readonly string[] GroupNames = ["genre", "mood", "instrument", "theme", "voice", "energy", "era"];

    private static readonly HashSet<string> Measurable =
        [FieldNames.Bpm, FieldNames.Key, FieldNames.Metre, "duration"];

    /// <summary>Whether tools measure a field, so that what owner and file say of it is only a claim.</summary>
    public static bool IsMeasurable(string field) => Measurable.Contains(field);

    /// <summary>The order in which sources of a field are believed.</summary>
    public static IReadOnlyList<FieldOrigin> Order(string field) => Measurable.Contains(field) ? Measured : Known;

    /// <summary>All fields that somebody says something about, in the order of <see cref="CatalogueField.Known"/>, the
    /// declared ones after them.</summary>
    /// <param name="correction">Null where nobody has put anything right; so for the others.</param>
    /// <param name="owner">The owner's.</param>
    /// <param name="analysis">With the file's own.</param>
    /// <param name="declared">The tenant's own fields.</param>
    public static IReadOnlyList<FieldView> Of(
        Correction? correction, OwnerRecord? owner, Analysis? analysis, IReadOnlyList<CatalogueField> declared)
    {
        var sources = new Dictionary<FieldOrigin, FieldSet>
        {
            [FieldOrigin.Correction] = correction?.Fields ?? FieldSet.Empty,
            [FieldOrigin.Owner] = owner?.Fields ?? FieldSet.Empty,
            [FieldOrigin.File] = analysis?.FileFields ?? FieldSet.Empty,
            [FieldOrigin.Found] = analysis is null ? FieldSet.Empty : Found(analysis),
        };
        var views = new List<FieldView>();
        foreach (var field in CatalogueField.Known.Concat(declared))
        {
            var claims = sources.Where(source => source.Value[field.Name] is not null)
                .ToDictionary(source => source.Key, source => source.Value[field.Name]!);
            if (claims.Count == 0) continue;
            var origin = Order(field.Name).First(claims.ContainsKey);
            views.Add(new FieldView(field, claims[origin], origin, claims));
        }

        AgreeOnTheYear(views);
        return views;
    }

    // Somebody who puts the date right leaves the year as a source had it that is believed less: the year is then the
    // date's.
    private static void AgreeOnTheYear(List<FieldView> views)
    {
        var at = views.FindIndex(view => view.Field.Name == "year");
        var date = views.Find(view => view.Field.Name == "date");
        if (at < 0 || date is not { Values: [{ Length: >= 4 } day, ..] } || date.Origin >= views[at].Origin) return;
        views[at] = views[at] with { Values = [day[..4]], Origin = date.Origin };
    }

    /// <summary>What tools and models say, as fields.</summary>
    public static FieldSet Found(Analysis analysis)
    {
        var fields = FieldSet.Empty;
        Add(FieldNames.Bpm, Number(analysis.Bpm));
        Add(FieldNames.Key, analysis.Key?.Name);
        Add(FieldNames.Metre, Number(analysis.Metre));
        Add("duration", Number(analysis.DurationSeconds));
        Add(FieldNames.Caption, analysis.Caption);
        Add("description", analysis.Description);
        foreach (var group in analysis.Tags.GroupBy(tag => tag.Group))
        {
            if (FieldOfGroup(group.Key) is { } name) fields = fields.With(name, [.. group.Select(tag => tag.Tag)]);
        }

        return fields;

        void Add(string name, string? value)
        {
            if (value is not null) fields = fields.With(name, [value]);
        }
    }

    /// <summary>The tags of each group that a source says something about, no tags included.</summary>
    public static IReadOnlyList<(string Group, IReadOnlyList<string> Tags)> Groups(FieldSet? fields) =>
        [.. from field in fields?.Said ?? FieldSet.Empty.Said
            let name = GroupNames.FirstOrDefault(known => FieldOfGroup(known) == field.Key)
            where name is not null
            select (name, field.Value)];

    /// <summary>The field that holds the tags of a group; null where none does.</summary>
    public static string? FieldOfGroup(string group) => group switch
    {
        "genre" => FieldNames.Genres,
        "mood" => FieldNames.Moods,
        "instrument" => FieldNames.Instruments,
        "theme" => FieldNames.Themes,
        "voice" => FieldNames.Voices,
        "energy" => "energy",
        "era" => "era",
        _ => null,
    };

    private static string? Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture);
}
