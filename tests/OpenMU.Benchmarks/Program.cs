using OpenMU.Benchmarks;
using OpenMU.Benchmarks.Speed;


var verbs = new Dictionary<string, (string Usage, Func<string[], Task<int>> Run)>
{
    ["mir"] = ("mir FILE...", MirBenchmark.RunAsync),
    ["peers"] = (PeersBenchmark.Usage, PeersBenchmark.RunAsync),
    ["mir-soak"] = ("mir-soak COUNT FILE...", MirSoak.RunAsync),
    ["eight-billion"] = ("eight-billion [FOLDER [THREADS]]", arguments => Task.FromResult(EightBillion.Run(arguments))),
    ["soak"] = ("soak", arguments => Task.FromResult(Soak.Run(arguments))),
    ["catalogue"] = ("catalogue FOLDER [TRACKS [PART_OF_A_NAME]]", CatalogueBenchmark.RunAsync),
    ["up"] = (UpBenchmark.Usage, UpBenchmark.RunAsync),
    ["memory"] = ("memory [MODEL] [FILE]", MemoryBenchmark.RunAsync),
    ["cost"] = (CostBenchmark.Usage, CostBenchmark.RunAsync),
    ["start"] = ("start [OPENMU.DLL]", StartBenchmark.RunAsync),
    ["listen"] = ("listen MODEL FILE", ListenBenchmark.RunAsync),
    ["lyrics"] = ("lyrics [MODEL]", arguments => Task.FromResult(LyricsBenchmark.Run(arguments))),
    ["meaning"] = ("meaning [TRACKS]", MeaningBenchmark.RunAsync),
    ["questions"] = (QuestionsBenchmark.Usage, QuestionsBenchmark.RunAsync),
    ["import"] = (ImportBenchmark.Usage, ImportBenchmark.RunAsync),
    ["fuzz"] = (FuzzBenchmark.Usage, FuzzBenchmark.RunAsync),
    ["similar"] = ("similar [TRACKS]", arguments => Task.FromResult(SimilarBenchmark.Run(arguments))),
    ["types"] = ("types [MODEL]...", arguments => Task.FromResult(TypesBenchmark.Run(arguments))),
    ["speed"] = (SpeedBenchmark.Usage, SpeedBenchmark.RunAsync),
    ["gpu"] = ("gpu cuda|cpu [MINUTES [JSON]]", GpuBenchmark.RunAsync),
    ["gpu-shape"] =
        ("gpu-shape NAME cuda|cpu SECONDS", arguments => Task.FromResult(GpuBenchmark.RunShape(arguments))),
    ["model"] = ("model [tiny|1.1b]...", arguments => Task.FromResult(ModelBenchmark.Run(arguments))),
};

if (args is [var verb, .. var rest] && verbs.TryGetValue(verb, out var chosen)) return await chosen.Run(rest);
Console.Error.WriteLine("usage: dotnet run -c Release --project tests/OpenMU.Benchmarks -- VERB");
foreach (var (usage, _) in verbs.Values) Console.Error.WriteLine($"  {usage}");
return 2;
