using Microsoft.Extensions.Logging;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Stages;

/// <summary>What a run is trained on.</summary>
/// <param name="Folders">Folders that <c>openmu synthesise</c> wrote.</param>
/// <param name="Texts">Further texts about music for the language model.</param>
/// <param name="Unlabelled">Further music without labels for the encoder. What cannot be read is left out.</param>
/// <param name="Redraw">
/// Records about the folders' clips for a pass over them, counted from 1, drawn again from what is true of the clips;
/// the same number gives the same records. Null trains on the folders' own records in every pass, which a model of any
/// size soon knows by heart.
/// </param>
public sealed record TrainingData(
    IReadOnlyList<string> Folders,
    IReadOnlyList<string> Texts,
    IReadOnlyList<Recording> Unlabelled,
    Func<int, IEnumerable<BenchRecord>>? Redraw = null);

/// <summary>
/// The clips of a run, noise among them, with their split into training and validation, their sound and their records.
/// </summary>
internal sealed class TrainingSet
{
    private const double NoiseSeconds = 31;

    private readonly TrainingData data;
    private readonly TrainingPreset preset;
    private readonly HashSet<string> known;
    private readonly BenchRecord[] written;

    private TrainingSet(TrainingData data, TrainingPreset preset, ClipTruth[] clips)
    {
        (this.data, this.preset, Clips) = (data, preset, clips);
        var labels = new TagLabels(clips);
        var validation = labels.ValidationClips(preset.Tags.Seed);
        ValidationIds = validation.Select(clip => clips[clip].Id).ToHashSet(StringComparer.Ordinal);
        // A clip whose drums come from a validation family would give its grooves away, so no
        // record is about such clips.
        known = labels.TrainingClips(validation)
            .Concat(validation).Select(clip => clips[clip].Id).ToHashSet(StringComparer.Ordinal);
        var ids = clips.ToDictionary(
            clip => clip.File.Length > 0 ? clip.File : clip.Id, clip => clip.Id, StringComparer.Ordinal);
        written = [.. data.Folders.SelectMany(folder
            => BenchRecord.Read(Path.Combine(folder, "records.jsonl")).Select(record => WithClip(record, folder, ids))
                .OfType<BenchRecord>())];
    }

    /// <summary>The clips to train with; noise stands at the end.</summary>
    public IReadOnlyList<ClipTruth> Clips { get; }

    /// <summary>Ids of the clips that choose the best weights and calibrate tags.</summary>
    public IReadOnlySet<string> ValidationIds { get; }

    public static TrainingSet Read(TrainingData data, TrainingPreset preset)
    {
        var clips = data.Folders.SelectMany(ClipTruth.Read).Where(clip => clip.Split == "train");
        var noise = Enumerable.Range(0, preset.NoiseSounds)
            .Select(index => new ClipTruth { Id = NoiseSounds.NameOf(index), File = "", IsNoise = true });
        return new(data, preset, [.. clips, .. noise]);
    }

    /// <summary>
    /// The records of a pass about the clips, by the clips' ids: in pass 0 those of the data set,
    /// in others drawn again.
    /// </summary>
    public IReadOnlyList<BenchRecord> Records(int pass)
        => pass == 0 || data.Redraw is null
            ? written
            : [.. data.Redraw(pass).Where(record => known.Contains(record.Clip!))];

    /// <summary>Log-mel frames of the clips, then of the recordings without labels.</summary>
    public FeatureCache Features(TrainingContext context, CancellationToken cancel)
    {
        var labelled = Clips.Count - preset.NoiseSounds;
        float[] Read(ClipTruth clip, int index) => clip.IsNoise
            ? NoiseSounds.Make(index - labelled, preset.Tags.Seed, NoiseSeconds)
            : ClipAudio.ReadWave(clip.File);
        Recording[] recordings =
            [.. Clips.Select((clip, i) => new Recording(clip.Id, () => Read(clip, i))), .. data.Unlabelled];
        context.Log.LogInformation(
            "{Clips} clips, {Noise} sounds of noise, {Unlabelled} recordings without labels", labelled,
            preset.NoiseSounds, data.Unlabelled.Count);
        var cache = FeatureCache.Open(
            context.Files.LogMel, recordings, context.Config.Audio, context.Device, context.Threads, done =>
            {
                if (done % 500 == 0)
                {
                    context.Log.LogInformation(
                        "{Done} of {Recordings} recordings transformed", done, recordings.Length);
                }
            }, cancel);
        var unreadable = recordings.Length - cache.Ids.Count;
        if (unreadable > 0)
        {
            context.Log.LogWarning(
                "{Unreadable} of {Unlabelled} recordings without labels left out: unreadable", unreadable,
                data.Unlabelled.Count);
        }
        return cache;
    }

    /// <summary>
    /// The record with its clip's id, which it may name by its audio; null where the clip is not among these.
    /// </summary>
    private BenchRecord? WithClip(BenchRecord record, string folder, Dictionary<string, string> ids)
    {
        if (record.Clip is not null && known.Contains(record.Clip)) return record;
        return record.LocalAudioPath is { } path
            && ids.TryGetValue(Path.GetFullPath(Path.Combine(folder, path)), out var id)
            ? record with { Clip = id }
            : null;
    }
}
