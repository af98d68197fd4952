using System.Text.Json;
using OpenMU.Model.Text;
using OpenMU.Training.Data;

namespace OpenMU.Training.Evaluation;

/// <summary>
/// Reads what others publish in forms of their own: the table of MusicCaps (Agostinelli et al., 2023), and MuChoMusic
/// (Weck et al., 2024) as its table or with prompts made.
/// </summary>
internal static class PublishedFiles
{
    /// <summary>Reads a table by its columns.</summary>
    /// <exception cref="InvalidDataException">The columns are those of neither set.</exception>
    public static IEnumerable<BenchRecord> ReadTable(string path)
    {
        foreach (var row in CsvFile.Read(path))
        {
            yield return row.ContainsKey("ytid") && row.ContainsKey("caption") ? Caption(row)
                : row.ContainsKey("question") && row.ContainsKey("correct_answer") ? Question(row)
                : throw new InvalidDataException($"{path} has the columns of neither MusicCaps (ytid, caption, ...) "
                    + "nor MuChoMusic (question, correct_answer, ...).");
        }
    }

    /// <summary>
    /// A question as MuChoMusic's own script prepares it: prompt, answers in the order shown, and the order itself, in
    /// which 0 is the right answer.
    /// </summary>
    public static BenchRecord Prepared(JsonElement item)
    {
        string[] answers = [.. item.GetProperty("answers").EnumerateArray().Select(answer => answer.GetString()!)];
        var right = item
            .GetProperty("answer_orders").EnumerateArray().Select(place => place.GetInt32()).ToList().IndexOf(0);
        return Choice(item.GetProperty("prompt").GetString()!, answers, right) with
        {
            LocalAudioPath = item.TryGetProperty("audio_path", out var audio) ? audio.GetString() : null,
            Clip = item.GetProperty("id").ToString(),
            Given = item.TryGetProperty("model_output", out var given) ? given.GetString() : null
        };
    }

    private static BenchRecord Caption(IReadOnlyDictionary<string, string> row) => new()
    {
        Task = BenchRecord.Captioning,
        Instruction = Instructions.Description,
        Output = row["caption"].Trim(),
        Clip = row["ytid"],
        LocalAudioPath = row.TryGetValue("start_s", out var start) && row.TryGetValue("end_s", out var end)
            ? $"[{row["ytid"]}]-[{start}-{end}].wav"
            : null,
    };

    private static BenchRecord Question(IReadOnlyDictionary<string, string> row) => PublishedBenchmarks.Choice(
        row["question"],
        [row["correct_answer"], row["distractor_1_answer"], row["distractor_2_answer"], row["distractor_3_answer"]]) with
    {
        Clip = row.GetValueOrDefault("dataset_identifier"),
        LocalAudioPath = SoundOf(row),
    };

    /// <summary>
    /// What MuChoMusic's sounds are called: Song Describer's files by track (7.json is the track 7, whose folder is its
    /// last two digits), MusicCaps' by video, without the part after the last underscore.
    /// </summary>
    private static string? SoundOf(IReadOnlyDictionary<string, string> row)
    {
        if (row.GetValueOrDefault("dataset_identifier") is not { Length: > 0 } name) return null;
        name = name.EndsWith(".json", StringComparison.Ordinal) ? name[..^5] : name;
        if (row.GetValueOrDefault("dataset") != "musiccaps")
            return name.Length < 2 ? $"{name}.2min.mp3" : $"{name[^2..]}/{name}.2min.mp3";
        return name.LastIndexOf('_') is var end and > 0 ? name[..end] : name;
    }

    private static BenchRecord Choice(string prompt, string[] answers, int right) => new()
    {
        Task = BenchRecord.Choice,
        Instruction = prompt.TrimEnd(),
        Output = $"({"ABCD"[right]}) {answers[right]}",
        Choices = answers,
        Answer = answers[right],
    };
}
