using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu analyse FILE...</c>: what the measuring tools say about files, without a catalogue.</summary>
internal static class Analyse
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    public static Command Command()
    {
        var files = new Argument<string[]>("files") { Description = "Audio files of any format that ffmpeg reads.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Everything measured, as one JSON array." };
        var command = new Command("analyse", "Measures tempo, beats, key, loudness and quality of files.") { files, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(files), parsed.GetValue(json), AnsiConsole.Console, cancel));
        return command;
    }

    internal static async Task<int> RunAsync(string[] files, bool json, IAnsiConsole console, CancellationToken cancel)
    {
        var measured = new List<(string File, TrackMeasurement Measurement)>();
        var refused = 0;
        foreach (var file in files)
        {
            try
            {
                var measurement = await TrackMeasurer.MeasureAsync(file, DecodeLimits.Default, progress: null, cancel);
                if (json) measured.Add((file, measurement));
                else Show(console, file, measurement);
            }
            catch (UnreadableAudioException e)
            {
                refused++;
                await Console.Error.WriteLineAsync($"openmu: {file}: {e.Message}");
            }
        }

        if (json) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(measured.Select(m => new { m.File, m.Measurement }), Json));
        return refused == 0 ? 0 : 1;
    }

    private static void Show(IAnsiConsole console, string file, TrackMeasurement m)
    {
        var table = new Grid().AddColumn().AddColumn();
        Row("duration", $"{TimeSpan.FromSeconds(m.DurationSeconds):h\\:mm\\:ss\\.f}  ({m.Info.Codec}, {m.Info.SampleRate} Hz, {m.Info.Channels} ch)");
        if (m.Info.Title is { } title) Row("title", m.Info.Artist is { } artist ? $"{title}, {artist}" : title);
        Row("loudness", m.Loudness.IntegratedLufs is { } lufs ? $"{lufs:0.0} LUFS, true peak {m.Loudness.TruePeakDbtp:0.0} dBTP" : "silence");
        if (m.Quality.Faults != SoundFaults.None) Row("quality", m.Quality.Faults.ToString());
        console.WriteLine(file);
        console.Write(new Padder(table, new Padding(2, 0, 0, 1)));

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }
}
