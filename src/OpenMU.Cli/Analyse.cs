using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Worker;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu analyse FILE...</c>: what the measuring tools, and a model if one is named, say about
/// files, without a catalogue.
/// </summary>
internal static class Analyse
{
    private static readonly JsonSerializerOptions Json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };
    private static readonly JsonSerializerOptions Words =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Command()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Audio files of any format that ffmpeg reads.",
            Arity = ArgumentArity.OneOrMore
        };
        var json = new Option<bool>("--json")
        {
            Description = "Everything measured, as one JSON array; with --model also the score of every tag, and of "
                + "music (0 to 1) where the model tells it from other sound."
        };
        var jsonl = new Option<bool>("--jsonl")
        {
            Description = "One JSON object a line: file, tempo, beats, downbeats, key, chords."
        };
        var jams =
            new Option<bool>("--jams") { Description = "Annotations in the JAMS format, one JSON object a line." };
        var model = new ModelOptions(orShipped: false);
        var command = new Command(
            "analyse",
            "Measures tempo, beats, key, chords, loudness and quality of files; with --model, describes them too.")
        {
            files, json, jsonl, jams
        };
        model.AddTo(command);
        command.Validators.Add(result =>
        {
            if (new[] { json, jsonl, jams }.Count(option => result.GetValue(option)) > 1)
                result.AddError("--json, --jsonl and --jams exclude each other.");
        });
        command.SetAction((parsed, cancel) =>
        {
            AnalysisOutput output = parsed.GetValue(json) ? new JsonArrayOutput(Json)
                : parsed.GetValue(jsonl) ? new LinesOutput(TrackJson.Line)
                : parsed.GetValue(jams) ? new LinesOutput((_, measured) => Jams.Of(measured).ToJsonString())
                : new TextOutput(AnsiConsole.Console);
            return RunAsync(parsed.GetRequiredValue(files), model.Of(parsed), output, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string[] files, WorkerOptions options, AnalysisOutput output, CancellationToken cancel)
    {
        await WorkingDecoder.RequireAsync(cancel);
        using var listener = ModelSession.Open(options);
        var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
        var refused = 0;
        foreach (var file in files)
        {
            try
            {
                output.Add(file, await analyser.FindAsync(file, progress: null, cancel));
            }
            catch (UnreadableAudioException e)
            {
                refused++;
                await Console.Error.WriteLineAsync($"openmu: {file}: {e.Message}");
            }
        }

        output.Finish();
        return refused == 0 ? 0 : 1;
    }

    /// <summary>How findings are printed.</summary>
    private abstract class AnalysisOutput
    {
        public abstract void Add(string file, TrackFindings found);

        public virtual void Finish()
        {
        }
    }

    private sealed class LinesOutput(Func<string, TrackMeasurement, string> line) : AnalysisOutput
    {
        public override void Add(string file, TrackFindings found) => Console.Out.WriteLine(line(file, found.Measured));
    }

    private sealed class JsonArrayOutput(JsonSerializerOptions options) : AnalysisOutput
    {
        private readonly JsonArray all = [];

        public override void Add(string file, TrackFindings found)
        {
            var track = TrackJson.Document(file, found.Measured);
            if (found.Words is { } words)
            {
                track["words"] = Of(words);
                track["scores"] = ScoresOf(words);
                if (words.Sound is { } sound) track["music"] = sound.Music;
            }

            if (found.ModelProblem is { } problem) track["modelProblem"] = problem;
            all.Add((JsonNode)track);
        }

        public override void Finish() => Console.Out.WriteLine(all.ToJsonString(options));

        private static JsonNode? Of(TrackWords words) => JsonSerializer.SerializeToNode(
            new
            {
                words.Caption,
                CaptionFrom = words.IsCaptionPlain ? "facts" : "model",
                words.Description,
                DescriptionFrom = words.IsDescriptionPlain ? "facts" : "model",
                words.DroppedSentences,
                Tags = words.Tags.Select(tag => new { tag.Group, Label = tag.Tag, tag.Confidence }),
                words.SecondsHeard,
            },
            Words);

        // By group, every label: also those that are not sure enough to be a tag.
        private static JsonNode? ScoresOf(TrackWords words) => JsonSerializer.SerializeToNode(
            words.Scores.GroupBy(score => score.Group).ToDictionary(
                group => group.Key, group => group.ToDictionary(score => score.Tag, score => score.Confidence)),
            Words);
    }

    private sealed class TextOutput(IAnsiConsole console) : AnalysisOutput
    {
        public override void Add(string file, TrackFindings found)
        {
            var m = found.Measured;
            var table = new Grid().AddColumn().AddColumn();
            Row("duration", $"{TimeSpan.FromSeconds(m.DurationSeconds):h\\:mm\\:ss\\.f}  ({m.Info.Codec}, "
                + $"{m.Info.SampleRate} Hz, {m.Info.Channels} ch)");
            if (m.Info.Title is { } title) Row("title", m.Info.Artist is { } artist ? $"{title}, {artist}" : title);
            Row("tempo", m.Tempo is { } tempo
                ? $"{tempo.Bpm:0.0} BPM{Sure(tempo.Confidence)}{Alternatives(tempo)}"
                : "no steady tempo");
            if (m.TempoSegments is { Count: > 1 } parts)
                Row("", $"changes: {string.Join(", ", parts.Select(part => $"{part.Bpm:0.0} from {part.Start:0} s"))}");
            if (m.Beats.Metre is { } metre)
                Row("metre", $"{metre.Label}{Sure(m.Beats.MetreConfidence)}, {m.Beats.Beats.Count} beats");
            Row("key", m.Key.Key is { } key
                ? $"{key.Name} ({key.Camelot}){Sure(m.Key.Confidence)}, tuned {m.Key.TuningCents:+0;-0;0} cents"
                : "no steady tempo");
            if (m.Sections is { Count: > 1 } sections)
            {
                Row("sections", string.Join(
                    ", ", sections.Select(part => $"{part.Label} {part.Function}".TrimEnd() + $" {part.Start:0} s")));
            }

            Row("loudness", m.Loudness.IntegratedLufs is { } lufs
                ? $"{lufs:0.0} LUFS, range {m.Loudness.RangeLu:0.0} LU, true peak {m.Loudness.TruePeakDbtp:0.0} dBTP"
                : "silence");
            if (m.Quality.Faults != SoundFaults.None) Row("quality", m.Quality.Faults.ToString());
            if (found.Words is { } words)
            {
                Row("caption", words.Caption + (words.IsCaptionPlain ? Plain : ""));
                Row("description", words.Description + (words.IsDescriptionPlain ? Plain : ""));
                if (words.DroppedSentences > 0)
                    Row("left out", $"{words.DroppedSentences} sentences that contradict the tags or the measurements");
                if (words.Tags.Count > 0)
                    Row("tags", string.Join(", ", words.Tags.Select(tag => $"{Named(tag)} ({100 * tag.Confidence:0}%)")));
            }

            if (found.ModelProblem is { } problem) Row("model", problem);
            console.WriteLine(file);
            console.Write(new Padder(table, new Padding(2, 0, 0, 1)));

            void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
        }

        // Labels that say nothing without their group.
        private static string Named(TagScore tag) => tag switch
        {
            { Group: MusicTerms.Voice, Tag: "none" } => "no voice",
            { Group: MusicTerms.Voice, Tag: "male" or "female" } => $"{tag.Tag} voice",
            { Group: MusicTerms.Energy } => $"{tag.Tag} energy",
            _ => tag.Tag,
        };

        private const string Plain = " [written from tags and measurements]";

        private static string Sure(double confidence) => $", {100 * confidence:0}% sure";

        private static string Alternatives(Tempo tempo) =>
            tempo.Alternatives.Count == 0
                ? ""
                : $" (or {string.Join(", ", tempo.Alternatives.Take(2).Select(t => $"{t.Bpm:0.0}"))})";
    }
}
