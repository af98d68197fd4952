using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpenMU.Training.Evaluation.Text;
using Parquet.Serialization;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// Benchmarks in the files in which others publish them: CMI-Bench (Ma et al., 2025), RUL-MuchoMusic (Zang et al.,
/// 2025), MMAU (Sakshi et al., 2024) and MMAU-Pro (Kumar et al., 2025), of the last two what is about music, and
/// answers to MuChoMusic as MiDashengLM's authors publish them. MuChoMusic itself: <see cref="PublishedFiles"/>.
/// </summary>
internal static class PublishedBenchmarks
{
    /// <summary>CMI-Bench's kinds of answers, beside captions. "Classes": one of the labels that the file names.</summary>
    public const string Classes = "classes", Key = "key", Tags = "labels", Score = "score", Beats = "beats",
        Transcription = "lyrics transcription";

    /// <summary>The record of an item; null where the item has none of these forms, or is nothing to ask.</summary>
    /// <param name="item">An object of the file.</param>
    /// <param name="isKnown">It has one of these forms.</param>
    public static IEnumerable<BenchRecord> Read(JsonElement item, out bool isKnown)
    {
        isKnown = true;
        if (item.TryGetProperty("task_type", out var type)) return Cmi(item, type);
        if (item.TryGetProperty("audio_id", out _) && item.TryGetProperty("choices", out _)) return Mmau(item);
        if (item.TryGetProperty("model_output", out _) && item.TryGetProperty("choices", out _)) return [Answered(item)];
        isKnown = false;
        return [];
    }

