using System.Diagnostics;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks;

/// <summary>One line of the table.</summary>
/// <param name="Measure">What was measured; the peer's figures have the same names.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">Null where no time was left.</param>
/// <param name="Bytes">Bytes of weights, keys and values that were read a second, where that bounds it.</param>
/// <param name="Operations">Operations of matrices a second, where that bounds it.</param>
internal sealed record GpuFigure(
    string Measure, string Unit, double? Value, double? Bytes = null, double? Operations = null);

/// <summary>What a device can do.</summary>
/// <param name="Bandwidth">Bytes a second that it reads.</param>
/// <param name="MatrixPeak">Operations a second of a large product of bfloat16 matrices.</param>
internal sealed record GpuSpeed(double Bandwidth, double MatrixPeak);

/// <summary>What was measured of one shape.</summary>
/// <param name="Name">Of the shape.</param>
/// <param name="Parameters">How many numbers the model has.</param>
/// <param name="MusicPositions">Positions of 30 s of music in a prompt.</param>
/// <param name="Figures">The lines.</param>
internal sealed record GpuReport(string Name, long Parameters, int MusicPositions, IReadOnlyList<GpuFigure> Figures);

/// <summary>Measures one shape with random bfloat16 weights, in a process of its own.</summary>
internal sealed class GpuMeasurement(GpuShape shape, Device device, TimeSpan limit)
{
    public const int PromptLength = 128, Steps = 32, LongPrompt = 2000, NewTokens = 64, ClipSeconds = 30;

    private const string Question = "Give a short caption of this music.";
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<GpuFigure> figures = [];

    private bool OnCpu => device.type == DeviceType.CPU;

    /// <summary>Sequences that are decoded together, and clips that are heard and written about together.</summary>
    public static (int Decoded, int[] Clips) Batches(bool cpu) => cpu ? (4, [2, 3]) : (64, [64, 200]);

