using System.Globalization;

namespace OpenMU.Music.Grounding;

/// <summary>
/// Writes about a track what was decided and measured, in plain sentences that are the same for the same facts. It
/// stands in where nothing that a model wrote could be kept.
/// </summary>
public static class PlainWriter
{
    private const int MostInstruments = 4;

    // A piece that is one of these needs no other noun.
    private static readonly HashSet<string> Forms = ["ballad", "waltz", "march", "polka"];

    /// <summary>One sentence: tempo, moods, genre and instruments; the key where little else is known.</summary>
    public static string Caption(MusicalFacts facts)
    {
        var (moods, instruments) = (Moods(facts), Instruments(facts));
        var tempo = facts.TempoClass is { } tempoClass ? TempoWord(tempoClass) : null;
        var adjectives = string.Join(", ", new[] { tempo, List(moods) }.Where(word => !string.IsNullOrEmpty(word)));
        var piece = string.Join(' ', new[] { adjectives, Piece(facts) }.Where(word => word.Length > 0));
        var sentence = $"{Article(piece)} {piece}";
        if (instruments.Count > 0) sentence += $" with {List(instruments)}";
        else if (facts.Key is { } key) sentence += $" in {key.Name}";
        return sentence + ".";
    }

    /// <summary>A sentence for each thing that is known, the caption's among them.</summary>
    public static string Description(MusicalFacts facts)
    {
        var sentences = new List<string> { Caption(facts) };
        if (facts.Bpm is { } bpm)
        {
            sentences.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"The tempo is about {Math.Round(Math.Round(bpm, 1)):0} beats per minute."));
        }

        if (facts.BeatsInBar is { } beats and > 1)
            sentences.Add(string.Create(CultureInfo.InvariantCulture, $"There are {beats} beats in each bar."));
        if (facts.Key is { } key) sentences.Add($"The key is {key.Name}.");
        if (facts.HasLyrics) sentences.Add("It has lyrics.");
        return string.Join(' ', sentences);
    }

    /// <summary>The tempo's class as an adjective.</summary>
    public static string TempoWord(string tempoClass) => tempoClass == "medium" ? "mid-tempo" : tempoClass;

    /// <summary>"strings, brass and choir".</summary>
    public static string List(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";

    private static string Piece(MusicalFacts facts) => facts.Decisions.In(MusicTerms.Genre).FirstOrDefault() switch
    {
        null => "piece",
        var form when Forms.Contains(form) => form,
        var genre => $"{genre} piece",
    };

    private static List<string> Moods(MusicalFacts facts) => [.. facts.Decisions.In(MusicTerms.Mood).Take(2)];

    private static List<string> Instruments(MusicalFacts facts) =>
        [.. facts.Decisions.In(MusicTerms.Instrument).Take(MostInstruments)];

    private static string Article(string noun) => noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "An" : "A";
}
