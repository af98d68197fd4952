using System.Text.Json;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis;

/// <summary>Records about made clips, drawn anew for each pass of training: what is true of a clip can be asked and said in more ways than a data set holds.</summary>
internal static class RedrawnRecords
{
    /// <summary>The records of a pass about the clips of folders. A folder whose truths are not those of this program keeps its own records.</summary>
    public static Func<int, IEnumerable<BenchRecord>> Of(IEnumerable<string> folders)
    {
        List<SyntheticTruth> truths = [];
        List<BenchRecord> kept = [];
        foreach (var folder in folders.Where(folder => File.Exists(Path.Combine(folder, "truth.jsonl"))))
        {
            try
            {
                truths.AddRange(File.ReadLines(Path.Combine(folder, "truth.jsonl")).Where(line => line.Length > 0).Select(SyntheticTruth.Parse).ToList());
            }
            catch (JsonException)
            {
                kept.AddRange(BenchRecord.Read(Path.Combine(folder, "records.jsonl")).Where(record => record.Clip is not null));
            }
        }

        return pass => truths.AsParallel().AsOrdered().SelectMany(truth => RecordWriter.Redraw(truth, pass)).AsSequential().Concat(kept);
    }
}
