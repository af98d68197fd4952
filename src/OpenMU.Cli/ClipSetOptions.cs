using System.CommandLine;
using OpenMU.Training.Synthesis;

namespace OpenMU.Cli;

/// <summary>Options of every verb that makes clips with known truth.</summary>
/// <param name="least">The shortest that a clip may be, in seconds.</param>
/// <param name="most">The longest.</param>
/// <param name="split">What the splits divide, for the help.</param>
internal sealed class ClipSetOptions(double least, double most, string split)
{
    private const string TrainFont = "/usr/share/sounds/sf2/TimGM6mb.sf2",
        HeldOutFont = "/usr/share/sounds/sf2/FluidR3_GM.sf2";

    private readonly Option<int> clips = new Option<int>("--clips")
    {
        Description = "How many clips.",
        DefaultValueFactory = _ => 160,
        HelpName = "N"
    }.AtLeast(1);

    private readonly Option<double> seconds = new Option<double>("--seconds")
    {
        Description = "Length of each.",
        DefaultValueFactory = _ => 24,
        HelpName = "SECONDS"
    }.Between(least, most);

    private readonly Option<int> seed = new("--seed")
    {
        Description = "Seed of every random choice: the same seed makes the same again.",
        DefaultValueFactory = _ => 2026
    };

    private readonly Option<string> split = new Option<string>("--split")
    {
        Description = split,
        DefaultValueFactory = _ => GrooveLibrary.Train
    }.AcceptOnlyFromAmong(GrooveLibrary.Train, GrooveLibrary.HeldOut);

    private readonly Option<string[]> soundfonts = new("--soundfont")
    {
        Description = "A file to play with; may be given several times. Default: "
            + $"{TrainFont}, for held-out {HeldOutFont}."
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[clips, seconds, seed, split, soundfonts]) command.Options.Add(option);
    }

    /// <summary>What was asked for.</summary>
    public (int Clips, double Seconds, int Seed, string Split, string[] Soundfonts) Of(ParseResult parsed)
    {
        var set = parsed.GetRequiredValue(split);
        return (
            parsed.GetValue(clips), parsed.GetValue(seconds), parsed.GetValue(seed), set,
            parsed.GetValue(soundfonts) is { Length: > 0 } given
                ? given
                : [set == GrooveLibrary.HeldOut ? HeldOutFont : TrainFont]);
    }
}
