using System.Text.RegularExpressions;

namespace OpenMU.Music;

/// <summary>
/// The labels that clips, tags and texts of this project share: genres, instruments, moods, tempo classes.
/// </summary>
public static class MusicVocabulary
{
    /// <summary>
    /// Coarse genres: those that a rhythm section can carry, and what an orchestra or classical ensemble plays.
    /// </summary>
    public static IReadOnlyList<Label> Genres { get; } =
    [
        new("pop", "pop"), new("ballad", "ballad"), new("rock", "rock"), new("metal", "metal"),
        new("blues", "blues", "bluesy"), new("jazz", "jazz", "jazzy"),
        new("latin", "latin"), new("country", "country"), new("folk", "folk"), new("funk", "funk", "funky"), new("soul", "soul", "soulful"),
        new("electronic", "electronic"), new("waltz", "waltz"), new("march", "march", "marching"),
        new("polka", "polka"), new("gospel", "gospel"),
        new("orchestral", "orchestral", "symphonic", "classical"),
    ];

    /// <summary>Instruments as a listener tells them apart.</summary>
    public static IReadOnlyList<Label> Instruments { get; } =
    [
        new("piano", "piano"), new("electric piano", "electric piano"), new("organ", "organ"),
        new("accordion", "accordion"), new("harmonica", "harmonica"),
        new("acoustic guitar", "acoustic guitar", "acoustic guitars"),
        new("electric guitar", "electric guitar", "electric guitars", "clean electric guitar"),
        new("distorted guitar", "distorted guitar", "distorted guitars", "overdriven guitar"), new("bass", "bass"),
        new("strings", "strings", "violins"),
        new("choir", "choir", "voices"), new("brass", "brass", "horns", "trumpets"),
        new("saxophone", "saxophone", "sax"), new("clarinet", "clarinet"),
        new("flute", "flute"), new("synth lead", "synth lead"), new("synth pad", "synth pad", "pads"),
        new("mallets", "mallets", "mallet percussion", "vibraphone"),
        new("banjo", "banjo"), new("drums", "drums", "drum kit", "percussion"),
    ];

    /// <summary>Moods that tempo, mode and style bring about.</summary>
    public static IReadOnlyList<Label> Moods { get; } =
    [
        new("happy", "happy", "cheerful", "joyful"), new("sad", "sad", "sorrowful", "melancholic"),
        new("calm", "calm", "peaceful", "relaxed"),
        new("energetic", "energetic", "lively", "driving"), new("romantic", "romantic", "tender"), new("dramatic", "dramatic", "intense"),
        new("dark", "dark", "gloomy"), new("playful", "playful", "light-hearted"), new("solemn", "solemn", "dignified"),
        new("groovy", "groovy", "danceable"),
    ];

    /// <summary>How fast the beat a listener taps to feels: slow under 76 a minute, fast from 120.</summary>
    public static IReadOnlyList<Label> TempoClasses { get; } =
    [
        new("slow", "slow", "slow-paced", "unhurried"),
        new("medium", "medium", "mid-tempo", "moderate", "moderately paced"),
        new("fast", "fast", "fast-paced", "quick", "brisk"),
    ];

    /// <summary>The labels that tags are made of, by the name of their group.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<Label> Labels)> TagGroups { get; } =
        [("genre", Genres), ("instrument", Instruments), ("mood", Moods)];

    /// <summary>The names of a group's labels; none of a group that the vocabulary has not.</summary>
    public static IReadOnlyList<string> LabelsOf(string group) =>
        group == MusicTerms.Voice ? ["male", "female"]
        : [.. TagGroups.Where(known => known.Name == group).SelectMany(known => known.Labels)
            .Select(label => label.Name)];

    /// <summary>A word of a group as its label spells it; in small letters where it is none of its words.</summary>
    public static string Spelled(string group, string word)
    {
        var small = word.ToLowerInvariant();
        return TagGroups.Where(known => known.Name == group).SelectMany(known => known.Labels)
            .FirstOrDefault(label => label.Name == small || label.Words.Contains(small))?.Name ?? small;
    }

    /// <summary>What lyrics can be about.</summary>
    public static IReadOnlyList<Label> Themes { get; } =
    [
        new("love", "love", "falling in love"), new("heartbreak", "heartbreak", "a broken heart"), new("home", "home", "homesickness"),
        new("freedom", "freedom", "breaking free"), new("friendship", "friendship", "friends"),
        new("grief", "grief", "mourning"), new("hope", "hope", "hopefulness"),
        new("celebration", "celebration", "celebrating"), new("nature", "nature", "the natural world"),
        new("passing time", "passing time", "growing older"),
        new("loneliness", "loneliness", "being alone"), new("justice", "justice", "protest"),
    ];

    // General MIDI programs 0 to 127; what few clips hold and nobody would name (harpsichord, harp, timpani, sitar,
    // effects) has no label.
    private static readonly string?[] ProgramClass =
    [
        .. Enumerable.Repeat("piano", 4), "electric piano", "electric piano", null, "electric piano",
        .. Enumerable.Repeat("mallets", 8),
        .. Enumerable.Repeat("organ", 5), "accordion", "harmonica", "accordion", "acoustic guitar", "acoustic guitar",
        .. Enumerable.Repeat("electric guitar", 3),
        "distorted guitar", "distorted guitar", null, .. Enumerable.Repeat("bass", 8),
        .. Enumerable.Repeat("strings", 6), null, null,
        .. Enumerable.Repeat("strings", 4), .. Enumerable.Repeat("choir", 3), null, .. Enumerable.Repeat("brass", 8),
        .. Enumerable.Repeat("saxophone", 4),
        null, null, null, "clarinet", .. Enumerable.Repeat("flute", 8), .. Enumerable.Repeat("synth lead", 8),
        .. Enumerable.Repeat("synth pad", 16),
        null, "banjo", null, null, null, null, "strings", null, .. Enumerable.Repeat<string?>(null, 16),
    ];

    /// <summary>
    /// Name of the instrument that a General MIDI program (from 0) plays; null where the vocabulary has none.
    /// </summary>
    public static string? InstrumentOf(int program) => ProgramClass[program];

    /// <summary>Class of a tempo in beats a minute.</summary>
    public static string TempoClassOf(double tempo) => tempo < 76 ? "slow" : tempo < 120 ? "medium" : "fast";

    /// <summary>
    /// The names of the labels that a text mentions by any of their words, each once, in the order of the labels. The
    /// longest word at a place wins: "electric piano" is no piano.
    /// </summary>
    public static IReadOnlyList<string> Mentioned(IReadOnlyList<Label> labels, string text)
    {
        var names = labels.SelectMany(label => label.Words.Select(word => (word, label.Name)))
            .ToDictionary(pair => pair.word, pair => pair.Name);
        var words = string.Join('|', names.Keys.OrderByDescending(word => word.Length).Select(Regex.Escape));
        var found = Regex.Matches(text.ToLowerInvariant(), $@"(?<![\w-])(?:{words})(?![\w-])")
            .Select(match => names[match.Value]).ToHashSet();
        return [.. labels.Select(label => label.Name).Where(found.Contains)];
    }
}

/// <summary>A name of the vocabulary and the words by which texts mean it.</summary>
/// <param name="Name">As it stands in truths and tags.</param>
/// <param name="Words">All its spellings, the name itself first where texts use it; lower case.</param>
public sealed record Label(string Name, params string[] Words);
