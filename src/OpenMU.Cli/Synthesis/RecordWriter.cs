using OpenMU.Cli.Synthesis.Grammar;
using OpenMU.Model.Bench;

namespace OpenMU.Cli.Synthesis;

/// <summary>Writes examples of all five tasks about a clip. The same clip always gets the same ones; held-out clips also get the wordings kept for them.</summary>
internal static class RecordWriter
{
    public static IEnumerable<BenchRecord> Write(SyntheticTruth truth)
    {
        var dice = new Dice($"{truth.Seed}/records");
        var wording = ClipWords.Of(new Wording(dice, truth.Split == GrooveLibrary.HeldOut), truth, dice);
        List<BenchRecord> records =
        [
            .. Captions.Write(truth, wording, dice), .. Reasoning.Write(truth, wording, dice), .. LyricsQuestions.Write(truth, wording, dice),
            .. ToolQuestions.Write(wording, dice), .. Choices.Write(truth, wording, dice),
        ];
        return records.Select(record => record with { LocalAudioPath = truth.File, Clip = truth.Id });
    }
}
