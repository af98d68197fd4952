using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Music.Grounding;
using OpenMU.Training.Evaluation.Text;
using OpenMU.Worker;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu contradictions PATH</c>: how many captions and descriptions say what the same track's tags, tempo, metre
/// and key do not.
/// </summary>
internal static class Contradictions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
    };

    public static Command Command()
    {
        var paths = new Argument<string[]>("paths")
        {
            Description = "Recordings or folders of them, which are analysed now; the data folder of `openmu up`; or "
                + "files that `openmu analyse --json` printed (named .json).",
            Arity = ArgumentArity.OneOrMore,
        };
        var list = new Option<bool>("--list") { Description = "Name every contradiction, and each sentence that was left out." };
        var json = new Option<bool>("--json") { Description = "One JSON object, with every contradiction in it." };
        var model = new ModelOptions();
        var command = new Command(
            "contradictions",
            "Counts captions and descriptions that contradict the tags and measurements of their own tracks, by kind: "
                + "instrument, genre, mood, voice, tempo, metre, key, chord.")
        {
            paths, list, json,
        };
        model.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (count, refused) = await CountAsync(
                parsed.GetRequiredValue(paths), model.Of(parsed), Console.Error, cancel);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(count, Json));
            else Print(AnsiConsole.Console, count, parsed.GetValue(list));
            return refused == 0 ? ExitCode.Done : ExitCode.NotDone;
        });
        return command;
    }

    private static async Task<(ContradictionCount Count, int Refused)> CountAsync(
        IReadOnlyList<string> paths, WorkerOptions options, TextWriter error, CancellationToken cancel)
    {
        var count = new ContradictionCount();
        var recordings = new List<string>();
        foreach (var path in paths)
        {
            if (HomeSystem.Exists(new DirectoryInfo(path))) await AddCatalogueAsync(count, path, cancel);
            else if (Directory.Exists(path)) recordings.AddRange(MusicFolder.Find(path).Select(file => file.FullPath));
            else if (Path.GetExtension(path) == ".json") AddPrinted(count, path);
            else recordings.Add(path);
        }

        var refused = recordings.Count == 0 ? 0 : await AddRecordingsAsync(count, recordings, options, error, cancel);
        if (count.Tracks == 0 && refused == 0)
            throw new UsageException("There are no tracks with captions: name recordings, or a catalogue with a model.");
        return (count, refused);
    }

    private static async Task<int> AddRecordingsAsync(
        ContradictionCount count, IReadOnlyList<string> files, WorkerOptions options, TextWriter error,
        CancellationToken cancel)
    {
        using var listener = ModelSession.Open(options)
            ?? throw new UsageException("There is no model: name a model folder with --model DIR.");
        await WorkingDecoder.RequireAsync(cancel);
        var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
        var refused = 0;
        await WithProgressAsync(error, files, async file =>
        {
            try
            {
                var found = await analyser.FindAsync(file, progress: null, cancel);
                if (found.Words is not { } words) return;
                count.Add(
                    file, words.Caption, words.Description, found.Measured.Facts.DecidedBy(words.Tags, listener.Labels),
                    words.DroppedSentences, words.IsCaptionPlain, words.IsDescriptionPlain, words.LeftOut);
            }
            catch (UnreadableAudioException e)
            {
                refused++;
                await error.WriteLineAsync($"openmu: {file}: {e.Message}");
            }
        });
        return refused;
    }

    private static async Task AddCatalogueAsync(ContradictionCount count, string data, CancellationToken cancel)
    {
        await using var db = CatalogueDbFactory.ForFile(Path.Combine(data, HomeSystem.CatalogueFile)).CreateDbContext();
        var shown = db.Tracks.AsNoTracking().Include(track => track.Job.Analysis)
            .Where(track => track.Job.State == JobState.Ready).OrderBy(track => track.Id);
        await foreach (var track in shown.AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (track.Job.Analysis is not { Caption: not null } analysis) continue;
            var tagged = analysis.Sources.Any(source => source.Field == nameof(Analysis.Tags));
            count.Add(
                track.FileName, analysis.Caption, analysis.Description,
                analysis.Facts() with { Decisions = tagged ? TagDecisions.Of(analysis.Tags) : TagDecisions.None },
                analysis.DroppedSentences,
                analysis.Sources.Any(source => source is
                { Field: nameof(Analysis.Caption), Source: Analysis.PlainSource }));
        }
    }

    /// <summary>What <c>analyse --json</c> printed, by this version or an earlier one.</summary>
    private static void AddPrinted(ContradictionCount count, string path)
    {
        try
        {
            foreach (var track in JsonNode.Parse(File.ReadAllText(path))!.AsArray())
            {
                if (track!["words"] is not { } words) continue;
                TagScore[] tags = [.. words["tags"]!.AsArray().Select(tag => new TagScore(
                    (string)tag!["group"]!, (string)tag["label"]!, (double)tag["confidence"]!))];
                count.Add(
                    (string)track["file"]!, (string?)words["caption"], (string?)words["description"],
                    Facts(track) with
                    {
                        Decisions = tags.Length > 0 || track["scores"] is JsonObject { Count: > 0 }
                            ? TagDecisions.Of(tags)
                            : TagDecisions.None,
                    },
                    (int?)words["droppedSentences"], (string?)words["captionFrom"] == "facts");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException
            or FormatException)
        {
            throw new UsageException($"{path} is not what `openmu analyse --json` prints.");
        }
    }

    private static MusicalFacts Facts(JsonNode track) => new()
    {
        Bpm = (double?)track["tempo"]?["bpm"],
        Key = MusicalKey.TryParse((string?)track["key"]?["key"]),
        Beats = [.. track["beats"]!.AsArray().Zip(track["beatNumbers"]!.AsArray())
            .Select(beat => new Beat((double)beat.First!, (int)beat.Second!))],
        Chords = [.. track["chords"]!.AsArray().Select(chord => new ChordSegment(
            (double)chord!["start"]!, (double)chord["end"]!, (string)chord["chord"]!))],
    };

    private static void Print(IAnsiConsole console, ContradictionCount count, bool list)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumn("contradicts").AddColumn("captions")
            .AddColumn("descriptions");
        foreach (var kind in count.Rates.GroupBy(rate => rate.Kind))
        {
            table.AddRow([kind.Key?.ToString().ToLowerInvariant() ?? "anything", .. kind.Select(rate => string.Create(
                CultureInfo.InvariantCulture, $"{rate.Contradicting} of {rate.Texts} ({100 * rate.Rate:0} %)"))]);
        }

        console.Write(table);
        console.WriteLine(count.DroppedSentences is { } dropped
            ? $"{count.Tracks} tracks; {dropped} sentences left out; {count.PlainCaptions} captions written from tags and "
                + "measurements."
            : $"{count.Tracks} tracks; nobody counted what was left out.");
        foreach (var (kind, sentences, inPart) in count.LeftOut.Where(one => one.Sentences > 0))
            console.WriteLine($"left out for {NameOf(kind)}: {sentences} sentences, {inPart} of them in part");
        console.WriteLine($"{count.PlainDescriptions} descriptions written from tags and measurements.");
        console.WriteLine($"A list of words alone, without rules, finds {count.FoundByWords.Count} names that no tag bears "
            + $"out, in {count.FoundByWords.Select(one => (one.Track, one.Text)).Distinct().Count()} texts.");
        if (!list) return;
        foreach (var (track, text, kind, claim) in count.Found)
            console.WriteLine($"{track}: {text}: {NameOf(kind)}: {claim}");
        foreach (var (track, text, kind, word) in count.FoundByWords)
            console.WriteLine($"{track}: {text}: by words: {NameOf(kind)}: {word}");
        foreach (var (track, written, kept) in count.LeftOutSentences)
            console.WriteLine($"{track}: written: {written.Trim()} kept: {kept?.Trim() ?? "nothing"}");
    }

    private static string NameOf(ClaimKind? kind) => kind?.ToString().ToLowerInvariant() ?? "no language";

    // On the error stream, so that the figures can be piped.
    private static async Task WithProgressAsync(
        TextWriter error, IReadOnlyList<string> files, Func<string, Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        if (!console.Profile.Capabilities.Interactive)
        {
            foreach (var file in files) await work(file);
            return;
        }

        await console.Progress().AutoClear(true).StartAsync(async context =>
        {
            var bar = context.AddTask("listening", maxValue: files.Count);
            foreach (var file in files)
            {
                await work(file);
                bar.Increment(1);
            }
        });
    }
}
