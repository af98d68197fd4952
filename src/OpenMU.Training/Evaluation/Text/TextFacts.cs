using System.Text.RegularExpressions;
using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>Finds the facts that a text states, by the words of <see cref="MusicVocabulary"/> and the spellings of metres and keys.</summary>
public static partial class TextFacts
{
    private static readonly (string Aspect, IReadOnlyList<Label> Labels)[] Words =
    [
        (Fact.Genre, MusicVocabulary.Genres), (Fact.Instrument, MusicVocabulary.Instruments), (Fact.Mood, MusicVocabulary.Moods), (Fact.TempoClass, MusicVocabulary.TempoClasses),
    ];

    /// <summary>
    /// Each fact once. What a text denies ("without drums") is no fact; a mode counts by itself only where no key is named.
    /// </summary>
    public static IReadOnlySet<Fact> In(string text)
    {
        var affirmed = Denied().Replace(text, " ");
        var facts = Words.SelectMany(words => MusicVocabulary.Mentioned(words.Labels, affirmed).Select(name => new Fact(words.Aspect, name))).ToHashSet();
        facts.UnionWith(Metres().Matches(affirmed).Select(match => new Fact(Fact.Metre, match.Value)));
        Fact[] keys = [.. Keys().Matches(affirmed).Select(match => KeyOf(match.Value)).OfType<Fact>()];
        facts.UnionWith(keys.Length > 0 ? keys : Modes().Matches(affirmed).Select(match => new Fact(Fact.Mode, match.Value.ToLowerInvariant())));
        return facts;
    }

    /// <summary>The fact behind a key's name such as "C# minor", "Bb major" or "E flat major"; null if it is none.</summary>
    public static Fact? KeyOf(string name)
    {
        var match = Keys().Match(name);
        if (!match.Success) return null;
        var accidental = match.Groups["accidental"].Value.TrimStart('-', ' ').ToLowerInvariant() switch { "#" or "♯" or "sharp" => 1, "b" or "♭" or "flat" => -1, _ => 0 };
        var pitch = ("C D EF G A B".IndexOf(match.Groups["letter"].Value, StringComparison.Ordinal) + accidental + 12) % 12;
        return new(Fact.Key, $"{pitch} {match.Groups["mode"].Value.ToLowerInvariant()}");
    }

    /// <summary>The label that a text names first; null for none. What lyrics are about is said before lines of theirs are quoted.</summary>
    public static string? First(IReadOnlyList<Label> labels, string text)
    {
        for (var length = 1; length <= text.Length; length++)
        {
            // A word counts once it is complete, so a prefix ends where a word does.
            if (length < text.Length && char.IsLetterOrDigit(text[length])) continue;
            if (MusicVocabulary.Mentioned(labels, text[..length]) is [var first, ..]) return first;
        }
        return null;
    }

    [GeneratedRegex(@"(?i)\b(?:no|not|without|lacks|lacking|instead of|than|drums are absent)\b[^.,;:!?]*")]
    private static partial Regex Denied();

    [GeneratedRegex(@"(?<![\d/])(?:[2-9]|12)/(?:2|4|8|16)(?![\d/])")]
    private static partial Regex Metres();

    [GeneratedRegex(@"(?<![\w#])(?<letter>[A-G])(?<accidental>#|b|♯|♭|[- ](?:sharp|flat))? ?-?(?<mode>(?i:major|minor))\b(?! (?:role|part|third|seventh|sixth|chord))")]
    private static partial Regex Keys();

    [GeneratedRegex(@"(?i)\b(?:major|minor)\b(?! (?:role|part|third|seventh|sixth|chord))")]
    private static partial Regex Modes();
}
