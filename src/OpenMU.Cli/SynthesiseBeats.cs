using System.CommandLine;
using OpenMU.Training.Synthesis.Beats;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu synthesise-beats</c>: clips with known beats beside those of <c>synthesise</c>, for <c>train-beats</c> and
/// <c>measure</c>.
/// </summary>
internal static class SynthesiseBeats
{
    private const int ReportEvery = 50;

    public static Command Command()
    {
        var output = new Argument<string>("output") { Description = "Folder for audio and truth.jsonl." };
        var songs = new Option<string?>("--songs")
        {
            Description = "Folder of songs in POP909's form (NNN/NNN.mid, beat_midi.txt, beat_audio.txt). Without it: "
                + "plain patterns of our own.",
            HelpName = "FOLDER"
        };
        var forms = new Option<bool>("--forms")
        {
            Description = "Whole songs of our own, two minutes and more, whose sections are known; --seconds does not "
                + "apply to them."
        };
        var beatless = new Option<bool>("--beatless")
        {
            Description = "Speech (espeak-ng), noise, rain and wind instead of music: clips that have no tempo."
        };
        var set = new ClipSetOptions(
            4, 60, $"Of the songs, one in {AnnotatedSong.HeldOutEvery} (by number) is held-out, and the others are for "
                + "train; clips to train on vary more in sound and tempo.");
        var command = new Command(
            "synthesise-beats",
            "Makes clips with known beats from annotated songs or from plain patterns, or whole songs of known form "
                + "(FluidSynth).")
        {
            output, songs, forms, beatless
        };
        set.AddTo(command);
        command.Validators.Add(result =>
        {
            if (new[] { result.GetValue(forms), result.GetValue(beatless), result.GetValue(songs) is not null }
                .Count(isAsked => isAsked) > 1)
                result.AddError("--songs, --forms and --beatless exclude one another.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var (clips, seconds, seed, split, fonts) = set.Of(parsed);
            if (!parsed.GetValue(beatless)) TrainHarmony.RequireFiles(fonts);
            var options = new BeatSynthesisOptions(
                parsed.GetRequiredValue(output), parsed.GetValue(songs), parsed.GetValue(forms),
                parsed.GetValue(beatless), clips, seconds, seed, split, fonts);
            var (used, found) = await BeatSynthesis.MakeAsync(
                options, made =>
                {
                    if (made % ReportEvery == 0) Console.Error.WriteLine($"{made} of {options.Clips} clips");
                }, cancel);
            Console.WriteLine(options.Songs is null
                ? $"{options.Clips} {KindOf(options)}"
                : $"{options.Clips} clips of {used} songs; of {found} songs of this split {found - used} have "
                    + "annotations that do not agree");
            return 0;
        });
        return command;
    }

    private static string KindOf(BeatSynthesisOptions options) =>
        options.Forms ? "songs of known form"
        : options.IsBeatless ? "clips of sounds without a beat"
        : "clips of patterns";
}