    /// <summary>Writes a folder of random weights, loads it, measures, and deletes it.</summary>
    public GpuReport Run(string scratch)
    {
        using var _ = no_grad();
        var path = Path.Combine(scratch, $"{shape.Name}-{Environment.ProcessId}");
        try
        {
            RandomWeights.Write(path, shape.Config, seed: 1, bfloat16, repeating: true);
            Say($"written {Directory.GetFiles(path, "*.safetensors").Sum(file => new FileInfo(file).Length) / 1e9:F1} GB");
            var before = UsedMemory();
            var watch = Stopwatch.StartNew();
            using var folder = ModelFolder.Open(path, device, keepTypes: true);
            Synchronize();
            figures.Add(new("load", "s", watch.Elapsed.TotalSeconds));
            figures.Add(new("memory after loading", "GB", (UsedMemory() - before) / 1e9));
            Say("loaded");
            Language(folder.Model);
            var positions = Clips(folder);
            figures.Add(new("most memory", "GB", ((OnCpu ? ResidentMemory.Now().Peak : UsedMemory()) - before) / 1e9));
            return new(
                shape.Name, ModelPlan.Of(shape.Config).Sum(tensor => tensor.Count), positions, figures);
        }
        finally
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }
    }

    private void Language(ModelFamily model)
    {
        var llama = model.Config.Llama;
        // Of a tied head the embedding is multiplied too; otherwise it is only looked up.
        var weights = 2.0 * model.Llama.state_dict()
            .Where(entry => entry.Value.dim() == 2
                && (llama.TieWordEmbeddings || !entry.Key.Contains("embed", StringComparison.Ordinal)))
            .Sum(entry => entry.Value.numel());
        var position = 2.0 * 2 * llama.NumHiddenLayers * llama.NumKeyValueHeads * llama.HeadDim;
        foreach (var (name, batch, decode) in Decoders(model))
        {
            Measure(name, "tok/s", () =>
            {
                var step = decode();
                return new(name, "tok/s", batch / step, Bytes: (weights + batch * PromptLength * position) / step);
            });
        }
        foreach (var (way, chunk) in new[] { ("in the worker's chunks", 256), ("in one pass", LongPrompt) })
        {
            var name = $"prefill of {LongPrompt}, {way}";
            Measure(name, "tok/s", () =>
            {
                using var generator = new TextGenerator(model, chunk: chunk);
                var seconds = Best(() => generator.Prefill(new(Ids(LongPrompt), [])).Dispose());
                return new(name, "tok/s", LongPrompt / seconds, Operations: weights * LongPrompt / seconds);
            });
        }
    }

    private IEnumerable<(string Name, int Batch, Func<double> Step)> Decoders(ModelFamily model)
    {
        var many = Batches(OnCpu).Decoded;
        yield return ("decode, batch 1", 1, () => WorkerStep(model, 1));
        yield return ($"decode, batch {many}, as the worker does", many, () => WorkerStep(model, many));
        yield return ($"decode, batch {many}", many, () => OfflineStep(model, many));
    }

    /// <summary>Seconds of a step that gives each of so many texts a token; texts may join and leave.</summary>
    private double WorkerStep(ModelFamily model, int batch)
    {
        var best = double.MaxValue;
        for (var run = 0; run < 2; run++)
        {
            using var generator = new TextGenerator(
                model, budget: batch * (PromptLength + Steps + 8), chunk: batch * PromptLength);
            for (var text = 0; text < batch; text++)
                generator.Submit(new(Ids(PromptLength), []), new() { MaxNewTokens = Steps + 8, StopIds = [-1] });
            for (var step = 0; step < 2; step++) generator.Step();
            Synchronize();
            var watch = Stopwatch.StartNew();
            for (var step = 0; step < Steps; step++) generator.Step();
            Synchronize();
            best = Math.Min(best, watch.Elapsed.TotalSeconds / Steps);
        }
        return best;
    }

    /// <summary>The same for a batch that begins and ends together.</summary>
    private double OfflineStep(ModelFamily model, int batch)
    {
        MusicPrompt[] prompts = [.. Enumerable.Repeat(new MusicPrompt(Ids(PromptLength), []), batch)];
        double Seconds(int tokens) => Best(() =>
            new BatchGenerator(model, tokens, batch * 2 * (PromptLength + tokens)).Generate(prompts));
        return Math.Max(Seconds(1 + Steps) - Seconds(1), 1e-9) / Steps;
    }

    /// <summary>Clips heard, and a text about each; positions of a clip in its prompt.</summary>
    private int Clips(ModelFolder folder)
    {
        var model = folder.Model;
        var random = new Random(1);
        float[] samples =
            [.. Enumerable.Range(0, ClipSeconds * Fbank.SampleRate).Select(_ => random.NextSingle() - 0.5f)];
        using var music = model.EncodeWindows(samples).First().Music;
        var positions = model.PositionsOfMusic(music);
        foreach (var batch in Batches(OnCpu).Clips)
        {
            double? heard = null, written = null;
            var (hearing, writing) =
                ($"clips of {ClipSeconds} s heard, batch {batch}", $"texts of {NewTokens} tokens, batch {batch}");
            Measure(hearing, "clips/s", () =>
            {
                heard = Best(() => Hear(model, samples, batch), once: true);
                return new(hearing, "clips/s", batch / heard);
            });
            Measure(writing, "clips/s", () =>
            {
                written = Best(() => Write(folder, music, positions, batch), once: true);
                return new(writing, "clips/s", batch / written);
            });
            figures.Add(new($"clips of {ClipSeconds} s, batch {batch}", "clips/s", batch / (heard + written)));
        }
        return positions;
    }

    private void Hear(ModelFamily model, float[] samples, int count)
    {
        for (var clip = 0; clip < count; clip++)
        {
            using var scope = NewDisposeScope();
            foreach (var window in model.EncodeWindows(samples)) window.Music.Dispose();
        }
    }

    private static void Write(ModelFolder folder, Tensor music, int positions, int count)
    {
        var ids = folder.Model.PromptFor(folder.Tokenizer, Question);
        using var scope = NewDisposeScope();
        // Each a tensor of its own, as the music of different tracks is.
        MusicPrompt[] prompts = [.. Enumerable.Range(0, count).Select(_ => new MusicPrompt(ids, [music.alias()]))];
        new BatchGenerator(folder.Model, NewTokens, count * 2 * (ids.Length + positions + NewTokens)).Generate(prompts);
    }

    private void Measure(string name, string unit, Func<GpuFigure> measure)
    {
        if (clock.Elapsed > limit)
        {
            figures.Add(new(name, unit, null));
            Say($"no time left for: {name}");
            return;
        }
        figures.Add(measure());
        Say($"{name}: {figures[^1].Value:F1} {unit}");
    }

    /// <summary>What the device can do; in a process of its own, which gives back the memory that this takes.</summary>
    public GpuSpeed Speed()
    {
        using var _ = no_grad();
        return new(ReadBandwidth(), MatrixPeak());
    }

    private double ReadBandwidth()
    {
        using var data = ones((OnCpu ? 32L : 1024L) << 20, dtype: float32, device: device);
        using var copy = empty_like(data);
        var bytes = 4.0 * data.numel();
        return Math.Max(bytes / Best(() => data.sum().Dispose()), 2 * bytes / Best(() => copy.copy_(data)));
    }

    private double MatrixPeak()
    {
        var size = OnCpu ? 512L : 8192L;
        using var a = randn(size, size, device: device).to(bfloat16);
        return 2.0 * size * size * size / Best(() => a.mm(a).Dispose());
    }

    private long UsedMemory()
    {
        if (OnCpu) return ResidentMemory.Now().Resident;
        using var process = Process.Start(new ProcessStartInfo(
            "nvidia-smi", ["-i", $"{Math.Max(0, device.index)}", "--query-gpu=memory.used", "--format=csv,noheader,nounits"])
        {
            RedirectStandardOutput = true
        })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(text.Trim(), System.Globalization.CultureInfo.InvariantCulture) << 20;
    }

    private double Best(Action action, bool once = false)
    {
        action();
        Synchronize();
        var best = double.MaxValue;
        for (var run = 0; run < (once ? 1 : 3); run++)
        {
            var watch = Stopwatch.StartNew();
            action();
            Synchronize();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        return best;
    }

    private void Synchronize()
    {
        if (!OnCpu) cuda.synchronize(device);
    }

    private static int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => 3 + i % 200)];

    private void Say(string what) => Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds,6:F1} s  {shape.Name}: {what}");
}
