using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// One example of OpenMU-Bench in its published form (instruction, output, local_audio_path), with the task named
/// and, where this project made the record itself, the clip it belongs to. On disk: one object a line, or the
/// published list of objects.
/// </summary>
public sealed record BenchRecord
{
    public const string Captioning = "captioning", Reasoning = "reasoning", Lyrics = "lyrics",
        Tools = "tools", Choice = "choice";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The five tasks, in the order of the paper.</summary>
    public static IReadOnlyList<string> AllTasks { get; } = [Captioning, Reasoning, Lyrics, Tools, Choice];

    /// <summary>
    /// One of <see cref="AllTasks"/>. Published files do not say it; it is then taken from the file's name.
    /// </summary>
    public string Task { get; init; } = "";

    /// <summary>What the model is asked, without the music marker.</summary>
    public required string Instruction { get; init; }

    /// <summary>What it is to answer.</summary>
    public required string Output { get; init; }

    /// <summary>The music, relative to the folder of the file (or absolute).</summary>
    public string? LocalAudioPath { get; init; }

    /// <summary>Id of the clip in truth.jsonl.</summary>
    public string? Clip { get; init; }

    /// <summary>Multiple choice: the four options without their letters, in the order of the instruction.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Multiple choice: the right one of the <see cref="Choices"/>. Lyrics: the theme.</summary>
    public string? Answer { get; init; }

    /// <summary>Where the part of the sound begins that is asked about, in seconds.</summary>
    public double? Start { get; init; }

    /// <summary>Where it ends, in seconds; null for the end of the sound.</summary>
    public double? End { get; init; }

    /// <summary>The same for records that put one question several times, with other options each time.</summary>
    public string? Group { get; init; }

    /// <summary>The answer of some model that the file holds.</summary>
    public string? Given { get; init; }

    /// <summary>
    /// Reads JSON lines, a published list of records, the table of MusicCaps, MuChoMusic as table or with its prompts
    /// made, and the files of <see cref="PublishedBenchmarks"/>. The whole of a list is held in memory, lines and rows
    /// are streamed.
    /// </summary>
    /// <exception cref="InvalidDataException">A record lacks instruction or output, or is no JSON; the message names
    /// file and place.</exception>
    public static IEnumerable<BenchRecord> Read(string path)
    {
        if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var record in PublishedFiles.ReadTable(path)) yield return record;
            yield break;
        }

        if (Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var record in PublishedBenchmarks.ReadMmauPro(path)) yield return record;
            yield break;
        }

        if (ReadObject(path) is { } questions)
        {
            foreach (var record in questions) yield return record;
            yield break;
        }

        var task = TaskOfFile(Path.GetFileName(path));
        using var reader = new StreamReader(path);
        while (reader.Peek() is var next && next >= 0 && char.IsWhiteSpace((char)next)) reader.Read();
        if (reader.Peek() == '[')
        {
            foreach (var item in Parse<List<JsonElement>>(reader.ReadToEnd(), path))
            {
                if (item.TryGetProperty("answer_orders", out _)) yield return PublishedFiles.Prepared(item);
                else foreach (var record in Of(item, path, task)) yield return record;
            }

            yield break;
        }

        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            var place = $"{path}, line {line}";
            foreach (var record in Of(Parse<JsonElement>(text, place), place, task)) yield return record;
        }
    }

    /// <summary>The record as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    private static IEnumerable<BenchRecord> Of(JsonElement item, string place, string task)
    {
        if (item.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"{place}: no record.");
        var published = PublishedBenchmarks.Read(item, out var isKnown);
        return isKnown ? published : [Named(Parse<BenchRecord>(item.GetRawText(), place), task)];
    }

    /// <summary>A file that is one object; null where it is a list, or lines.</summary>
    private static IEnumerable<BenchRecord>? ReadObject(string path)
    {
        if (!Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)) return null;
        using var file = File.OpenRead(path);
        try
        {
            return PublishedBenchmarks.ReadRul(JsonSerializer.Deserialize<JsonElement>(file));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static BenchRecord Named(BenchRecord record, string task) =>
        record.Task.Length > 0 ? record : record with { Task = task };

    // The published files are named after source and task (GTZAN_captioning_results_train.json,
    // MTT_reasoning_test.json, MusicCapsTest.json).
    private static string TaskOfFile(string name)
    {
        bool Has(string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);
        return Has("caption") || Has("musiccaps") ? Captioning
            : Has("lyric") || Has("interpretation") ? Lyrics
            : Has("tool") ? Tools
            : Has("muchomusic") ? Choice
            : Reasoning;
    }

    private static T Parse<T>(string json, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Format)
                ?? throw new InvalidDataException($"{place}: no record.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place}: {e.Message}", e);
        }
    }
}
