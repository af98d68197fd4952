using System.Text.RegularExpressions;

namespace OpenMU.Music.Questions;

/// <summary>
/// What nobody can hear of a track and its catalogue knows: what it is called, whose it is, when it came out. Texts of
/// owners and of people, which may say anything: a prompt has them as a quotation only.
/// </summary>
public sealed partial record TrackCredits
{
    private static readonly (Regex Asked, string Name, Func<TrackCredits, string?> Of)[] All =
    [
        (AsksTitle(), "title", credits => credits.Title),
        (AsksArtists(), "artist", credits => credits.Artists),
        (AsksAlbum(), "album", credits => credits.Album),
        (AsksComposers(), "composer", credits => credits.Composers),
        (AsksLabel(), "label", credits => credits.Label),
        (AsksReleased(), "release date", credits => credits.Released),
    ];

    /// <summary>Nothing is known.</summary>
    public static TrackCredits None { get; } = new();

    /// <summary>Of the track.</summary>
    public string? Title { get; init; }

    /// <summary>All of them, in their order.</summary>
    public string? Artists { get; init; }

    /// <summary>Its title.</summary>
    public string? Album { get; init; }

    /// <summary>All of them, in their order.</summary>
    public string? Composers { get; init; }

    /// <summary>The record label.</summary>
    public string? Label { get; init; }

    /// <summary>A year, a month or a day.</summary>
    public string? Released { get; init; }

    /// <summary>Those that are known, a line each; empty where none is.</summary>
    public string Lines => string.Join('\n', All.Select(credit => (credit.Name, Said: credit.Of(this)))
        .Where(credit => credit.Said is not null).Select(credit => $"{credit.Name}: {OneLine(credit.Said!)}"));

    /// <summary>The answer to a question for one of them alone; null where it asks for more, or nobody knows.</summary>
    /// <param name="clause">In words.</param>
    public string? AnswerTo(string clause)
    {
        foreach (var (asked, name, of) in All)
        {
            if (asked.IsMatch(clause)) return of(this) is { } said ? $"The catalogue names as its {name}: {OneLine(said)}." : null;
        }
        return null;
    }

    private static string OneLine(string text) => Spaces().Replace(text, " ").Trim().TrimEnd('.');

    private const string Start = @"^\W*(?:please )?(?:(?:can|could) you )?(?:tell me |name |give me |say )?";

    private const string ThisTrack =
        "(?: (?:of|by|for|on) (?:this|it|the (?:song|track|piece|music|recording)"
        + @"|this (?:song|track|piece|music|recording)))?\W*$";

    private const string It = @"(?:it|this|(?:the|this) (?:song|track|piece|music|recording))";

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(
        Start + "(?:(?:what is )?(?:the|its) (?:title|name)" + ThisTrack + "|what is " + It
        + @" called\W*$|(?:what|which) (?:song|track|piece) is (?:this|it)\W*$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex AsksTitle();

    [GeneratedRegex(
        Start + @"(?:(?:(?:who|what) (?:is|are) )?(?:the|its) (?:artists?|performers?)" + ThisTrack
        + "|who (?:performs|performed|plays|played|made|sings|sang) " + It + @"\W*$|who is " + It + @" by\W*$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex AsksArtists();

    [GeneratedRegex(
        Start + "(?:(?:what is )?(?:the|its) album" + ThisTrack + "|(?:what|which) album is " + It + @" (?:on|from)\W*$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex AsksAlbum();

    [GeneratedRegex(
        Start + @"(?:(?:who (?:is|are) )?(?:the|its) (?:composers?|writers?)" + ThisTrack
        + "|who (?:composed|wrote) " + It + @"\W*$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex AsksComposers();

    [GeneratedRegex(
        Start + "(?:(?:what is )?(?:the|its) (?:record )?label" + ThisTrack + "|(?:what|which) label is " + It + @" on\W*$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex AsksLabel();

    [GeneratedRegex(
        Start + "(?:(?:what is )?(?:the|its) (?:release date|year|year of release)" + ThisTrack
        + "|(?:when|(?:in )?(?:what|which) year) (?:was|did) " + It + @" (?:released|come out|published)\W*$)",
        RegexOptions.IgnoreCase)]
    private static partial Regex AsksReleased();
}
