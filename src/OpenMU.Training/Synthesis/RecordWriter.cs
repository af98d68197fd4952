using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Synthesis.Grammar;

namespace OpenMU.Training.Synthesis;

/// <summary>
/// Writes examples of all five tasks about a clip. The same clip always gets the same ones; held-out clips also get the
/// wordings kept for them.
/// </summary>
internal static class RecordWriter
{
    // Of a pass of training: tools and themes are learnt long before captions and choices are.
    private const int CaptionsOfPass = 2, LyricsOfPass = 1, ToolsOfPass = 2, ChoicesOfPass = 2;

    /// <summary>The records of the data set.</summary>
    public static IEnumerable<BenchRecord> Write(ClipTruth truth)
    {
        var (random, wording) = Begin(truth, $"{truth.Seed}/records");
        List<BenchRecord> records =
        [
            .. Captions.Write(truth, wording, random), .. Reasoning.Write(truth, wording, random),
            .. LyricsQuestions.Write(truth, wording, random),
            .. ToolQuestions.Write(wording, random), .. Choices.Write(truth, wording, random),
        ];
        return About(truth, records);
    }

    /// <summary>Other records for each pass of training over the clips, from 1 on.</summary>
    public static IEnumerable<BenchRecord> Redraw(ClipTruth truth, int pass)
    {
        var (random, wording) = Begin(truth, $"{truth.Seed}/records/{pass}");
        List<BenchRecord> records =
        [
            .. Enumerable.Range(0, CaptionsOfPass).SelectMany(_ => Captions.Redraw(truth, wording, random)),
            .. Reasoning.Write(truth, wording, random),
            .. LyricsQuestions.Write(truth, wording, random).Take(LyricsOfPass),
            .. random.Shuffled(ToolQuestions.Write(wording, random)).Take(ToolsOfPass),
            .. Enumerable.Range(0, ChoicesOfPass).SelectMany(_ => Choices.Write(truth, wording, random)),
        ];
        return About(truth, records);
    }

    private static (SeededRandom Random, Wording Wording) Begin(ClipTruth truth, string seed)
    {
        var random = new SeededRandom(seed);
        return (random, ClipWords.Of(new Wording(random, truth.Split == GrooveLibrary.HeldOut), truth, random));
    }

    private static IEnumerable<BenchRecord> About(ClipTruth truth, IEnumerable<BenchRecord> records) =>
        records.Select(record => record with { LocalAudioPath = truth.File, Clip = truth.Id });
}

/// <summary>
/// Records about made clips, drawn again for each pass of training: what is true of a clip can be asked and said in
/// more ways than a data set holds.
/// </summary>
internal static class RedrawnRecords
{
    /// <summary>
    /// The records of a pass about the clips of folders. A folder whose truths are not those of this program
    /// keeps its own records.
    /// </summary>
    public static Func<int, IEnumerable<BenchRecord>> Of(IEnumerable<string> folders)
    {
        List<ClipTruth> truths = [];
        List<BenchRecord> kept = [];
        foreach (var folder in folders.Where(folder => File.Exists(Path.Combine(folder, "truth.jsonl"))))
        {
            var clips = File.ReadLines(Path.Combine(folder, "truth.jsonl")).Where(line => line.Length > 0)
                .Select(ClipTruth.Parse)
                .ToList();
            if (clips.TrueForAll(clip => clip.IsSynthetic))
            {
                truths.AddRange(clips);
            }
            else
            {
                kept.AddRange(
                    BenchRecord.Read(Path.Combine(folder, "records.jsonl")).Where(record => record.Clip is not null));
            }
        }

        return pass => truths
            .AsParallel().AsOrdered().SelectMany(truth => RecordWriter.Redraw(truth, pass)).AsSequential().Concat(kept);
    }
}
