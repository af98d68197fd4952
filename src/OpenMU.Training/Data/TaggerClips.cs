// TaggerClips.cs - what the tagger learns from. N clips, F frames of all clips, M bands, P patches that a teacher has
// scored, Q its classes, L labels.
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>
/// Clips of tables as <see cref="LabelledRecording"/> reads them, as frames in memory. Beside TABLE.tsv may stand
/// TABLE.safetensors with a teacher's scores: "logits" (patches of all rows, Q), a patch of
/// <see cref="Tagger.PatchFrames"/> frames every <see cref="PatchHop"/>, and "counts" (rows), the patches of each.
/// </summary>
public sealed class TaggerClips : IDisposable
{
    /// <summary>Frames from one patch to the next.</summary>
    public const int PatchHop = Tagger.PatchFrames / 2;

    // Of log odds: less, and more, is not told apart.
    private const float LeastOdds = -11.5f, MostOdds = 8;

    // A label that is exactly 0 or 1 is known; one between is what a teacher believes.
    private const float BelievedWeight = 0.5f;

    private TaggerClips(
        IReadOnlyList<LabelledRecording> clips, Tensor frames, long[] first, int[] patches, Tensor? scores,
        long[] firstScore)
        => (Clips, Frames, First, Patches, Scores, FirstScore) = (clips, frames, first, patches, scores, firstScore);

    public IReadOnlyList<LabelledRecording> Clips { get; }

    /// <summary>(F, M), float16.</summary>
    public Tensor Frames { get; }

    /// <summary>The first frame of each clip.</summary>
    public IReadOnlyList<long> First { get; }

    /// <summary>Patches of each clip, one every <see cref="PatchHop"/>.</summary>
    public IReadOnlyList<int> Patches { get; }

    /// <summary>The teacher's log odds by class, each with the mean 0 and the deviation 1: (P, Q), float16.</summary>
    public Tensor? Scores { get; }

    /// <summary>The first score of each clip; -1 where the teacher has not heard it.</summary>
    public IReadOnlyList<long> FirstScore { get; }

    /// <summary>Reads tables.</summary>
    /// <exception cref="InvalidDataException">A table cannot be read, or scores are not of its rows.</exception>
    public static TaggerClips Read(IReadOnlyList<string> tables, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (clips, frames, scores) = (new List<LabelledRecording>(), new List<Tensor>(), new List<Tensor>());
        var (first, firstScore, patches) = (new List<long>(), new List<long>(), new List<int>());
        var (at, scoreAt) = (0L, 0L);
        foreach (var table in tables)
        {
            var rows = LabelledRecording.ReadTable(table);
            var said = ReadScores(Path.ChangeExtension(table, ".safetensors"), rows.Count);
            if (said is { } heard) scores.Add(heard.Logits);
            for (var row = 0; row < rows.Count; row++)
            {
                cancel.ThrowIfCancellationRequested();
                var clip = FramesOf(rows[row].File);
                clips.Add(rows[row]);
                frames.Add(clip);
                first.Add(at);
                patches.Add((int)((clip.shape[0] - Tagger.PatchFrames) / PatchHop) + 1);
                firstScore.Add(said is null ? -1 : scoreAt);
                at += clip.shape[0];
                if (said is null) continue;
                if (said.Value.Counts[row] != patches[^1])
                {
                    throw new InvalidDataException($"{rows[row].File} has {patches[^1]} patches; the scores beside "
                        + $"{table} are of {said.Value.Counts[row]}.");
                }
                scoreAt += patches[^1];
            }
        }
        if (clips.Count == 0) throw new InvalidDataException("The tables name no file that is there.");
        return new(
            clips, cat(frames, 0).DetachFromDisposeScope(), [.. first], [.. patches],
            scores.Count == 0 ? null : Standardised(cat(scores, 0)).DetachFromDisposeScope(), [.. firstScore]);
    }

