using System.CommandLine;
using System.Diagnostics;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Cli;

/// <summary><c>openmu measure CLIPS/truth.jsonl</c>: how right the tools are on clips whose truth is known.</summary>
internal static class Measure
{
    private const int Rate = TrackMeasurer.FeatureRate;

    /// <summary>Ways to spoil the clips before they are heard.</summary>
    public static readonly string[] Variants =
        ["plain", "mp3", "8khz", "flat40", "flat40renamed", "noise10", "silence60", "first2"];

    public static Command Command()
    {
        var truth = new Argument<string>("truth")
        {
            Description = "JSON lines of clips: id, file, and what is true of them: tempo, "
                + "key, beats, downbeats, chords."
        };
        var variant = new Option<string>("--variant")
        {
            Description = $"How to spoil the clips first: {string.Join(", ", Variants)}.",
            DefaultValueFactory = _ => Variants[0]
        };
        var worst = new Option<int>("--worst")
        {
            HelpName = "N",
            Description = "How many of the worst clips to name a measure.",
            DefaultValueFactory = _ => 5
        }.AtLeast(0);
        var command = new Command("measure", "Says how right the measuring tools are on clips whose truth is known.")
        {
            truth, variant, worst
        };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(truth), parsed.GetRequiredValue(variant), parsed.GetValue(worst),
            Console.Out, cancel));
        return command;
    }

    /// <summary>Prints the table, then the worst clips of each measure.</summary>
    /// <param name="truthPath">JSON lines: see <see cref="ClipTruth.Parse"/>.</param>
    /// <param name="variant">One of <see cref="Variants"/>: as they are, through a mono mp3 of 64 kbit/s, at 8 kHz, 40
    /// cents flat (slower), the same with keys and chords named after the semitones that they then lie nearest to, with
    /// white noise 10 dB below the music, after 60 seconds of silence, or the first 2 seconds only.</param>
    /// <param name="worst">How many of the worst clips to name a measure.</param>
    /// <param name="output">Receives the table.</param>
    /// <param name="cancel">Ends the decoder.</param>
    /// <returns>0.</returns>
    /// <exception cref="UsageException">The file of truths or the variant does not exist.</exception>
    public static async Task<int> RunAsync(
        string truthPath, string variant, int worst, TextWriter output, CancellationToken cancel)
    {
        if (!File.Exists(truthPath)) throw new UsageException($"{truthPath} does not exist.");
        if (!Variants.Contains(variant))
            throw new UsageException($"There is no variant {variant}: {string.Join(", ", Variants)}.");
        await WorkingDecoder.RequireAsync(cancel);
        var clips = new List<(ClipTruth Truth, ClipAnswer Answer)>();
        var (heard, spent) = (0.0, TimeSpan.Zero);
        foreach (var line in await File.ReadAllLinesAsync(truthPath, cancel))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            var truth = ClipTruth.Parse(line);
            var (waveform, moved) = await SpoilAsync(
                truth, Path.Combine(Path.GetDirectoryName(truthPath)!, truth.File), variant, cancel);
            var start = Stopwatch.GetTimestamp();
            clips.Add((moved, ClipAnswer.Of(waveform)));
            spent += Stopwatch.GetElapsedTime(start);
            heard += waveform.DurationSeconds;
        }

        await output.WriteLineAsync($"{clips.Count} clips, {variant}, {heard:F0} s of sound at "
            + $"{heard / spent.TotalSeconds:F0} times real time without decoding");
        await PrintAsync(clips, worst, output);
        return 0;
    }

    private static async Task PrintAsync(List<(ClipTruth Truth, ClipAnswer Answer)> clips, int worst, TextWriter output)
    {
        var rows = Accuracy.Table(
            [.. clips.Select(clip => (clip.Truth.Id, Accuracy.Score(clip.Truth, clip.Answer)))], worst);
        await output.WriteLineAsync("| measure | clips | mean | 95 % interval |\n|---|---|---|---|");
        foreach (var row in rows)
        {
            await output.WriteLineAsync(
                $"| {row.Measure} | {row.Clips} | {100 * row.Mean:F1} | {100 * row.Low:F1} to {100 * row.High:F1} |");
        }
        foreach (var row in rows.Where(row => row.Worst.Count > 0))
        {
            await output.WriteLineAsync($"worst {row.Measure}: "
                + $"{string.Join(", ", row.Worst.Select(clip => $"{clip.Id} {100 * clip.Score:F0}"))}");
        }

        var timed = clips.Where(clip => clip.Truth.Tempo > 0).ToList();
        var tempi = timed.Select(clip =>
            (clip.Answer.Confidence.Tempo, TempoMetrics.Acc1(clip.Truth.Tempo!.Value, clip.Answer.Tempo ?? 0)));
        var pulses = timed.Select(clip =>
            (clip.Answer.Confidence.Pulse, TempoMetrics.Acc2(clip.Truth.Tempo!.Value, clip.Answer.Tempo ?? 0)));
        var metres = clips.Where(clip => clip.Truth.Metre is not null).Select(clip =>
            (clip.Answer.Confidence.Metre, Accuracy.IsSameMetre(clip.Truth.Metre!, clip.Answer.Metre)));
        var keys = clips.Where(clip => clip.Truth.Key is not null)
            .Select(clip => (clip.Answer.Confidence.Key, KeyMetrics.IsSame(clip.Truth.Key, clip.Answer.Key)));
        await output.WriteLineAsync("| confidence | 0.5 and more | of them right | less | of them right | a right "
            + "answer is surer than a wrong one |\n|---|---|---|---|---|---|");
        Certainty[] certainties =
        [
            Certainty.Of("tempo", [.. tempi]), Certainty.Of("pulse, on any level", [.. pulses]),
            Certainty.Of("metre", [.. metres]), Certainty.Of("key", [.. keys])
        ];
        foreach (var row in certainties)
        {
            await output.WriteLineAsync($"| {row.Tool} | {row.Sure} | {Percent(row.SureRight)} | {row.Unsure} | "
                + $"{Percent(row.UnsureRight)} | {Percent(row.Discrimination)} |");
        }

        await output.WriteLineAsync("| reliability: answers, mean confidence, of them right | under 0.2 | to 0.4 | "
            + "to 0.6 | to 0.8 | to 1 | mean distance |\n|---|---|---|---|---|---|---|");
        foreach (var row in certainties)
        {
            var bins = row.Bins.Select(bin => bin.Answers == 0
                ? "0"
                : $"{bin.Answers}, {Percent(bin.Confidence)}, {Percent(bin.Right)}");
            await output.WriteLineAsync($"| {row.Tool} | {string.Join(" | ", bins)} | "
                + $"{Percent(row.CalibrationError)} |");
        }
    }

    private static string Percent(double share) => double.IsNaN(share) ? "-" : $"{100 * share:F1}";

    private static async Task<(Waveform, ClipTruth)> SpoilAsync(
        ClipTruth truth, string path, string variant, CancellationToken cancel)
    {
        var flat = Math.Pow(2, 40.0 / 1200);
        if (variant == "mp3") return (await AsMp3Async(path, cancel), truth);
        var rate =
            variant switch { "8khz" => 8000, "flat40" or "flat40renamed" => (int)Math.Round(Rate * flat), _ => Rate };
        var clip = await AudioFile.ReadMonoAsync(
            path, rate, variant == "first2" ? 2 : null, DecodeLimits.Default, cancel);
        return variant switch
        {
            "flat40" or "flat40renamed" =>
                (new Waveform(clip.Samples, Rate), truth.Moved((double)rate / Rate, 0, double.PositiveInfinity)
                    .Retuned(-40, renamed: variant == "flat40renamed")),
            "noise10" => (WithNoise(clip), truth),
            "silence60" => (new Waveform([.. new float[60 * Rate], .. clip.Samples], Rate), truth.Moved(
                1, 60, double.PositiveInfinity)),
            "first2" => (clip, truth.Moved(1, 0, 2)),
            _ => (clip, truth),
        };
    }

    private static async Task<Waveform> AsMp3Async(string path, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("openmu-measure-");
        try
        {
            var mp3 = Path.Combine(folder.FullName, "clip.mp3");
            using var ffmpeg = Process.Start(
                "ffmpeg", ["-v", "error", "-nostdin", "-i", $"file:{path}", "-ac", "1", "-b:a", "64k", mp3]);
            await ffmpeg.WaitForExitAsync(cancel);
            return await AudioFile.ReadMonoAsync(mp3, Rate, null, DecodeLimits.Default, cancel);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Waveform WithNoise(Waveform clip)
    {
        var random = new Random(1);
        var power = clip.Samples.Average(sample => (double)sample * sample);
        // Uniform noise of amplitude a has power a^2 / 3.
        var amplitude = Math.Sqrt(3 * power / 10);
        return clip with
        {
            Samples = [.. clip.Samples.Select(sample => sample + (float)(amplitude * (2 * random.NextDouble() - 1)))]
        };
    }
}
