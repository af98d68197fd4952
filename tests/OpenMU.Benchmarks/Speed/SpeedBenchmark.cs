using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OpenMU.Benchmarks.Speed;

/// <summary>
/// The model's speed on a CPU beside its peers' in one run: the language model beside llama.cpp, the audio encoder
/// beside onnxruntime. Each has a process of its own; they take turns, while the others wait, and medians are compared.
/// </summary>
internal static class SpeedBenchmark
{
    private const int Rounds = 5;

    public const string Usage = "speed 1.1b|qwen3-0.6b|encoder|track [bf16|int8|fp32] [THREADS[,THREADS]] [WORK,...]";

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["serve", var peer, .. var rest]) return Serve(peer, rest);
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "openmu-speed")).FullName;
        var shape = arguments.ElementAtOrDefault(0) ?? "";
        var type = arguments.ElementAtOrDefault(1) ?? "bf16";
        int[] threads = [.. (arguments.ElementAtOrDefault(2) ?? "1,2").Split(',')
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        var works = arguments.ElementAtOrDefault(3)?.Split(',');
        if (shape == "track")
        {
            await TrackAsync(type, threads[^1]);
            (shape, works) = ("qwen3-0.6b", ["decode1"]);
        }
        if (shape == "encoder")
        {
            return await CompareAsync(
                ["encoder", type], ["onnxruntime", Path.Combine(folder, "vit-b.onnx")], threads,
                works ?? EncoderWork.All, "s a clip");
        }
        if (!LanguageWork.Shapes.ContainsKey(shape) || type is not ("bf16" or "int8"))
        {
            Console.Error.WriteLine($"usage: {Usage}");
            return 2;
        }
        var file = Path.Combine(folder, $"{shape}-{type}.gguf");
        if (!File.Exists(file))
        {
            Console.WriteLine($"Writing {file}, which is kept for later runs ...");
            using var writer = new Child("gguf", shape, type, file);
            await writer.AskAsync("end");
        }
        return await CompareAsync(
            ["language", shape, type], ["llama.cpp", file], threads, works ?? LanguageWork.All, "tokens/s");
    }

    private static int Serve(string peer, string[] arguments)
    {
        if (peer == "gguf") LanguageWork.Write(arguments[0], arguments[1], arguments[2]);
        using ISpeedPeer server = peer switch
        {
            "language" => new LanguageWork(arguments[0], arguments[1]),
            "encoder" => new EncoderWork(arguments[0]),
            "track" => new TrackWork(arguments[0]),
            "llama.cpp" => new LlamaCpp(arguments[0]),
            "onnxruntime" => new OnnxRuntime(arguments[0]),
            _ => new Nothing(),
        };
        Console.WriteLine("ready");
        while (Console.ReadLine()?.Split(' ') is { } line && line[0] != "end")
        {
            if (line[0] == "numbers")
            {
                Console.WriteLine(Convert.ToBase64String(MemoryMarshal.AsBytes<float>(server.Numbers())));
                continue;
            }
            server.Prepare(line[1], int.Parse(line[0], CultureInfo.InvariantCulture));
            var (cpu, start) = (OneCore.ProcessorSeconds(), Stopwatch.GetTimestamp());
            var units = server.Work();
            var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{units} {wall} {OneCore.ProcessorSeconds() - cpu}"));
        }
        return 0;
    }

    private static async Task TrackAsync(string type, int threads)
    {
        using var child = new Child("track", type);
        var seconds = new List<double>();
        foreach (var work in (string[])[.. TrackWork.All, .. TrackWork.All])    // The first also compile.
            seconds.Add((await SampleAsync(child, work, threads)).Wall);
        Console.WriteLine($"MiDashengLM-0.6B's shape in {type}, a track of 240 s, {threads} threads: heard in "
            + $"{seconds[2]:F1} s, two texts of 100 tokens in {seconds[3]:F1} s, {seconds[2] + seconds[3]:F1} s in all; "
            + $"peak memory {child.PeakBytes() / 1e9:F2} GB");
    }

    private static async Task<int> CompareAsync(
        string[] oursIs, string[] peerIs, int[] threads, string[] works, string unit)
    {
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        Console.WriteLine($"{string.Join(' ', oursIs)} beside {peerIs[0]}, medians of {Rounds} rounds in turn; "
            + $"{Environment.ProcessorCount} cores, load {load} before the run");
        using Child peer = new(peerIs), ours = new(oursIs);
        var (a, b) = (Numbers(await ours.AskAsync("numbers")), Numbers(await peer.AskAsync("numbers")));
        Console.WriteLine($"the same weights and input give both the same {a.Length} numbers: cosine "
            + $"{TensorPrimitives.CosineSimilarity<float>(a, b):F4}");
        Console.WriteLine($"{"work",-14}{"threads",8}{$"ours {unit}",16}{$"peer {unit}",16}{"ratio",7}"
            + $"{"CPU s ours",12}{"peer",8}{"CPU/wall ours",15}{"peer",6}");
        foreach (var count in threads)
        {
            foreach (var work in works)
            {
                var (first, second) = (new List<Sample>(), new List<Sample>());
                for (var round = -1; round < Rounds; round++)
                {
                    var (x, y) = (await SampleAsync(ours, work, count), await SampleAsync(peer, work, count));
                    if (round < 0) continue;    // The first also compiles, and fills caches.
                    first.Add(x);
                    second.Add(y);
                }
                Print(work, count, first, second, unit);
            }
        }
        Console.WriteLine(
            $"peak memory: ours {ours.PeakBytes() / 1e9:F2} GB, {peerIs[0]} {peer.PeakBytes() / 1e9:F2} GB");
        return 0;
    }

    private static async Task<Sample> SampleAsync(Child child, string work, int threads)
    {
        var numbers = (await child.AskAsync($"{threads} {work}")).Split(' ')
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        await Task.Delay(50);   // Its threads go to sleep before the other's turn.
        return new(numbers[1] / numbers[0], numbers[2] / numbers[0], numbers[2] / numbers[1]);
    }

    private static void Print(string work, int threads, List<Sample> ours, List<Sample> peer, string unit)
    {
        var (a, b) = (Median(ours, s => s.Wall), Median(peer, s => s.Wall));
        var perSecond = unit == "tokens/s";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{work,-14}{threads,8}{(perSecond ? 1 / a : a),16:F2}{(perSecond ? 1 / b : b),16:F2}{b / a,7:F2}"
            + $"{Median(ours, s => s.Cpu),12:F4}{Median(peer, s => s.Cpu),8:F4}"
            + $"{Median(ours, s => s.Cores),15:F2}{Median(peer, s => s.Cores),6:F2}"));
    }

    private static double Median(List<Sample> samples, Func<Sample, double> of) =>
        samples.Select(of).Order().ElementAt(samples.Count / 2);

    private static float[] Numbers(string line) =>
        MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(line)).ToArray();

    /// <summary>Seconds for one token or clip, processor seconds for it, and their quotient.</summary>
    private readonly record struct Sample(double Wall, double Cpu, double Cores);

    private sealed class Nothing : ISpeedPeer
    {
        public void Prepare(string work, int threads)
        {
        }

        public double Work() => 0;

        public float[] Numbers() => [];

        public void Dispose()
        {
        }
    }

    /// <summary>This program again, which does what it is asked line by line.</summary>
    private sealed class Child : IDisposable
    {
        private readonly Process process;
        private readonly Task ready;

        public Child(params string[] arguments)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["speed", "serve", .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            process = Process.Start(start)!;
            ready = process.StandardOutput.ReadLineAsync();
        }

        public async Task<string> AskAsync(string line)
        {
            await ready;
            await process.StandardInput.WriteLineAsync(line);
            if (line == "end")
            {
                await process.WaitForExitAsync();
                return "";
            }
            return await process.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException("A process of the comparison ended; its words stand above.");
        }

        public long PeakBytes() => 1024 * long.Parse(
            File.ReadLines($"/proc/{process.Id}/status")
                .Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}

/// <summary>One side of the comparison, in a process of its own.</summary>
internal interface ISpeedPeer : IDisposable
{
    /// <summary>Does everything that comes before the work and is not timed.</summary>
    void Prepare(string work, int threads);

    /// <summary>Does the work, which is timed.</summary>
    /// <returns>Its tokens or clips.</returns>
    double Work();

    /// <summary>What comes out for an input that both sides get.</summary>
    float[] Numbers();
}
