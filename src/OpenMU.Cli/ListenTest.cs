using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenMU.Mir.Audio;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Listening;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu listen-test make</c> and <c>score</c>: people compare what two systems say about recordings, without
/// knowing which says what.
/// </summary>
internal static class ListenTest
{
    private const string PageFile = "index.html";

    /// <summary>The verb with both parts.</summary>
    public static Command Command() =>
        new("listen-test", "Has people compare the captions of two systems, blindly.") { Make(), Score() };

    private static Command Make()
    {
        var a = new Argument<string>("a")
        {
            Description = "What the first system says: what `openmu analyse --json` printed (named .json), or a table with "
                + "the columns file and text (CSV).",
        };
        var b = new Argument<string>("b") { Description = "What the second says about the same recordings." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "Folder for the page and its sounds. The key is written beside it, as FOLDER.key.json.",
            HelpName = "FOLDER",
            Required = true,
        };
        var recordings = new Option<string?>("--recordings")
        {
            Description = "Where the recordings are, if not where the first file says.",
            HelpName = "FOLDER",
        };
        var text = new Option<string>("--text")
        {
            Description = "Which of what `openmu analyse` says: caption or description.",
            DefaultValueFactory = _ => "caption",
        };
        text.AcceptOnlyFromAmong("caption", "description");
        var nameA = new Option<string?>("--name-a") { Description = "What the scores call the first; by default its file." };
        var nameB = new Option<string?>("--name-b") { Description = "What they call the second." };
        var most = new Option<int>("--recordings-at-most")
        {
            Description = "Drawn where there are more.",
            DefaultValueFactory = _ => 40,
            HelpName = "N",
        }.AtLeast(1);
        var checks = new Option<int>("--checks")
        {
            Description = "Further trials in which one text is about another recording: they show who did not listen.",
            DefaultValueFactory = _ => 4,
            HelpName = "N",
        }.AtLeast(0);
        var seconds = new Option<double>("--seconds")
        {
            Description = "Length of each sound, from the middle of the recording.",
            DefaultValueFactory = _ => 30,
            HelpName = "SECONDS",
        }.Between(5, 600);
        var seed = new Option<int>("--seed")
        {
            Description = "Of every random choice.",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command("make", "Makes the page: a folder to give to people, and a key to keep.")
        {
            a, b, output, recordings, text, nameA, nameB, most, checks, seconds, seed,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var folder = parsed.GetRequiredValue(output);
            var key = Path.TrimEndingDirectorySeparator(folder) + ".key.json";
            if (Directory.Exists(folder) || File.Exists(folder) || File.Exists(key))
                throw new UsageException($"{folder} or {key} is there already: name another folder.");
            var (first, second) = (parsed.GetRequiredValue(a), parsed.GetRequiredValue(b));
            var which = parsed.GetRequiredValue(text);
            var (textsA, textsB) = (Read(first, which), Read(second, which));
            var test = Draw(
                new SystemTexts(parsed.GetValue(nameA) ?? NameOf(first), Texts(textsA)),
                new SystemTexts(parsed.GetValue(nameB) ?? NameOf(second), Texts(textsB)),
                parsed.GetValue(most), parsed.GetValue(checks), parsed.GetValue(seed));
            var files = textsA.ToDictionary(
                said => said.Key,
                said => parsed.GetValue(recordings) is { } place ? Path.Combine(place, said.Key) : said.Value.File);
            await WriteAsync(test, folder, files, parsed.GetValue(seconds), cancel);
            await File.WriteAllTextAsync(key, test.ToJson(), cancel);
            Console.WriteLine($"{test.Trials.Count} trials: give {Path.Combine(folder, PageFile)} with its sounds to whoever "
                + $"listens, and keep {key} to yourself. Then: openmu listen-test score {key} ANSWERS.csv...");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Score()
    {
        var key = new Argument<string>("key") { Description = "The key that `make` wrote." };
        var answers = new Argument<string[]>("answers")
        {
            Description = "What the page saved, a file for each listener.",
            Arity = ArgumentArity.OneOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Count those too who failed more than half of the checks." };
        var csv = new Option<string?>("--csv") { Description = "Write the scores to a table too.", HelpName = "FILE" };
        var command = new Command("score", "Counts what people have chosen, with 95 % intervals.")
        {
            key, answers, all, csv,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var scores = Read(() => ListeningScores.Of(
                ListeningTest.Parse(File.ReadAllText(parsed.GetRequiredValue(key))),
                parsed.GetRequiredValue(answers).SelectMany(ListeningAnswer.ReadTable), parsed.GetValue(all)));
            if (parsed.GetValue(csv) is { } table) await File.WriteAllTextAsync(table, scores.ToCsv(), cancel);
            Print(AnsiConsole.Console, scores);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(IAnsiConsole console, ListeningScores scores)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumn("%").AddColumn("share").AddColumn("95 % interval")
            .AddColumn("answers");
        foreach (var score in scores.Scores)
        {
            table.AddRow(
                new Text(score.Measure), new Text(Number(score.Percent.Value)),
                new Text(score.Percent.Low is { } low ? $"{Number(low)} to {Number(score.Percent.High!.Value)}" : ""),
                new Text(score.Answers.ToString(CultureInfo.InvariantCulture)));
        }

        console.Write(table);
        console.WriteLine($"{scores.Listeners} listeners, {scores.Recordings} recordings; intervals are over recordings.");
        if (scores.LeftOut.Count > 0)
            console.WriteLine($"Not counted, for they failed the checks: {string.Join(", ", scores.LeftOut)}.");

        static string Number(double percent) => percent.ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static ListeningTest Draw(SystemTexts a, SystemTexts b, int most, int checks, int seed)
    {
        if (a.Name == b.Name) throw new UsageException($"Both systems are called {a.Name}: name them with --name-a, --name-b.");
        return Read(() => ListeningTest.Draw(a, b, most, checks, seed));
    }

    // The page comes last and under its own name: a folder that has it is whole.
    private static async Task WriteAsync(
        ListeningTest test, string folder, Dictionary<string, string> files, double seconds, CancellationToken cancel)
    {
        await WorkingDecoder.RequireAsync(cancel);
        var making = Path.TrimEndingDirectorySeparator(folder) + ".making";
        if (Directory.Exists(making)) Directory.Delete(making, recursive: true);
        Directory.CreateDirectory(Path.Combine(making, ListeningPage.SoundFolder));
        foreach (var trial in test.Trials)
        {
            VerbOutput.Progress($"{trial.Number} of {test.Trials.Count} sounds");
            var file = files[trial.Recording];
            if (!File.Exists(file)) throw new UsageException($"{file} does not exist: name the folder with --recordings.");
            var sound = await MiddleAsync(file, seconds, cancel);
            await File.WriteAllBytesAsync(
                Path.Combine(making, ListeningPage.SoundFolder, trial.SoundFile), sound, cancel);
        }

        if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync();
        await File.WriteAllTextAsync(Path.Combine(making, PageFile), ListeningPage.Of(test), cancel);
        Directory.Move(making, folder);
    }

    /// <returns>A WAV file without tags, of one or two channels.</returns>
    private static async Task<byte[]> MiddleAsync(string file, double seconds, CancellationToken cancel)
    {
        // A length that a file only claims may be too long: read once to know, once to keep.
        var length = await ReadAsync((_, _) => { });
        var first = (long)(Math.Max(0, (length.Seconds - seconds) / 2) * AudioDecoder.SampleRate);
        var last = first + (long)(seconds * AudioDecoder.SampleRate);
        var channels = length.Channels > 2 ? 1 : length.Channels;
        var samples = new List<short>();
        await ReadAsync((block, frame) =>
        {
            for (var i = 0; i < block.Length; i += length.Channels, frame++)
            {
                if (frame < first || frame >= last) continue;
                var one = block.Span.Slice(i, length.Channels);
                if (length.Channels <= 2)
                {
                    foreach (var sample in one) samples.Add(Short(sample));
                    continue;
                }

                var sum = 0f;
                foreach (var sample in one) sum += sample;
                samples.Add(Short(sum / length.Channels));
            }
        });
        return WaveWriter.Bytes([.. samples], AudioDecoder.SampleRate, channels);

        async Task<(double Seconds, int Channels)> ReadAsync(Action<ReadOnlyMemory<float>, long> take)
        {
            var opened = await AudioFile.OpenAsync(file, DecodeLimits.Default, cancel);
            await using var decoder = opened;
            while (true)
            {
                var frame = decoder.Frames;
                var block = await decoder.ReadAsync();
                if (block.IsEmpty) return (decoder.Seconds, decoder.Channels);
                take(block, frame);
            }
        }

        static short Short(float sample) => (short)Math.Round(Math.Clamp(sample, -1f, 1f) * short.MaxValue);
    }

    // By the recordings' names: the two systems may have heard them in different places.
    private static Dictionary<string, (string File, string Text)> Read(string path, string which)
    {
        var said = Read(() => Path.GetExtension(path) == ".json" ? OfAnalyses(path, which) : OfTable(path));
        var texts = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var (file, text) in said.Where(one => !string.IsNullOrWhiteSpace(one.Text)))
        {
            if (!texts.TryAdd(Path.GetFileName(file), (file, text.Trim())))
                throw new UsageException($"{path} has two recordings named {Path.GetFileName(file)}.");
        }

        return texts.Count > 0 ? texts : throw new UsageException(
            $"{path} says nothing of any recording: `openmu analyse --json` writes captions where --model names a model.");
    }

    private static List<(string File, string Text)> OfAnalyses(string path, string which) =>
    [
        .. JsonNode.Parse(File.ReadAllText(path))!.AsArray()
            .Select(track => ((string)track!["file"]!, (string?)track["words"]?[which] ?? "")),
    ];

    private static List<(string File, string Text)> OfTable(string path) =>
    [
        .. CsvFile.Read(path).Select(row => row.TryGetValue("file", out var file) && row.TryGetValue("text", out var text)
            ? (file, text)
            : throw new InvalidDataException($"{path} has no columns file and text.")),
    ];

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or InvalidDataException
            or ArgumentException)
        {
            throw new UsageException(e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new UsageException($"This is not what `openmu analyse --json` prints: {e.Message}");
        }
    }

    private static Dictionary<string, string> Texts(Dictionary<string, (string File, string Text)> said) =>
        said.ToDictionary(one => one.Key, one => one.Value.Text);

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);
}
