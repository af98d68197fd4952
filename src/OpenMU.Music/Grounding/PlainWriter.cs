using System.Globalization;

namespace OpenMU.Music.Grounding;

/// <summary>
/// Writes about a track what was decided and measured, in plain sentences that are the same for the same facts. It
/// stands in where nothing that a model wrote could be kept. Which of a few shapes a sentence has follows from its
/// words, so that a list of tracks does not read like a form.
/// </summary>
public static class PlainWriter
{
    private const int MostInstruments = 4;

    // A piece that is one of these needs no other noun.
    private static readonly HashSet<string> Forms = ["ballad", "waltz", "march", "polka"];

    /// <summary>One sentence: tempo, moods, genre and instruments; the key where little else is known.</summary>
    public static string Caption(MusicalFacts facts)
    {
        if (facts.NoMusic is { } sound) return WithoutMusic(sound);
        var (moods, instruments) = (List(Moods(facts)), Instruments(facts));
        var tempo = facts.TempoClass is { } tempoClass ? TempoWord(tempoClass) : "";
        var (noun, key) = (Piece(facts), instruments.Count == 0 ? facts.Key?.Name : null);
        var all = Phrase(Joined(", ", tempo, moods), noun) + With(instruments) + In(key);
        List<string> shapes = [$"{all}."];
        if (moods.Length > 0 && instruments.Count > 0)
        {
            shapes.Add($"{Capital(moods)}, this {Joined(" ", tempo, noun)} features {List(instruments)}.");
            shapes.Add($"{Phrase(tempo, noun)} that feels {moods},{With(instruments)}.");
        }

        if (instruments.Count > 1)
            shapes.Add($"{Capital(List(instruments))} play {Lower(Phrase(Joined(", ", tempo, moods), noun))}.");
        if (instruments.Count == 0 && moods.Length > 0) shapes.Add($"{Phrase(tempo, noun)}{In(key)} that feels {moods}.");
        return shapes[all.Sum(letter => letter) % shapes.Count];
    }

    /// <summary>The caption, and sentences for what else is known.</summary>
    public static string Description(MusicalFacts facts)
    {
        var caption = Caption(facts);
        if (facts.NoMusic is not null)
        {
            return facts.DurationSeconds is { } seconds
                ? string.Create(CultureInfo.InvariantCulture, $"{caption} It lasts {seconds:0.0} seconds.")
                : caption;
        }

        var sentences = new List<string> { caption };
        var key = facts.Key is { } known && !caption.Contains(known.Name, StringComparison.Ordinal) ? known.Name : null;
        var bpm = facts.Bpm is { } tempo ? $"{Math.Round(Math.Round(tempo, 1)).ToString("0", CultureInfo.InvariantCulture)} "
            + "beats per minute" : null;
        var isJoined = bpm is not null && key is not null && caption.Length % 2 == 0;
        if (isJoined) sentences.Add($"It moves at about {bpm} in {key}.");
        else if (bpm is not null) sentences.Add($"The tempo is about {bpm}.");
        if (facts.BeatsInBar is { } beats and > 1)
            sentences.Add(string.Create(CultureInfo.InvariantCulture, $"There are {beats} beats in each bar."));
        if (key is not null && !isJoined) sentences.Add($"The key is {key}.");
        if (facts.HasLyrics) sentences.Add("It has lyrics.");
        return string.Join(' ', sentences);
    }

    /// <summary>The tempo's class as an adjective.</summary>
    public static string TempoWord(string tempoClass) => tempoClass == "medium" ? "mid-tempo" : tempoClass;

    /// <summary>"strings, brass and choir".</summary>
    public static string List(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";

    /// <summary>Whether a caption or description is what stands where no music is heard.</summary>
    public static bool SaysNoMusic(string text) => Enum.GetValues<OtherSound>()
        .Any(sound => text.StartsWith(WithoutMusic(sound), StringComparison.Ordinal));

    private static string WithoutMusic(OtherSound sound) => sound switch
    {
        OtherSound.Silence => "No music: silence.",
        OtherSound.Speech => "No music: it sounds like speech.",
        OtherSound.Noise => "No music: it sounds like noise.",
        _ => "No music: it sounds like something else.",
    };

    private static string Piece(MusicalFacts facts) => facts.Decisions.In(MusicTerms.Genre).FirstOrDefault() switch
    {
        null => "piece",
        var form when Forms.Contains(form) => form,
        var genre => $"{genre} piece",
    };

    private static List<string> Moods(MusicalFacts facts) => [.. facts.Decisions.In(MusicTerms.Mood).Take(2)];

    private static List<string> Instruments(MusicalFacts facts) =>
        [.. facts.Decisions.In(MusicTerms.Instrument).Take(MostInstruments)];

    private static string Phrase(string adjectives, string noun)
    {
        var phrase = Joined(" ", adjectives, noun);
        return $"{(phrase[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "An" : "A")} {phrase}";
    }

    private static string With(List<string> instruments) => instruments.Count > 0 ? $" with {List(instruments)}" : "";

    private static string In(string? key) => key is null ? "" : $" in {key}";

    private static string Joined(string separator, params ReadOnlySpan<string> words)
    {
        var said = new List<string>();
        foreach (var word in words) if (word.Length > 0) said.Add(word);
        return string.Join(separator, said);
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