    /// <summary>
    /// RUL-MuchoMusic: an object of questions by the name of their sound, NAME.mp3, each with four distractors. A
    /// question is asked four times, each time without one of them.
    /// </summary>
    /// <returns>Null where the object is something else.</returns>
    public static IEnumerable<BenchRecord>? ReadRul(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.EnumerateObject().Any()
            || root.EnumerateObject().Any(item => item.Value.ValueKind != JsonValueKind.Object
                || !item.Value.TryGetProperty("distractors", out _)))
        {
            return null;
        }
        return root.EnumerateObject().SelectMany(item =>
        {
            var (question, right) = (Text(item.Value, "question"), Text(item.Value, "correct_answer"));
            var distractors = Texts(item.Value.GetProperty("distractors"));
            return distractors.Select(left =>
                Choice(question, [right, .. distractors.Where(other => other != left)]) with
                {
                    Clip = item.Name,
                    LocalAudioPath = $"{item.Name}.mp3",
                    Group = item.Name
                });
        });
    }

    /// <summary>MMAU-Pro's table, a Parquet file: the questions about music that offer options.</summary>
    /// <exception cref="InvalidDataException">A column is missing.</exception>
    public static IEnumerable<BenchRecord> ReadMmauPro(string path)
    {
        using var file = File.OpenRead(path);
        var rows = ParquetSerializer.DeserializeUntypedAsync(file).GetAwaiter().GetResult().Data;
        string[] columns = ["audio_path", "question", "choices", "answer", "category"];
        // A row has no entry for what is empty in it.
        var missing = columns.FirstOrDefault(name => !rows.Any(row => row.ContainsKey(name)));
        if (missing is not null)
            throw new InvalidDataException($"{path} has no column '{missing}', which MMAU-Pro's table has.");
        foreach (var row in rows)
        {
            string[] Of(string column) => row.TryGetValue(column, out var value) ? Strings(value) : [];
            string[] choices = Of("choices"), sounds = Of("audio_path");
            var answer = string.Concat(Of("answer"));
            if (!"music".Equals(string.Concat(Of("category")), StringComparison.OrdinalIgnoreCase)
                || choices.Length is < 2 or > 10 || !choices.Contains(answer))
            {
                continue;
            }
            yield return Choice(string.Concat(Of("question")), choices, answer) with
            {
                Clip = string.Join('+', sounds),
                LocalAudioPath = sounds is [var only] ? only : null
            };
        }
    }

    /// <summary>One of the test items of CMI-Bench. What it asks for stands in its type.</summary>
    private static IEnumerable<BenchRecord> Cmi(JsonElement item, JsonElement type)
    {
        if (item.TryGetProperty("split", out var split) && !Texts(split).Contains("test")) yield break;
        string[] major = Texts(type.GetProperty("major")), minor = Texts(type.GetProperty("minor"));
        bool Is(string part) => minor.Any(name => name.Contains(part, StringComparison.OrdinalIgnoreCase));
        var files = item.TryGetProperty("audio_path", out var paths) ? Texts(paths)
            : item.TryGetProperty("audioid", out var id) ? Texts(id) : [];
        var end = Number(item, "audio_end");
        yield return new()
        {
            Task = Is("key") ? Key
                : Is("beat") ? Beats
                : Is("lyrics") ? Transcription
                : Is("caption") ? BenchRecord.Captioning
                : major.Contains("regression") ? Score
                : major.Contains("multi_label") || major.Contains("multi-label") ? Tags
                : major.Contains("multi_class") || major.Contains("multi-class") ? Classes
                : string.Join(' ', minor),
            Instruction = Text(item, "instruction").Trim(),
            Output = string.Join(", ", Texts(item.GetProperty("output"))),
            LocalAudioPath = files is [var file] ? file : null,
            Clip = files.Length > 0 ? files[0] : null,
            Start = Number(item, "audio_start") ?? 0,
            End = end < 0 ? null : end,
        };
    }

    private static IEnumerable<BenchRecord> Mmau(JsonElement item)
    {
        if (item.TryGetProperty("task", out var task) && task.GetString() != "music") yield break;
        var choices = Texts(item.GetProperty("choices"));
        var answer = Text(item, "answer");
        if (choices.Length is < 2 or > 10 || !choices.Contains(answer)) yield break;
        yield return Choice(Text(item, "question"), choices, answer) with
        {
            Clip = Text(item, "audio_id"),
            LocalAudioPath = Text(item, "audio_id")
        };
    }

    /// <summary>The right answer is named by its letter; the prompt is the authors' own.</summary>
    private static BenchRecord Answered(JsonElement item)
    {
        var choices = Texts(item.GetProperty("choices"));
        var right = MuChoMusic.Letters.IndexOf(Text(item, "answer").Trim(), StringComparison.Ordinal);
        if (right < 0 || right >= choices.Length)
            throw new InvalidDataException($"The answer '{Text(item, "answer")}' is no letter of an option.");
        return new()
        {
            Task = BenchRecord.Choice,
            Instruction = Text(item, "prompt").TrimEnd(),
            Output = $"({MuChoMusic.Letters[right]}) {choices[right]}",
            Choices = choices,
            Answer = choices[right],
            Clip = Text(item, "audio"),
            LocalAudioPath = Text(item, "audio"),
            Given = Text(item, "model_output"),
        };
    }

    /// <summary>The options in an order that is drawn from the question, so that every reading has the same.</summary>
    internal static BenchRecord Choice(string question, string[] rightFirst) => Choice(
        question, [.. rightFirst.OrderBy(
            answer => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{question}\n{answer}"))),
            StringComparer.Ordinal)], rightFirst[0]);

    private static BenchRecord Choice(string question, string[] shown, string right) => new()
    {
        Task = BenchRecord.Choice,
        Instruction = MuChoMusic.Prompt(question, shown).TrimEnd(),
        Output = $"({MuChoMusic.Letters[Array.IndexOf(shown, right)]}) {right}",
        Choices = shown,
        Answer = right,
    };

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value)
        ? string.Join(", ", Texts(value))
        : throw new InvalidDataException($"An item has no '{name}'.");

    private static double? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>A text, a number, or a list of them.</summary>
    private static string[] Texts(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().SelectMany(Texts)]
        : [value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()];

    private static string[] Strings(object? value) => value switch
    {
        null => [],
        string text => [text],
        System.Collections.IEnumerable list => [.. list.Cast<object?>().SelectMany(Strings)],
        _ => [value.ToString()!],
    };
}
