using System.Globalization;
using System.Text.Json;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Benchmarks;

/// <summary>
/// How right the measuring tools are, and other programs in the same run, on clips whose truth is known.
/// </summary>
internal static class PeersBenchmark
{
    public const string Usage = "peers CLIPS/truth.jsonl...";

    // What other programs can be compared by.
    private static readonly string[] Measures =
    [
        "tempo Acc1", "tempo Acc2", "beat F", "CMLt", "AMLt", "downbeat F", "key MIREX", "key exact", "chord majmin",
        "chord root",
    ];

    public static async Task<int> RunAsync(string[] files)
    {
        if (files.Length == 0 || !files.All(File.Exists)) return 2;
        foreach (var file in files) await RunAsync(file);
        return 0;
    }

    private static async Task RunAsync(string file)
    {
        var scores = new Dictionary<string, List<(string Id, IReadOnlyList<(string Measure, double Score)> Scores)>>();
        var missing = new HashSet<string>();
        List<ClipTruth> truths = [.. (await File.ReadAllLinesAsync(file))
            .Where(line => !string.IsNullOrWhiteSpace(line)).Select(ClipTruth.Parse)];
        foreach (var truth in truths)
        {
            var path = Path.Combine(Path.GetDirectoryName(file)!, truth.File);
            using var samples = await MirPeer.SamplesAsync(path);
            var waveform = await AudioFile.ReadMonoAsync(
                path, TrackMeasurer.FeatureRate, maxSeconds: null, DecodeLimits.Default, CancellationToken.None);
            Add("this program", truth, ClipAnswer.Of(waveform), Measures);
            foreach (var peer in MirPeer.All)
            {
                if (await peer.BuildAsync(samples) && await peer.RunAsync(samples) is { } said)
                    Add(peer.Name, truth, Read(said, out var measures), measures);
                else
                    missing.Add($"{peer.Name}: not installed, or failed; to install: {peer.Install}");
            }
        }

        Console.WriteLine($"{file}: {truths.Count} clips\n| | {string.Join(" | ", Measures)} |");
        Console.WriteLine($"|---|{string.Concat(Measures.Select(_ => "---|"))}");
        foreach (var (name, clips) in scores)
        {
            var rows = Accuracy.Table(clips, worst: 0).ToDictionary(row => row.Measure);
            var cells = Measures.Select(measure => rows.TryGetValue(measure, out var row)
                ? string.Create(
                    CultureInfo.InvariantCulture, $"{100 * row.Mean:F1} [{100 * row.Low:F1}, {100 * row.High:F1}]")
                : "-");
            Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
        }
        foreach (var line in missing) Console.WriteLine(line);

        void Add(string name, ClipTruth truth, ClipAnswer answer, string[] measures)
        {
            if (!scores.TryGetValue(name, out var clips)) scores[name] = clips = [];
            clips.Add((truth.Id,
                [.. Accuracy.Score(truth, answer).Where(score => measures.Any(score.Measure.StartsWith))]));
        }
    }

    // What a program does not say, it is not measured by.
    private static ClipAnswer Read(string said, out string[] measures)
    {
        // aubiotrack: a time in seconds a line.
        if (!said.TrimStart().StartsWith('{'))
        {
            double[] times = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
            measures = ["tempo", "beat", "CMLt", "AMLt"];
            return new(TempoOf(times), null, times, [], []);
        }

        var json = JsonDocument.Parse(said).RootElement;
        double[] Times(string name) => json.TryGetProperty(name, out var list)
            ? [.. list.EnumerateArray().Select(time => time.GetDouble())]
            : [];
        measures =
        [
            .. json.EnumerateObject().SelectMany(property => property.Name switch
            {
                "tempo" => ["tempo"],
                "beats" => ["beat", "CMLt", "AMLt"],
                "downbeats" => ["downbeat"],
                "key" => ["key"],
                "chords" => (string[])["chord"],
                _ => [],
            }),
        ];
        return new(
            json.TryGetProperty("tempo", out var tempo) ? tempo.GetDouble() : null,
            json.TryGetProperty("key", out var key) ? key.GetString() : null,
            Times("beats"), Times("downbeats"),
            json.TryGetProperty("chords", out var chords)
                ? [.. chords.EnumerateArray().Select(chord =>
                    new ChordSegment(chord[0].GetDouble(), chord[1].GetDouble(), chord[2].GetString()!))]
                : []);
    }

    private static double? TempoOf(double[] beats)
    {
        if (beats.Length < 2) return null;
        double[] intervals = [.. beats.Zip(beats.Skip(1), (one, next) => next - one).Order()];
        return 60 / intervals[intervals.Length / 2];
    }
}
