using OpenMU.Training.Data;

namespace OpenMU.Training.Evaluation;

/// <summary>A clip with its truth, what is asked about it, and its sound.</summary>
/// <param name="Truth">What is true of it.</param>
/// <param name="Records">Questions and their answers.</param>
/// <param name="Read">Mono samples at 16 kHz; called from several threads.</param>
public sealed record EvaluationClip(ClipTruth Truth, IReadOnlyList<BenchRecord> Records, Func<float[]> Read)
{
    /// <summary>The clips of a folder that <c>openmu synthesise</c> wrote, each with its records.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="read">Reads a file as mono samples at 16 kHz.</param>
    /// <param name="limit">The largest number of clips, spread evenly over the folder; null takes all.</param>
    /// <exception cref="InvalidDataException">A file of the folder is missing or broken.</exception>
    public static IReadOnlyList<EvaluationClip> Load(string folder, Func<string, float[]> read, int? limit = null)
    {
        var truths = ClipTruth.Read(folder);
        var path = Path.Combine(folder, "records.jsonl");
        if (!File.Exists(path)) throw new InvalidDataException($"{folder} holds no records.jsonl.");
        var count = Math.Min(limit ?? truths.Count, truths.Count);
        ClipTruth[] chosen = [.. Enumerable.Range(0, count).Select(i => truths[(int)((long)i * truths.Count / count)])];
        var records = BenchRecord.Read(path)
            .ToLookup(record => record.Clip ?? Path.GetFileNameWithoutExtension(record.LocalAudioPath));
        return [.. chosen.Select(clip => new EvaluationClip(
            clip, [.. records[clip.Id].Select(record => record with { Clip = clip.Id })], () => read(clip.File)))];
    }
}
