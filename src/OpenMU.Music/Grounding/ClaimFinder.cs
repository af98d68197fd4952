using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>
/// Finds what a text claims of a track that can be measured or decided. The product compares claims with what is known
/// (<see cref="GroundedText"/>), the benchmark with the truth. In doubt a word is a claim: "Am" at the
/// beginning of a question is a chord. What one expression has found is not looked at by the next, so that the
/// 4 of 4/4 is no other number.
/// </summary>
public static partial class ClaimFinder
{
    private const string Root =
        @"(?<root>[A-G](?:#|♯|♭|b(?!\w)|b(?=m|min|maj|dim|aug|sus|\d)|[- ](?:sharp|flat))?)";

    // What "A minor" may be besides a key.
    private const string OtherNouns = "(?:role|part|third|seventh|sixth|chord)";

    private const string Numerals = "two|three|four|five|six|seven|nine|twelve";

    private static readonly (Regex Spelling, Func<Match, Claim> Claim)[] All =
    [
        (MetreInFigures(), match => new MetreClaim(Number(match, "beats"), Number(match, "unit"))),
        (MetreInWords(), match =>
            new MetreClaim(Number(match, "beats"), Number(match, "unit") is var unit and not 2 ? unit : null)),
        (BeatsInBar(), match => new MetreClaim(Number(match, "beats"), Unit: null)),
        (NamedMetre(), match => match.Groups["name"].Value.ToLowerInvariant() switch
        {
            "duple" or "cut" => new MetreClaim(2, Unit: null, Or: 4),
            "triple" => new MetreClaim(3, Unit: null),
            "common" => new MetreClaim(4, 4),
            _ => new MetreClaim(4, Unit: null),
        }),
        (Keys(), match =>
            new KeyClaim(Pitch(match), IsMinor(match), OrChord: true, IsInDoubt: match.Groups["noun"].Success)),
        (KeysWithoutMode(), match => new KeyClaim(Pitch(match), IsMinor: null, OrChord: false, IsInDoubt: false)),
        (ChordSymbols(), match =>
            new ChordClaim(Pitch(match), match.Groups["mode"].Value == "5" ? null : IsMinor(match))),
        (PitchesWithAccidental(), match => new KeyClaim(Pitch(match), IsMinor: null, OrChord: true, IsInDoubt: false)),
        (RomanNumerals(), _ => new UnmeasuredClaim(ClaimKind.Chord)),
        (SpelledTempo(), _ => new UnmeasuredClaim(ClaimKind.Tempo)),
        (Modes(), match => new ModeClaim(IsMinor(match), IsInDoubt: !match.Groups["named"].Success)),
        (Figures(), match => new FigureClaim(match.Value, match.Groups["unit"].Success)),
    ];

    /// <summary>The claims of a text, those of one kind after another.</summary>
    public static IReadOnlyList<Claim> Find(string text)
    {
        var claims = new List<Claim>();
        var rest = text;
        foreach (var (spelling, claim) in All) rest = Take(spelling, claim, rest, claims);

        // In a text about chords, single letters are chords.
        if (AboutChords().IsMatch(text))
            Take(SingleLetters(), match => new ChordClaim(Pitch(match), IsMinor: null), rest, claims);
        return [.. claims, .. TermFinder.Find(text)];
    }

    /// <summary>Whether what is known of a track confirms everything that a sentence claims.</summary>
    public static bool Hold(string sentence, MusicalFacts facts) =>
        Find(sentence).All(claim => claim.IsConfirmedBy(facts));

    /// <summary>The claims of a text that what is known of the track does not confirm.</summary>
    public static IEnumerable<Claim> Contradictions(string text, MusicalFacts facts) =>
        Find(text).Where(claim => !claim.IsConfirmedBy(facts));

    private static string Take(Regex spelling, Func<Match, Claim> claim, string text, List<Claim> claims) =>
        spelling.Replace(text, match =>
        {
            claims.Add(claim(match));
            return " ";
        });

    private static int Pitch(Match match) => PitchClass.TryParse(match.Groups["root"].Value)!.Value;

    private static bool IsMinor(Match match) => match.Groups["mode"].Value.ToLowerInvariant() is ['m', .. var rest]
        && !rest.StartsWith("aj", StringComparison.Ordinal);

    private static int Number(Match match, string group) => match.Groups[group].Value.ToLowerInvariant() switch
    {
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "twelve" => 12,
        var figure => int.Parse(figure, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"(?<![\d/.,])(?<beats>[0-9]{1,2})/(?<unit>2|4|8|16)(?![\d/])")]
    private static partial Regex MetreInFigures();

    [GeneratedRegex($@"\b(?<beats>{Numerals})[- ](?<unit>two|four|eight)\b(?!-)", RegexOptions.IgnoreCase)]
    private static partial Regex MetreInWords();

    [GeneratedRegex(
        $@"\b(?<beats>{Numerals}|[0-9]{{1,2}}) beats (?:per|in (?:each|every|a|the)|to (?:the|a|each)|a) (?:bar|measure)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex BeatsInBar();

    [GeneratedRegex(@"\b(?<name>duple|triple|quadruple|common|cut)[- ](?:metre|meter|time)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NamedMetre();

    [GeneratedRegex(@"(?<![\w#♯♭])" + Root + @"[- ]?(?<mode>(?i:major|minor))\b(?=(?<noun> " + OtherNouns + ")?)")]
    private static partial Regex Keys();

    [GeneratedRegex(@"\b[Kk]ey (?:of|is|:) ?" + Root + @"(?!\w)")]
    private static partial Regex KeysWithoutMode();

    [GeneratedRegex(@"(?<![\w#♯♭'’])" + Root
        + @"(?<mode>maj7|maj9|maj|min7|min|m7b5|m7|m9|m6|m|5|7|9|6|11|13|sus2|sus4|dim7|dim|aug|add9)(?![\w#])")]
    private static partial Regex ChordSymbols();

    [GeneratedRegex(@"(?<![\w#♯♭'’])(?<root>[A-G](?:#|♯|♭|b|[- ](?:sharp|flat)))(?!\w)")]
    private static partial Regex PitchesWithAccidental();

    [GeneratedRegex(
        @"(?<!\w)b?(?:[IV]{1,3}|[iv]{1,3})(?:maj7|7|°)?(?:\s*[–—-]\s*b?(?:[IV]{1,3}|[iv]{1,3})(?:maj7|7|°)?)+(?!\w)")]
    private static partial Regex RomanNumerals();

    [GeneratedRegex(
        @"\b(?:ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b[\w -]*\b(?:bpm|beats (?:per|a) minute)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex SpelledTempo();

    [GeneratedRegex(
        $@"\b(?<mode>major|minor)\b(?:(?<named>[- ](?:key|mode|tonality|scale)\b)|(?! {OtherNouns}))",
        RegexOptions.IgnoreCase)]
    private static partial Regex Modes();

    [GeneratedRegex(@"\d+(?:[.,]\d+)*(?=(?<unit>\s*(?i:bpm|beats)\b)?)")]
    private static partial Regex Figures();

    [GeneratedRegex(@"\b(?:chords?|progressions?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AboutChords();

    /// <summary>An A before a word in small letters is an article.</summary>
    [GeneratedRegex(@"(?<![\w'’.])(?<root>[B-G]|A(?!\s+[a-z]))(?![\w'’])")]
    private static partial Regex SingleLetters();
}
