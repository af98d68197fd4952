using System.CommandLine;
using OpenMU.Mir.Audio;
using OpenMU.Training.Mir;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu train-beats</c>: makes the weights that tempo, beats and metre work with, from clips whose beats are
/// known.
/// </summary>
internal static class TrainBeats
{
    public static Command Command()
    {
        var output = new Argument<string>("output") { Description = "File for the weights." };
        var truths = new Argument<string[]>("truths")
        {
            Description = "JSON lines of clips, as for measure, with beats_per_bar and groove_family.",
            Arity = ArgumentArity.OneOrMore
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each clip is heard.",
            DefaultValueFactory = _ => 19,
            HelpName = "N"
        }.AtLeast(1);
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of every random choice: the same seed makes the same again.",
            DefaultValueFactory = _ => 1
        };
        var without = new Option<string[]>("--without")
        {
            Description = "Groove families to leave out, to measure on them.",
            AllowMultipleArgumentsPerToken = true
        };
        var from = new Option<string?>("--from")
        {
            Description = "Weights to go on from, such as those that ship; without it training begins anew.",
            HelpName = "FILE"
        };
        var rate = new Option<double>("--rate")
        {
            Description = "The highest learning rate; to go on from weights, a quarter of the usual one is enough.",
            DefaultValueFactory = _ => 0.004
        }.Between(1e-6, 0.1);
        var command = new Command("train-beats", "Trains the beat network.")
        {
            output, truths, rounds, seed, without, from, rate
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var left = parsed.GetValue(without) ?? [];
            TrainHarmony.RequireFiles(parsed.GetRequiredValue(truths));
            if (parsed.GetValue(from) is { } weights) TrainHarmony.RequireFiles([weights]);
            await WorkingDecoder.RequireAsync(cancel);
            List<BeatClip> clips = [];
            foreach (var path in parsed.GetRequiredValue(truths))
            {
                clips.AddRange((await BeatClip.LoadAsync(path, DecodeLimits.Default, cancel)).Where(clip =>
                    !left.Contains(clip.Family)));
            }
            Console.WriteLine($"{clips.Count} clips");
            TrainHarmony.UseOneThread();
            using var begin = parsed.GetValue(from) is { } start ? File.OpenRead(start) : null;
            using var trainer = new BeatTrainer(clips, parsed.GetValue(seed), begin);
            trainer.Train(
                parsed.GetValue(rounds), parsed.GetValue(rate),
                (round, loss) =>
                {
                    Console.WriteLine($"round {round} loss {loss:F4}");
                    // A run that is stopped leaves what it had learnt.
                    using var file = File.Create(parsed.GetRequiredValue(output));
                    trainer.Save(file);
                }, cancel);
            return 0;
        });
        return command;
    }
}
