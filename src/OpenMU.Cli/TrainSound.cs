using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;
using Spectre.Console;
using static TorchSharp.torch;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu train-sound MODEL --recordings TABLE</c>: teaches a model to tell music from other sound, before it says
/// anything about the music.
/// </summary>
internal static class TrainSound
{
    // Of our own making, in training and, from another seed, in judging.
    private const int OwnOther = 160, OwnMusic = 100, JudgedOther = 48, JudgedMusic = 40;
    private const double OwnSeconds = 20;

    // A minute and a half: what begins as music is music, and a long piece teaches no more than a few of its windows.
    private const int MostWindows = 3;

    public static Command Command()
    {
        var model = new Argument<string>("model")
        {
            Description = "The model folder; its tag_head.safetensors is replaced.",
        };
        var recordings = new Option<string[]>("--recordings")
        {
            Description = "Tables of recordings to learn from: columns file, package and, for each kind of sound, "
                + $"{string.Join(", ", SoundHead.Kinds.Select(kind => "sound:" + kind))} (0 or 1).",
            HelpName = "TABLE",
            AllowMultipleArgumentsPerToken = true,
        };
        var music = new Option<string[]>("--music")
        {
            Description = "Folders of music to learn from.",
            HelpName = "FOLDER",
            AllowMultipleArgumentsPerToken = true,
        };
        var judged = new Option<string[]>("--judge")
        {
            Description = "Tables of recordings of other packages, which only judge.",
            HelpName = "TABLE",
            AllowMultipleArgumentsPerToken = true,
        };
        var judgedMusic = new Option<string[]>("--judge-music")
        {
            Description = "Folders of music that only judges.",
            HelpName = "FOLDER",
            AllowMultipleArgumentsPerToken = true,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Of the sounds of our own making.",
            DefaultValueFactory = _ => 11,
            HelpName = "N",
        };
        var kept = new Option<string?>("--keep")
        {
            Description = "A file for what the encoder says of each recording: what stands in it is not heard again. Of "
                + "use only with the same encoder.",
            HelpName = "FILE",
        };
        var device = Evaluate.DeviceOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only print how well it tells them apart." };
        var judgeOnly = new Option<bool>("--judge-only") { Description = "Judge what the model already has." };
        var command = new Command(
            "train-sound",
            "Teaches a model to tell music from speech, noise and other sound, by a layer on what its encoder says. "
                + "Other weights stay; the model's version changes.")
        {
            model, recordings, music, judged, judgedMusic, seed, kept, device, dryRun, judgeOnly,
        };
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                var folder = parsed.GetRequiredValue(model);
                var number = parsed.GetValue(seed);
                SoundLayer? layer = null;
                var rows = new List<(string Package, int Kind, HeardSound Heard)>();
                using var heard = new KeptFeatures(parsed.GetValue(kept));
                using (var opened = Evaluate.Open(folder, parsed.GetRequiredValue(device), Environment.ProcessorCount))
                {
                    if (opened.TagHead is not { } head) throw new UsageException($"The model {folder} gives no tags.");
                    if (parsed.GetValue(judgeOnly) && opened.Tagger is not null)
                    {
                        Console.Error.WriteLine("The model has a tagger, which is judged with the layer beside it.");
                    }
                    else if (parsed.GetValue(judgeOnly))
                    {
                        layer = LayerOf(
                            head.Sound ?? throw new UsageException($"The model {folder} tells no music yet."));
                    }
                    else
                    {
                        var sources = Sources(
                            parsed.GetValue(recordings) ?? [], parsed.GetValue(music) ?? [], number, isJudged: false);
                        layer = SoundTraining.Fit([.. Examples(opened.Model, sources, heard, cancel)]);
                    }

                    var others = Sources(
                        parsed.GetValue(judged) ?? [], parsed.GetValue(judgedMusic) ?? [], number + 1,
                        isJudged: true);
                    rows.AddRange(layer is null
                        ? Heard(opened, others, cancel)
                        : Examples(opened.Model, others, heard, cancel)
                            .Select(example => (example.Package, example.Kind, layer.Hear(example))));
                }

                Print(rows);
                if (!parsed.GetValue(dryRun) && !parsed.GetValue(judgeOnly))
                    SoundHead.Write(folder, layer!.Weight, layer.Bias);
                return ExitCode.Done;
            },
            CancellationToken.None));
        return command;
    }

    // When packages are left out in turn, what is made or rendered is left out piece by piece.
    private static List<Source> Sources(string[] tables, string[] folders, int seed, bool isJudged)
    {
        var sources = new List<Source>();
        if (tables.FirstOrDefault(table => !File.Exists(table)) is { } missing)
            throw new UsageException($"There is no table {missing}.");
        foreach (var recording in tables.SelectMany(LabelledRecording.ReadTable))
        {
            var kind = SoundHead.Kinds.ToList().FindIndex(kind => recording.Holds("sound", kind) == true);
            if (kind >= 0) sources.Add(new(recording.File, recording.Package, kind, recording.Read, true));
        }

        if (tables.Length > 0 && sources.Count == 0)
            throw new UsageException("No row of the tables has a file that is there and a kind of sound (sound:music ...).");
        foreach (var folder in folders)
        {
            if (!Directory.Exists(folder)) throw new UsageException($"There is no folder {folder}.");
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(file => AudioFileTypes.IsAudio(Path.GetExtension(file))).Order(StringComparer.Ordinal))
            {
                var package = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
                var recording = new LabelledRecording(file, package, new Dictionary<string, double>());
                sources.Add(new(file, isJudged ? package : file, 0, recording.Read));
            }
        }

        var noise = SoundHead.Kinds.ToList().IndexOf("noise");
        for (var i = 0; i < (isJudged ? JudgedOther : OwnOther); i++)
            AddOwn(OtherSounds.NameOf(i), "own noise", noise, OtherSounds.Make, i);
        for (var i = 0; i < (isJudged ? JudgedMusic : OwnMusic); i++)
            AddOwn(BareMusic.NameOf(i), $"own {BareMusic.KindOf(i)}", 0, BareMusic.Make, i);
        return sources;

        void AddOwn(string name, string package, int kind, Func<int, long, double, float[]> make, int index) =>
            sources.Add(new(
                $"{seed}/{name}", isJudged ? package : name, kind, () => make(index, seed, OwnSeconds)));
    }

    private static IEnumerable<SoundExample> Examples(
        ModelFamily model, List<Source> sources, KeptFeatures kept, CancellationToken cancel)
    {
        var heard = 0;
        foreach (var source in sources)
        {
            cancel.ThrowIfCancellationRequested();
            if (++heard % 50 == 0) Console.Error.WriteLine($"{heard} of {sources.Count} recordings heard");
            if (kept.Find(source.Name) is not { } windows)
            {
                if (Samples(source) is not { } samples) continue;
                kept.Add(source.Name, windows = Windows(model, samples));
            }

            yield return new(source.Package, source.Kind, windows) { IsRecording = source.IsRecording };
        }
    }

    // As the product hears them.
    private static IEnumerable<(string Package, int Kind, HeardSound Heard)> Heard(
        ModelFolder folder, List<Source> sources, CancellationToken cancel)
    {
        var model = new MusicModel(folder.Model, folder.Tokenizer, folder.TagHead, tagger: folder.Tagger);
        foreach (var source in sources)
        {
            cancel.ThrowIfCancellationRequested();
            if (Samples(source) is not { } samples) continue;
            using var track = model.Encode(samples, cancel);
            yield return (source.Package, source.Kind, track.Sound!);
        }
    }

    // Null where nothing can be heard.
    private static float[]? Samples(Source source)
    {
        try
        {
            return source.Read() is { Length: >= AudioPreprocessor.MinimumSamples } samples ? samples : null;
        }
        catch (UnreadableAudioException e)
        {
            Console.Error.WriteLine($"openmu: {source.Name}: {e.Message}");
            return null;
        }
    }

    private static List<float[]> Windows(ModelFamily model, float[] samples)
    {
        samples = samples[..Math.Min(samples.Length, MostWindows * model.WindowSamples)];
        using var _ = no_grad();
        var features = new List<float[]>();
        foreach (var window in model.EncodeWindows(samples))
        {
            using var scope = NewDisposeScope();
            features.Add(SoundHead.Features(window).cpu().data<float>().ToArray());
            window.Music.Dispose();
            window.Mean.Dispose();
        }

        return features;
    }

    private static SoundLayer LayerOf(SoundHead head)
    {
        float[] Numbers(string name) => head.state_dict()[name].to(float32).cpu().data<float>().ToArray();
        var (weight, bias) = (Numbers("weight"), Numbers("bias"));
        var matrix = new float[bias.Length, weight.Length / bias.Length];
        Buffer.BlockCopy(weight, 0, matrix, 0, weight.Length * sizeof(float));
        return new(matrix, bias);
    }

    /// <summary>What each kind was taken for, package by package and in all.</summary>
    private static void Print(List<(string Package, int Kind, HeardSound Heard)> rows)
    {
        List<string> columns = ["music", .. Enum.GetNames<OtherSound>().Select(name => name.ToLowerInvariant())];
        var table = new Table().Border(TableBorder.Markdown).AddColumns(["is", "of", "recordings", .. columns]);
        foreach (var kind in rows.GroupBy(row => row.Kind).OrderBy(kind => kind.Key))
        {
            var packages = kind.GroupBy(row => row.Package).OrderBy(group => group.Key, StringComparer.Ordinal);
            foreach (var package in packages) Add(SoundHead.Kinds[kind.Key], package.Key, [.. package]);
            Add(SoundHead.Kinds[kind.Key], "all", [.. kind]);
        }

        AnsiConsole.Write(table);
        var (music, other) = (rows.Where(row => row.Kind == 0).ToList(), rows.Where(row => row.Kind != 0).ToList());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Music called none: {music.Count(row => !row.Heard.IsMusic)} of {music.Count}. Other sound called music: "
            + $"{other.Count(row => row.Heard.IsMusic)} of {other.Count}."));

        void Add(string kind, string package, IReadOnlyList<(string Package, int Kind, HeardSound Heard)> group) =>
            table.AddRow(
            [
                kind, package, group.Count.ToString(CultureInfo.InvariantCulture),
                .. columns.Select(column => group.Count(row => Taken(row.Heard) == column)
                    .ToString(CultureInfo.InvariantCulture)),
            ]);
    }

    private static string Taken(HeardSound heard) =>
        heard.IsMusic ? "music" : heard.Otherwise.ToString().ToLowerInvariant();

    /// <summary>A line for each recording: its name, and the features of its windows as bytes in base64.</summary>
    private sealed class KeptFeatures : IDisposable
    {
        private readonly Dictionary<string, List<float[]>> known = [];
        private readonly StreamWriter? file;

        public KeptFeatures(string? path)
        {
            if (path is null) return;
            foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
            {
                string[] cells = line.Split('\t');
                known[cells[0]] = [.. cells[1..].Select(cell =>
                    MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(cell)).ToArray())];
            }

            file = new StreamWriter(path, append: true) { AutoFlush = true };
        }

        public List<float[]>? Find(string name) => known.GetValueOrDefault(name);

        public void Add(string name, List<float[]> windows)
        {
            var cells = windows.Select(window => Convert.ToBase64String(MemoryMarshal.AsBytes<float>(window)));
            file?.WriteLine(string.Join('\t', cells.Prepend(name)));
        }

        public void Dispose() => file?.Dispose();
    }

    /// <summary>Something to be heard.</summary>
    private sealed record Source(string Name, string Package, int Kind, Func<float[]> Read, bool IsRecording = false);
}
