using OpenMU.Music;
using OpenMU.Training.Data;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// The words for what is true of a clip: &lt;tempo&gt;, &lt;speed&gt; (the same before "pace"), &lt;mood&gt;,
/// &lt;mood2&gt;, &lt;genre&gt;, &lt;piece&gt;, &lt;some&gt; and &lt;band&gt; (some or all instruments), &lt;scene&gt;.
/// </summary>
internal static class ClipWords
{
    /// <summary>A template for a piece of any genre.</summary>
    public const string AnyPiece = "{piece|track|tune|number|instrumental|*recording}";

    private static readonly HashSet<string> Forms = ["ballad", "waltz", "march", "polka"];

    private static readonly WordList Scenes = WordList.Read("scenes.txt");

    /// <param name="wording">Gets the words.</param>
    /// <param name="truth">The clip; see <see cref="ClipTruth.IsSynthetic"/>.</param>
    /// <param name="random">Order and choice of instruments.</param>
    public static Wording Of(Wording wording, ClipTruth truth, SeededRandom random)
    {
        var all = random.Shuffled(truth.Instruments.Concat(truth.Drums ? ["drums"] : Array.Empty<string>()));
        var (genre, tempoClass) = (truth.Genre!, truth.TempoClass!);
        var second = truth.Moods.Count > 1 ? truth.Moods[1] : truth.Moods[0];
        return wording
            .With("tempo", () => Spelt(MusicVocabulary.TempoClasses, tempoClass))
            .With("speed", () => Spelt(
                MusicVocabulary.TempoClasses, tempoClass, word => !word.Contains("paced", StringComparison.Ordinal)))
            .With("mood", () => Spelt(MusicVocabulary.Moods, truth.Moods[0]))
            .With("mood2", () => Spelt(MusicVocabulary.Moods, second))
            .With("moods", () => truth.Moods.Count > 1 ? "<mood> and <mood2>" : "<mood>")
            .With("genre", () => genre)
            .With("a genre", () => Named(genre))
            .With("piece", () => Forms.Contains(genre) ? "<genre>" : $"<genre> {AnyPiece}")
            .With("some", () => List([.. random.Shuffled(all).Take(3)]))
            .With("band", () => List(random.Shuffled(all)))
            .With("scene", () => $"{{{string.Join('|', Scenes[random.Pick(truth.Moods)])}}}");
    }

    /// <summary>The genre as what a piece is: "jazz", but "a waltz".</summary>
    public static string Named(string genre) => Forms.Contains(genre) ? "a " + genre : genre;

    /// <summary>The instruments in words: "piano, bass and drums".</summary>
    public static string List(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "few instruments",
        1 => names[0],
        _ => string.Join(", ", names.Take(names.Count - 1)) + " and " + names[^1],
    };

    /// <summary>
    /// A template that spells the label in one of its ways, its name twice as often as each other; where asked,
    /// only in those that fit.
    /// </summary>
    public static string Spelt(IReadOnlyList<Label> labels, string name, Func<string, bool>? fits = null) =>
        $"{{{name}|{string.Join('|', labels.First(label => label.Name == name).Words.Where(fits ?? (_ => true)))}}}";
}
