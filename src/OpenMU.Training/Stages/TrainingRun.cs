// TrainingRun.cs - all stages in their order, each in its folder of the run, and the model folder at the end.
//   features/  log-mel frames and music tokens      encoder/ tags/ language/ align/ instruct/  a stage's log, curve and weights      model/
using OpenMU.Model.Audio;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Stages;

/// <summary>What a run is trained on.</summary>
/// <param name="Folders">Folders that <c>openmu synthesise</c> wrote.</param>
/// <param name="Texts">Further texts about music for the language model.</param>
/// <param name="Unlabelled">Further music without labels for the encoder. What cannot be read is left out.</param>
/// <param name="Redraw">
/// Records about the folders' clips for the pass-th pass over them, from 1 on, drawn anew by what is true of the clips: a function of its argument. Null
/// trains on the folders' own records in every pass, which a model of any size soon knows by heart.
/// </param>
public sealed record TrainingData(IReadOnlyList<string> Folders, IReadOnlyList<string> Texts, IReadOnlyList<Sound> Unlabelled, Func<int, IEnumerable<BenchRecord>>? Redraw = null);

/// <summary>Trains a model from data to folder. Started again on the same folder, it goes on where it stopped.</summary>
public sealed class TrainingRun(TrainingContext context, TrainingData data, int threads, Action<string>? say = null)
{
    private const double NoiseSeconds = 31;

    /// <summary>The stages in their order.</summary>
    public static IReadOnlyList<string> Stages { get; } = [EncoderStage.Name, TagStage.Name, LanguageStage.Name, MusicTextStage.Align, MusicTextStage.Instruct];

    private readonly Action<string> say = say ?? (_ => { });

    /// <summary>Runs the stages up to and including the last one asked for; with the last of all, the model folder is written.</summary>
    /// <returns>The model folder, if it was written.</returns>
    public string? Run(string last, CancellationToken cancel)
    {
        var clips = Clips();
        using var cache = Features(clips, cancel);
        int[] all = [.. Enumerable.Range(0, cache.Ids.Count)];
        var encoder = Encoder(cache, all, cancel);
        if (last == EncoderStage.Name) return null;
        var tags = Tags(cache, clips, encoder, cancel);
        if (last == TagStage.Name) return null;
        var records = Records(clips);
        say($"{records(0).Count} records{(data.Redraw is null ? "" : ", others in each pass")}");
        var tokenizer = LanguageStage.Tokenizer(context, records(0), data.Texts);
        var fitted = context with { Config = LanguageStage.Fit(context.Config, tokenizer) };
        var language = LanguageStage.Train(fitted, tokenizer, records, data.Texts, cancel);
        if (last == LanguageStage.Name) return null;
        return new ModelAssembly(fitted, tokenizer, tags, language, HeldOut(clips)).Train(cache, clips.Length, records, last, say, cancel);
    }

    /// <summary>Stage 2, from a finished model.</summary>
    /// <param name="model">Its folder.</param>
    /// <param name="tower">Train the tower and the tags before it.</param>
    /// <param name="cancel">Ends the work between two steps.</param>
    /// <returns>The new model folder.</returns>
    public string FineTune(string model, bool tower, CancellationToken cancel)
    {
        var clips = Clips();
        using var cache = Features(clips, cancel);
        return FineTuning.Run(context, model, tower, cache, clips, Records(clips), HeldOut(clips), say, cancel);
    }

    private ClipFacts[] Clips() => [.. data.Folders.SelectMany(ClipFacts.Read).Where(clip => clip.Split == "train"), .. Enumerable.Range(0, context.Preset.NoiseSounds).Select(Noise)];

    private HashSet<string> HeldOut(ClipFacts[] clips) => new TagLabels(clips).HeldOut(context.Preset.Tags.Seed).Select(clip => clips[clip].Id).ToHashSet(StringComparer.Ordinal);

    private static ClipFacts Noise(int index) => new() { Id = NoiseSounds.NameOf(index), File = "", IsNoise = true };

    private FeatureCache Features(ClipFacts[] clips, CancellationToken cancel)
    {
        Sound[] sounds = [.. clips.Select((clip, i) => new Sound(clip.Id, () => clip.IsNoise ? NoiseSounds.Make(i - (clips.Length - context.Preset.NoiseSounds), context.Preset.Tags.Seed, NoiseSeconds) : Heard(clip.File))), .. data.Unlabelled];
        say($"{clips.Length - context.Preset.NoiseSounds} clips, {context.Preset.NoiseSounds} sounds of noise, {data.Unlabelled.Count} recordings without labels");
        var cache = FeatureCache.Open(Path.Combine(context.FolderOf("features"), "log_mel.safetensors"), sounds, context.Config.Audio, context.Device, threads,
            done: done => { if (done % 500 == 0) say($"{done} of {sounds.Length} heard"); }, cancel: cancel);
        if (sounds.Length - cache.Ids.Count is > 0 and var unreadable) say($"{unreadable} of {data.Unlabelled.Count} recordings without labels left out: unreadable");
        return cache;
    }

    private string? Encoder(FeatureCache cache, int[] clips, CancellationToken cancel)
        => context.Preset.Encoder.Steps == 0 ? null : EncoderStage.Train(context, cache, clips, cancel);

    private string Tags(FeatureCache cache, ClipFacts[] clips, string? encoder, CancellationToken cancel)
    {
        using var stage = new TagStage(context, cache, clips, config => EncoderStage.Tower(context, config, encoder),
            groups => new(context.Config.Audio.EmbedDim, groups, WeightSource.Fresh(context.Preset.Tags.Seed + 1).On(context.Device, TorchSharp.torch.float32)));
        return stage.Train(cancel);
    }

    /// <summary>The records of a pass about the clips that are trained on, by the clips' ids: in pass 0 those of the data set, in others drawn anew.</summary>
    private Func<int, IReadOnlyList<BenchRecord>> Records(ClipFacts[] clips)
    {
        var ids = clips.ToDictionary(clip => clip.File.Length > 0 ? clip.File : clip.Id, clip => clip.Id, StringComparer.Ordinal);
        var labels = new TagLabels(clips);
        var heldOut = labels.HeldOut(context.Preset.Tags.Seed);
        // Who drums for another family though his own is held out would give its grooves away: nothing is said of such clips.
        var known = labels.TrainedOn(heldOut).Concat(heldOut).Select(clip => clips[clip].Id).ToHashSet(StringComparer.Ordinal);
        BenchRecord[] written = [.. data.Folders.SelectMany(folder => BenchRecord.Read(Path.Combine(folder, "records.jsonl")).Select(record => Placed(record, folder)).OfType<BenchRecord>())];
        return pass => pass == 0 || data.Redraw is null ? written : [.. data.Redraw(pass).Where(record => known.Contains(record.Clip!))];

        BenchRecord? Placed(BenchRecord record, string folder)
        {
            if (record.Clip is not null && known.Contains(record.Clip)) return record;
            return record.LocalAudioPath is { } path && ids.TryGetValue(Path.GetFullPath(Path.Combine(folder, path)), out var id) ? record with { Clip = id } : null;
        }
    }

    private static float[] Heard(string path)
    {
        var (samples, rate) = WaveFile.Read(path);
        if (samples.Length == 0) throw new InvalidDataException($"{path} holds no sound.");
        return Resampler.Resample(samples, rate, Fbank.SampleRate);
    }
}
