using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// Lyrics and what they mean, in the form of the published song interpretations. Words and music are drawn apart, so
/// the music is mentioned only by its mood.
/// </summary>
internal static class LyricsQuestions
{
    private const int Records = 2;

    private static readonly string[] Asks =
    [
        "{What are these lyrics about?|Tell me what these lyrics are about.|*In your reading, "
            + "what are these lyrics about?}",
        "{Interpret|Explain} {these|the following} lyrics.", "What is the meaning of these lyrics?",
        "Please explain the meaning of these lyrics.",
        "{Here are|These are} the lyrics of {this|the} song. "
            + "{What do they mean?|What is the song about?|Which theme do they have?}",
        "{Read|Consider} {these|the} lyrics and {explain|interpret} them.",
    ];

    private static readonly string[] Answers =
    [
        "{these lyrics|the lyrics|the words} are about <theme>: the singer <meaning>.<music>",
        "the {theme|subject|topic} {is|of these lyrics is|of the song is} <theme>. "
            + "{The singer|In these lines the singer} <meaning>.<music>",
        "{this is|I read it as} a song about <theme>. {The line \"<line>\"|A line such as \"<line>\"} "
            + "{shows|makes clear} that the singer <meaning>.<music>",
        "{the song|the text} {speaks|tells} of <theme>; {the singer|its singer} <meaning>.<music>",
    ];

    private static readonly string[] OfMusic = ["", "", "{ The <mood> music {goes with|carries|frames} {these "
        + "words|the words}.| The music itself {sounds|is} <mood>.| The <mood> <genre> accompaniment "
        + "{underlines|supports} the words.}"];

    public static IEnumerable<BenchRecord> Write(ClipTruth truth, Wording wording, SeededRandom random)
    {
        foreach (var theme in random.Shuffled(LyricsTheme.All).Take(Records))
        {
            var lyrics = Lyrics(theme, wording, random);
            var fits = Fits(theme.Name, truth.Moods);
            wording.With("theme", () => ClipWords.Spelt(MusicVocabulary.Themes, theme.Name))
                .With("meaning", () => random.Pick(theme.Meanings))
                .With("line", () => random.Pick(lyrics).ToLowerInvariant())
                .With("music", () => fits ? random.Pick(OfMusic) : "");
            yield return new BenchRecord
            {
                Task = BenchRecord.Lyrics,
                Instruction = $"{wording.Say(Asks)}\n{string.Join('\n', lyrics)}",
                Output = wording.Say(Answers),
                Answer = theme.Name,
            };
        }
    }

    // Two verses with the chorus after each, or one with it.
    private static List<string> Lyrics(LyricsTheme theme, Wording wording, SeededRandom random)
    {
        List<string> chorus = [.. theme.Chorus.Select(line => wording.Say(line))];
        List<string> Verse(IEnumerable<string> lines) => [.. lines.Select(line => wording.Say(line))];
        var lines = random.Shuffled(theme.Lines);
        return random.Chance(.5)
            ? [.. Verse(lines.Take(3)), .. chorus, .. Verse(lines.Skip(3)), .. chorus]
            : [.. Verse(lines.Take(4)), .. chorus];
    }

    private static bool Fits(string theme, IReadOnlyList<string> moods) => theme switch
    {
        "heartbreak" or "grief" or "loneliness" => moods.Intersect(["sad", "solemn", "dark", "calm"]).Any(),
        "celebration" or "friendship" => moods.Intersect(["happy", "playful", "groovy", "energetic"]).Any(),
        "love" => moods.Intersect(["romantic", "calm", "happy"]).Any(),
        "freedom" or "justice" => moods.Intersect(["energetic", "dramatic", "solemn"]).Any(),
        _ => moods.Intersect(["calm", "solemn", "romantic", "happy", "sad"]).Any(),
    };
}
