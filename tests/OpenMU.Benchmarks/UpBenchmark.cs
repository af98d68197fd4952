using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Testing;
using OpenMU.Worker;

namespace OpenMU.Benchmarks;

/// <summary>
/// <c>openmu up</c> on 40 tracks with 20 questions in between: the wall time beside the sum of its parts, each of which
/// is done alone first, one after the other on all processors.
/// </summary>
internal static class UpBenchmark
{
    public const string Usage = "up MODEL [OPENMU.DLL]";

    private const int Tracks = 40, Questions = 20, Seconds = 60, Rate = 44_100, Measured = 8;
    private const string Question = "Which instruments play, and how does the music feel?";

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    // Beside this program's folder: src and tests are built alike.
    internal static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "OpenMU.Benchmarks"), Path.Combine("src", "OpenMU.Cli"), StringComparison.Ordinal),
        "openmu.dll");

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var model, .. var rest] || rest.Length > 1)
        {
            Console.Error.WriteLine($"usage: {Usage}");
            return 2;
        }
        var folder = Directory.CreateTempSubdirectory("openmu-up-");
        try
        {
            var music = folder.CreateSubdirectory("music").FullName;
            for (var i = 0; i < Tracks; i++)
                await File.WriteAllBytesAsync(Path.Combine(music, $"{i:00}.wav"), Tune(i));
            var parts = await PartsAsync(Directory.GetFiles(music).Order().Take(Measured).ToArray(), model);
            var whole = await UpAsync(music, folder.FullName, model, rest is [var named] ? named : Program);
            Console.WriteLine(string.Create(
                Plain, $"wall time {whole.TotalSeconds:0.0} s, {whole / parts:0.00} of the sum of its parts"));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Chords and a beat, each track in another key and tempo.</summary>
    private static byte[] Tune(int index)
    {
        var (beat, root) = (60.0 / (84 + 3 * index), 110 * Math.Pow(2, index % 12 / 12.0));
        int[] steps = [0, 5, 7, 9];
        return TestSound.Wav([.. Enumerable.Range(0, Seconds * Rate).Select(i =>
        {
            var time = (double)i / Rate;
            var step = steps[(int)(time / (4 * beat)) % steps.Length];
            var chord = new[] { 0, 4, 7 }.Sum(third =>
                Math.Sin(2 * Math.PI * root * Math.Pow(2, (step + third) / 12.0) * time));
            var sinceBeat = time % beat;
            return (short)(3000 * chord + 9000 * Math.Exp(-25 * sinceBeat) * Math.Sin(2 * Math.PI * 90 * sinceBeat));
        })], Rate);
    }

    /// <summary>The parts of some tracks, alone, and what they come to for all tracks and questions.</summary>
    private static async Task<TimeSpan> PartsAsync(string[] files, string folder)
    {
        KernelThreads.Use(Environment.ProcessorCount);
        using var opened = ModelFolder.Open(folder);
        using var model = new MusicModel(opened.Model, opened.Tokenizer, opened.TagHead, tagger: opened.Tagger);
        var times = new TimeSpan[5];
        var alone = new List<(float[] Sound, MusicalFacts Facts, IReadOnlyList<string> Texts)>();
        foreach (var (round, file) in new[] { files[0] }.Concat(files).Index())
        {
            // The first round also compiles the program.
            if (round == 1)
            {
                Array.Clear(times);
                alone.Clear();
            }
            var clock = Stopwatch.StartNew();
            var excerpt = new Excerpt(ModelSession.SampleRate, 600, ResampleFilter.SciPy);
            var measured = await TrackMeasurer.MeasureAsync(
                file, DecodeLimits.Default, progress: null, CancellationToken.None, excerpt);
            Lap(0);
            var sound = excerpt.Finish().Samples;
            using var track = model.Encode(sound, CancellationToken.None);
            Lap(1);
            var decided = measured.Facts.DecidedBy(track.Tags, opened.TagHead?.Labels ?? []);
            var texts = Instructions.Texts(decided)
                .Select(one => model.Generate(track, [one], decided, null, CancellationToken.None)[0].Text).ToArray();
            alone.Add((sound, decided, texts));
            Lap(2);
            await AudioFile.ReadMonoAsync(
                file, ModelSession.SampleRate, 600, DecodeLimits.Default, CancellationToken.None);
            Lap(3);
            model.Generate(track, [Question], measured.Facts, null, CancellationToken.None);
            Lap(4);

            void Lap(int part)
            {
                times[part] += clock.Elapsed;
                clock.Restart();
            }
        }
        var of = times.Select(time => time.TotalSeconds / files.Length).ToArray();
        Console.WriteLine(string.Create(
            Plain, $"alone, means of {files.Length} tracks of {Seconds} s: decoded and measured {of[0]:0.00} s, encoded "
                + $"{of[1]:0.00} s, two texts {of[2]:0.00} s; for a question decoded {of[3]:0.00} s, encoded again, "
                + $"answered {of[4]:0.00} s"));
        await TogetherAsync(model, alone);
        var sum = Tracks * (of[0] + of[1] + of[2]) + Questions * (of[3] + of[1] + of[4]);
        Console.WriteLine(string.Create(
            Plain, $"sum for {Tracks} tracks and {Questions} questions: {sum:0.0} s, of which the model "
                + $"{Tracks * (of[1] + of[2]) + Questions * (of[1] + of[4]):0.0} s"));
        return TimeSpan.FromSeconds(sum);
    }

    /// <summary>The same tracks in one engine, all at once: the time, and how many texts come out otherwise.</summary>
    private static async Task TogetherAsync(
        MusicModel model, List<(float[] Sound, MusicalFacts Facts, IReadOnlyList<string> Texts)> alone)
    {
        var engine = new ModelEngine(model);
        engine.Start();
        var clock = Stopwatch.StartNew();
        var texts = await Task.WhenAll(alone.Select(async one =>
        {
            var track = await engine.Encode(one.Sound, isUrgent: false, CancellationToken.None).Result;
            var requests = Instructions.Texts(one.Facts).Select(instruction => engine.Write(
                track, instruction, one.Facts, options: null, isUrgent: false, CancellationToken.None)).ToArray();
            return await Task.WhenAll(requests.Select(request => request.Result));
        }));
        var other = alone.Zip(texts).Sum(pair => pair.First.Texts.Zip(pair.Second).Count(text =>
            text.First != text.Second.Text));
        Console.WriteLine(string.Create(
            Plain, $"the same {alone.Count} tracks encoded and written in one engine at once: "
                + $"{clock.Elapsed.TotalSeconds / alone.Count:0.00} s a track; {other} of "
                + $"{alone.Sum(one => one.Texts.Count)} texts differ from those written alone"));
        engine.Stop(Timeout.InfiniteTimeSpan);
    }

    private static async Task<TimeSpan> UpAsync(string music, string folder, string model, string program)
    {
        var start = new ProcessStartInfo(
            "dotnet", [program, "up", music, "--data", Path.Combine(folder, "data"), "--port", "0", "--model", model])
        {
            RedirectStandardOutput = true
        };
        using var up = System.Diagnostics.Process.Start(start)!;
        try
        {
            string? line;
            const string Page = "Catalogue page: ";
            do line = await up.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("It ended.");
            while (!line.StartsWith(Page, StringComparison.Ordinal));
            using var client = new HttpClient { BaseAddress = new Uri(line[Page.Length..]) };
            var rest = up.StandardOutput.ReadToEndAsync();
            var clock = Stopwatch.StartNew();
            var waits = await FollowAsync(client, clock);
            var wall = clock.Elapsed;
            Console.WriteLine(string.Create(
                Plain, $"up: {Tracks} tracks Ready and {waits.Count} questions answered; an answer came after "
                    + $"{waits[waits.Count / 2].TotalSeconds:0.0} s (median), {waits[^1].TotalSeconds:0.0} s (longest); "
                    + $"peak memory {ProcessTree.PeakKib(up.Id) / 1024.0:0} MiB"));
            return wall;
        }
        finally
        {
            up.Kill(entireProcessTree: true);
            await up.WaitForExitAsync();
        }
    }

    // The other program may be older than the version in the API's addresses.
    private static async Task<string> ApiAsync(HttpClient client)
    {
        const string Status = "/status";
        var document = await client.GetFromJsonAsync<JsonNode>("/openapi/v1.json");
        return document!["paths"]!.AsObject().Select(path => path.Key)
            .Single(path => path.EndsWith(Status, StringComparison.Ordinal))[..^Status.Length];
    }

    /// <summary>
    /// Asks a question whenever another two tracks are Ready, each about another track, until all is done.
    /// </summary>
    /// <returns>How long each answer took, the shortest first.</returns>
    private static async Task<List<TimeSpan>> FollowAsync(HttpClient client, Stopwatch clock)
    {
        var open = new Dictionary<long, TimeSpan>();
        var waits = new List<TimeSpan>();
        var asked = new HashSet<long>();
        var api = await ApiAsync(client);
        while (true)
        {
            var ready = (await client.GetFromJsonAsync<JsonNode>($"{api}/status"))!["ready"]!.GetValue<int>();
            while (asked.Count < Math.Min(Questions, ready * Questions / Tracks))
            {
                var tracks = (await client.GetFromJsonAsync<JsonNode>($"{api}/tracks?state=Ready"))!["tracks"]!.AsArray();
                var track = tracks.Select(one => one!["id"]!.GetValue<long>())
                    .FirstOrDefault(id => !asked.Contains(id));
                if (track == 0) break;
                using var answer = await client.PostAsJsonAsync(
                    $"{api}/tracks/{track}/questions", new { text = Question });
                answer.EnsureSuccessStatusCode();
                asked.Add(track);
                var question = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["id"]!.GetValue<long>();
                open.Add(question, clock.Elapsed);
            }
            foreach (var (id, since) in open.ToArray())
            {
                var view = await client.GetFromJsonAsync<JsonNode>($"{api}/questions/{id}");
                var state = view!["state"]!.ToString();
                if (state is not ("Ready" or "Failed" or "Rejected")) continue;
                if (state != "Ready") throw new InvalidOperationException($"Question {id} is {state}.");
                open.Remove(id);
                waits.Add(clock.Elapsed - since);
            }
            if (ready == Tracks && waits.Count == Questions) return [.. waits.Order()];
            await Task.Delay(100);
        }
    }
}
