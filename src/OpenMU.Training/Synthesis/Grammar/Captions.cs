using OpenMU.Model.Text;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// Captions: genre, tempo feel, moods and instruments in one sentence or in several. Figures are left to the tools.
/// </summary>
internal static class Captions
{
    private static readonly WordList Templates = WordList.Read("captions.txt");
    private static readonly string[] Short = Templates["short"], Opening = Templates["opening"];

    public static IEnumerable<BenchRecord> Write(ClipTruth truth, Wording wording, SeededRandom random)
    {
        yield return Record(Instructions.Caption, wording.Say(Short));
        yield return Record(Instructions.Description, Long(truth, wording, random));
        yield return Record(Ask(wording, "ask for a short caption"), wording.Say(Short));
        yield return Record(Ask(wording, "ask for a long caption"), Long(truth, wording, random));
    }

    /// <summary>
    /// Captions to train on: with a genre and without, most of them with tempo and mode in the
    /// prompt, as the product asks.
    /// </summary>
    public static IEnumerable<BenchRecord> Redraw(ClipTruth truth, Wording wording, SeededRandom random)
    {
        foreach (var record in Write(truth, wording, random).Concat(WithoutGenre(truth, random)))
        {
            var (tempo, mode) = (
                random.Chance(.6) ? truth.TempoClass : null,
                random.Chance(.6) ? MusicalKey.TryParse(truth.Key)?.Mode : null);
            yield return record with { Instruction = record.Instruction + Instructions.Measured(tempo, mode) };
        }
    }

    /// <summary>The same with the genre left open, as it is asked for where a listener is not sure of it.</summary>
    private static IEnumerable<BenchRecord> WithoutGenre(ClipTruth truth, SeededRandom random)
    {
        var wording = ClipWords.Of(new Wording(random, truth.Split == GrooveLibrary.HeldOut), truth, random)
            .With("piece", () => ClipWords.AnyPiece);
        static string[] Open(string[] templates) =>
            [.. templates.Where(template => !template.Contains("genre>", StringComparison.Ordinal))];
        yield return Record(Instructions.CaptionWithoutGenre, wording.Say(Open(Short)));
        yield return Record(Instructions.DescriptionWithoutGenre, Long(truth, wording, random, Open(Opening)));
    }

    private static string Long(ClipTruth truth, Wording wording, SeededRandom random, string[]? openings = null)
    {
        List<string> sentences = [wording.Say(openings ?? Opening), wording.Say(Templates["instruments"])];
        if (random.Chance(.7)) sentences.Add(wording.Say(Templates[truth.Drums ? "with drums" : "without drums"]));
        if (random.Chance(.75)) sentences.Add(wording.Say(Templates["feeling"]));
        if (random.Chance(.6)) sentences.Add(wording.Say(Templates["use"]));
        return string.Join(' ', sentences);
    }

    private static string Ask(Wording wording, string section) =>
        wording.Say($"{{{string.Join('|', Templates[section])}}}");

    private static BenchRecord Record(string instruction, string output) =>
        new() { Task = BenchRecord.Captioning, Instruction = instruction, Output = output };
}
