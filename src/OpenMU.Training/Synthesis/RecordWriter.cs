using OpenMU.Training.Evaluation;
using OpenMU.Training.Synthesis.Grammar;

namespace OpenMU.Training.Synthesis;

/// <summary>Writes examples of all five tasks about a clip. The same clip always gets the same ones; held-out clips also get the wordings kept for them.</summary>
internal static class RecordWriter
{
    // Of a pass of training: tools and themes are learnt long before captions and choices are.
    private const int CaptionsOfPass = 2, LyricsOfPass = 1, ToolsOfPass = 2, ChoicesOfPass = 2;

    /// <summary>The records of the data set.</summary>
    public static IEnumerable<BenchRecord> Write(SyntheticTruth truth)
    {
        var (dice, wording) = Begin(truth, $"{truth.Seed}/records");
        List<BenchRecord> records =
        [
            .. Captions.Write(truth, wording, dice), .. Reasoning.Write(truth, wording, dice), .. LyricsQuestions.Write(truth, wording, dice),
            .. ToolQuestions.Write(wording, dice), .. Choices.Write(truth, wording, dice),
        ];
        return About(truth, records);
    }

    /// <summary>Other records for each pass of training over the clips, from 1 on.</summary>
    public static IEnumerable<BenchRecord> Redraw(SyntheticTruth truth, int pass)
    {
        var (dice, wording) = Begin(truth, $"{truth.Seed}/records/{pass}");
        List<BenchRecord> records =
        [
            .. Enumerable.Range(0, CaptionsOfPass).SelectMany(_ => Captions.Redraw(truth, wording, dice)), .. Reasoning.Write(truth, wording, dice), .. LyricsQuestions.Write(truth, wording, dice).Take(LyricsOfPass),
            .. dice.Shuffled(ToolQuestions.Write(wording, dice)).Take(ToolsOfPass), .. Enumerable.Range(0, ChoicesOfPass).SelectMany(_ => Choices.Write(truth, wording, dice)),
        ];
        return About(truth, records);
    }

    private static (SeededRandom Dice, Wording Wording) Begin(SyntheticTruth truth, string seed)
    {
        var dice = new SeededRandom(seed);
        return (dice, ClipWords.Of(new Wording(dice, truth.Split == GrooveLibrary.HeldOut), truth, dice));
    }

    private static IEnumerable<BenchRecord> About(SyntheticTruth truth, IEnumerable<BenchRecord> records) => records.Select(record => record with { LocalAudioPath = truth.File, Clip = truth.Id });
}
