using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OpenMU.Model.Kernels;
using TorchSharp;

namespace OpenMU.Benchmarks;

/// <summary>
/// The published shapes with random bfloat16 weights on one GPU, beside Hugging Face transformers where python has it:
/// what infra/gpu-check.sh runs. On a CPU tiny shapes run through the same code, for a test.
/// </summary>
internal static class GpuBenchmark
{
    private const string SpeedOnly = "speed";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true
    };

    /// <summary><c>gpu cuda|cpu [MINUTES [JSON]]</c>: all shapes, one process each; a table on stdout.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [("cuda" or "cpu") and var device, .. { Length: <= 2 } rest]) return Usage();
        var minutes = rest.Length > 0 ? double.Parse(rest[0], CultureInfo.InvariantCulture) : 10;
        var limit = TimeSpan.FromMinutes(minutes);
        if (device == "cuda" && !torch.cuda.is_available())
        {
            Console.Error.WriteLine(
                "gpu: no CUDA device, or a build without -p:Cuda=true. Say `gpu cpu` to run tiny shapes on a CPU.");
            return 1;
        }
        var clock = Stopwatch.StartNew();
        if (await ChildAsync<GpuSpeed>(SpeedOnly, device, limit) is not { } speed) return 1;
        var shapes = new List<(GpuReport Ours, GpuPeer? Peer)>();
        string? missing = null;
        foreach (var shape in GpuShape.For(device == "cpu"))
        {
            if (clock.Elapsed > limit)
            {
                Console.Error.WriteLine($"no time left for: {shape.Name}");
                continue;
            }
            var ours = await ChildAsync<GpuReport>(shape.Name, device, limit - clock.Elapsed);
            if (ours is null) return 1;
            GpuPeer? peer = null;
            if (missing is null) (peer, missing) = await GpuPeer.RunAsync(shape, ours, device, limit - clock.Elapsed);
            shapes.Add((ours, peer));
        }
        if (missing is not null) Console.Error.WriteLine($"no column for transformers: {missing}");
        var machine = Machine(device);
        if (rest.Length > 1)
        {
            await File.WriteAllTextAsync(rest[1], JsonSerializer.Serialize(
                new
                {
                    machine,
                    speed,
                    minutes,
                    seconds = clock.Elapsed.TotalSeconds,
                    transformers_missing = missing,
                    shapes = shapes.Select(shape => new { shape.Ours, shape.Peer })
                }, Json) + "\n");
        }
        Console.Write(Table(machine, speed, shapes));
        return 0;
    }

    /// <summary>
    /// <c>gpu-shape NAME|speed cuda|cpu SECONDS</c>: one shape, or what the device can do, as JSON on stdout.
    /// </summary>
    public static int RunShape(string[] arguments)
    {
        if (arguments is not [var name, ("cuda" or "cpu") and var device, var seconds]) return Usage();
        var shapes = GpuShape.For(device == "cpu");
        KernelThreads.Use(Environment.ProcessorCount);
        var measurement = new GpuMeasurement(
            shapes.FirstOrDefault(shape => shape.Name == name) ?? shapes[0], torch.device(device),
            TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        Console.WriteLine(name == SpeedOnly
            ? JsonSerializer.Serialize(measurement.Speed(), Json)
            : JsonSerializer.Serialize(measurement.Run(Path.GetTempPath()), Json));
        return 0;
    }

    private static int Usage()
    {
        Console.Error.WriteLine("usage: gpu cuda|cpu [MINUTES [JSON]]");
        return 2;
    }

    /// <summary>Memory that libtorch has once taken it gives back only with its process.</summary>
    private static async Task<T?> ChildAsync<T>(string name, string device, TimeSpan limit)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            ["gpu-shape", name, device, limit.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true
        })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<T>(text, Json) : default;
    }

    private static string Machine(string device)
    {
        if (device == "cpu")
            return $"a CPU with {Environment.ProcessorCount} cores, tiny shapes: a dry run, whose figures mean nothing";
        using var process = Process.Start(new ProcessStartInfo(
            "nvidia-smi", ["-i", "0", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"])
        {
            RedirectStandardOutput = true
        })!;
        return process.StandardOutput.ReadToEnd().Trim();
    }

    private static string Table(
        string machine, GpuSpeed speed, IReadOnlyList<(GpuReport Ours, GpuPeer? Peer)> shapes)
    {
        var text = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"{machine}; reads {speed.Bandwidth / 1e9:F0} GB/s, products of bfloat16 ")
            + string.Create(CultureInfo.InvariantCulture, $"matrices {speed.MatrixPeak / 1e12:F1} TFLOP/s\n\n"));
        foreach (var (ours, peer) in shapes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ours.Name}, {ours.Parameters / 1e9:F2} billion parameters, bf16")
                .Append(peer is null ? "\n\n" : $"; {peer.Version}\n\n")
                .Append("| measure | OpenMU | share | transformers | OpenMU / transformers |\n|---|---|---|---|---|\n");
            foreach (var figure in ours.Figures)
            {
                double? theirs = peer?.Figures.TryGetValue(figure.Measure, out var value) == true ? value : null;
                text.Append(CultureInfo.InvariantCulture, $"| {figure.Measure}, {figure.Unit} | ")
                    .Append(figure.Value is { } own ? Number(own) : "no time left")
                    .Append($" | {Share(figure, speed)}")
                    .Append(CultureInfo.InvariantCulture, $" | {(theirs is { } other ? Number(other) : "")}")
                    .Append(CultureInfo.InvariantCulture, $" | {(figure.Value / theirs is { } ratio ? $"{ratio:F2}" : "")} |\n");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Share(GpuFigure figure, GpuSpeed speed) =>
        figure.Bytes is { } bytes
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * bytes / speed.Bandwidth:F0} % of what it reads")
            : figure.Operations is { } operations
                ? string.Create(CultureInfo.InvariantCulture, $"{100 * operations / speed.MatrixPeak:F0} % of the products")
                : "";

    private static string Number(double value) =>
        value.ToString(value < 10 ? "F2" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