    /// <summary>
    /// Writes beside a table what a teacher says of each patch of its clips; whole or not at all.
    /// </summary>
    /// <param name="table">Of clips, without scores beside it.</param>
    /// <param name="teacher">Whose labels are the classes.</param>
    /// <param name="heard">Receives the number of clips heard.</param>
    /// <param name="cancel">Ends the hearing.</param>
    /// <exception cref="InvalidDataException">The table cannot be read.</exception>
    public static void Score(string table, Tagger teacher, Action<int> heard, CancellationToken cancel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var clips = Read([table], cancel);
        var logits = new List<Tensor>();
        for (var clip = 0; clip < clips.Clips.Count; clip++)
        {
            cancel.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var patches = Enumerable.Range(0, clips.Patches[clip]).Select(patch => (clip, patch)).ToList();
            logits.Add(teacher.TagLogits(teacher.call(clips.PatchesOf(patches))).to(float16)
                .MoveToOuterDisposeScope());                                                // (n, Q)
            if ((clip + 1) % 200 == 0) heard(clip + 1);
        }

        var file = Path.ChangeExtension(table, ".safetensors");
        SafeTensorsWriter.Write(
            file + ".new",
            [NamedTensor.Of("logits", cat(logits, 0)), NamedTensor.Of("counts", tensor(clips.Patches.ToArray()))],
            cancel: cancel);
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Patches by clip and number -> (n, T, M), float32.</summary>
    public Tensor PatchesOf(IReadOnlyList<(int Clip, int Patch)> places)
    {
        var rows = new long[places.Count * Tagger.PatchFrames];
        for (var i = 0; i < places.Count; i++)
        {
            var first = First[places[i].Clip] + (long)places[i].Patch * PatchHop;
            for (var t = 0; t < Tagger.PatchFrames; t++) rows[i * Tagger.PatchFrames + t] = first + t;
        }
        return Frames.index_select(0, tensor(rows)).to(float32)
            .view(places.Count, Tagger.PatchFrames, LogMelFrames.Bands);
    }

    /// <summary>What is known of labels: values and weights (N, L), the weight 0 where nothing is.</summary>
    public (Tensor Values, Tensor Weights) Labels(IReadOnlyList<(string Group, string Tag)> labels)
    {
        var (values, weights) = (new float[Clips.Count, labels.Count], new float[Clips.Count, labels.Count]);
        for (var clip = 0; clip < Clips.Count; clip++)
        {
            for (var label = 0; label < labels.Count; label++)
            {
                var name = $"{labels[label].Group}:{labels[label].Tag}";
                if (!Clips[clip].Labels.TryGetValue(name, out var value)) continue;
                (values[clip, label], weights[clip, label]) = ((float)value, WeightOf(value));
            }
        }
        return (tensor(values), tensor(weights));
    }

    /// <summary>How much a label counts: what is known more than what a teacher believes.</summary>
    internal static float WeightOf(double value) => value is 0 or 1 ? 1 : BelievedWeight;

    /// <summary>Which of <see cref="SoundHead.Kinds"/> each clip is; -1 where it is not known.</summary>
    public IReadOnlyList<int> Kinds() =>
        [.. Clips.Select(clip => SoundHead.Kinds.ToList().FindIndex(kind => clip.Holds("sound", kind) == true))];

    public void Dispose()
    {
        Frames.Dispose();
        Scores?.Dispose();
    }

    // What is shorter than a patch is heard again and again.
    private static Tensor FramesOf(string file)
    {
        var samples = ClipAudio.Read(file);
        var heard = new float[Math.Max(samples.Length, Tagger.PatchSamples)];
        for (var i = 0; i < heard.Length; i++) heard[i] = samples[i % samples.Length];
        using var frames = LogMelFrames.Of(heard);
        return frames.to(float16);
    }

    private static (Tensor Logits, int[] Counts)? ReadScores(string path, int rows)
    {
        if (!File.Exists(path)) return null;
        using var file = SafeTensors.Open(path);
        if (!file.Entries.ContainsKey("logits") || !file.Entries.ContainsKey("counts"))
            throw new InvalidDataException($"{path} has no tensors 'logits' and 'counts'.");
        var counts = file.View("counts").to(int32).data<int>().ToArray();
        if (counts.Length != rows || counts.Sum() != file.Entries["logits"].Shape[0])
            throw new InvalidDataException($"{path} is not of the {rows} rows of the table beside it.");
        return (file.View("logits").clone(), counts);
    }

    private static Tensor Standardised(Tensor logits)
    {
        var odds = logits.to(float32).clamp(Scalars.Of(LeastOdds), Scalars.Of(MostOdds));           // (P, Q)
        var deviation = odds.std(0, unbiased: false).clamp_min(Scalars.Of(0.05));
        return ((odds - odds.mean([0])) / deviation).to(float16);
    }
}
