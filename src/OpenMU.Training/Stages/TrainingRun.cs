// TrainingRun.cs - all stages in their order, each in its folder of the run, and the model folder at the end.
//   features/ log-mel frames and music tokens encoder/ tags/ language/ align/ instruct/ a stage's log,
//   curve and weights model/
using Microsoft.Extensions.Logging;
using OpenMU.Model;
using OpenMU.Model.Decoder;
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>What a run left.</summary>
/// <param name="Last">The last stage that is finished.</param>
/// <param name="ModelFolder">The model folder; null before the last of all stages.</param>
public sealed record TrainingResult(TrainingStage Last, string? ModelFolder = null);

/// <summary>
/// Trains a model from data to folder. Started again on the same folder, it goes on where it stopped.
/// </summary>
/// <param name="context">Folder, sizes, settings and device.</param>
/// <param name="data">What it is trained on.</param>
public sealed class TrainingRun(TrainingContext context, TrainingData data)
{
    /// <summary>
    /// Runs the stages up to and including the last one asked for; with the last of all, the model folder is written.
    /// </summary>
    /// <param name="last">The last stage.</param>
    /// <param name="cancel">Stops after the current step.</param>
    /// <exception cref="InvalidDataException">The data has no truths or records, or the folder belongs to
    /// another run.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the same call goes on.</exception>
    public TrainingResult Run(TrainingStage last, CancellationToken cancel)
    {
        var preset = context.Preset;
        var set = TrainingSet.Read(data, preset);
        using var features = set.Features(context, cancel);

        if (preset.Encoder.Steps != 0)
            EncoderStage.Train(context, features, [.. Enumerable.Range(0, features.Ids.Count)], cancel);
        if (last == TrainingStage.Encoder) return new(last);

        new TagStage(context, features, set.Clips).Train(
            config => EncoderStage.Tower(context, config), NewHead, cancel);
        if (last == TrainingStage.Tags) return new(last);

        var records = set.Records(0);
        context.Log.LogInformation(
            "{Records} records{Redrawn}", records.Count, data.Redraw is null ? "" : ", others in each pass");
        var tokenizer = LanguageStage.Tokenizer(context, records, data.Texts);
        var run = context with { Config = LanguageStage.Fit(context.Config, tokenizer) };
        LanguageStage.Train(run, tokenizer, set.Records, data.Texts, cancel);
        if (last == TrainingStage.Language) return new(last);

        using var head = TrainedParts.TagHead(run);
        using var model = TrainedParts.Model(run);
        using var music = MusicTokenCache.Open(run, model.AudioTower, features, set.Clips.Count, cancel);
        var stage = new MusicTextStage(run, model, music, features, tokenizer, set.ValidationIds);
        stage.Align(set.Records, cancel);
        if (last == TrainingStage.Align) return new(last);

        return Instruct(run, stage, model, head, tokenizer, set, cancel);
    }

    /// <summary>
    /// Stage 2 once more, from a finished model: its tokenizer stays what it is, and so do tower and tags
    /// unless they are to learn on.
    /// </summary>
    /// <param name="source">The model's folder.</param>
    /// <param name="tower">Train tower and tags before stage 2.</param>
    /// <param name="cancel">Stops after the current step.</param>
    /// <exception cref="InvalidDataException">The model has adapters that are not merged, or its tags are not those of
    /// the clips and are to learn on.</exception>
    public TrainingResult FineTune(string source, bool tower, CancellationToken cancel)
    {
        using var finished = ModelFolder.Open(source);
        if (finished.Adapter is not null)
            throw new InvalidDataException($"{source} has adapters: merge them first (openmu convert --merge).");
        var run = context with { Config = finished.OpenMu.Config };
        var set = TrainingSet.Read(data, run.Preset);
        using var features = set.Features(run, cancel);

        if (tower)
        {
            new TagStage(run, features, set.Clips).Train(
                config => TowerOf(finished, run, config), groups => HeadOf(finished, run, source, groups), cancel);
        }

        using var head = tower ? TrainedParts.TagHead(run) : null;
        using var model = TrainedParts.Copy(run, finished.OpenMu, withTower: tower);
        using var music = MusicTokenCache.Open(run, model.AudioTower, features, set.Clips.Count, cancel);
        var stage = new MusicTextStage(run, model, music, features, finished.Tokenizer, set.ValidationIds);
        return Instruct(run, stage, model, head ?? finished.TagHead, finished.Tokenizer, set, cancel);
    }

    /// <summary>Stage 2 and the model folder.</summary>
    private static TrainingResult Instruct(
        TrainingContext run, MusicTextStage stage, OpenMu model, TagHead? head, Tokenizer tokenizer, TrainingSet set,
        CancellationToken cancel)
    {
        var preset = run.Preset;
        using var lora = preset.Lora is null ? null : new Lora(
            run.Config.Llama, preset.Lora, WeightSource.Random(preset.Instruct.Seed).On(run.Device, run.Type));
        stage.Instruct(set.Records, lora, cancel);
        if (lora is not null && preset.Merge) model.Llama.MergeAndUnload();
        ModelFolder.Save(run.Files.Model, run.Config, model, preset.Merge ? null : lora, tokenizer, head, bfloat16);
        var parameters = model.parameters().Sum(p => p.numel()) + (head?.parameters().Sum(p => p.numel()) ?? 0);
        run.Log.LogInformation("{Parameters:N0} parameters in {Folder}", parameters, run.Files.Model);
        return new(TrainingStage.Instruct, run.Files.Model);
    }

    private TagHead NewHead(IReadOnlyList<TagGroup> groups)
        => new(context.Config.Audio.EmbedDim, groups, WeightSource.Random(context.Preset.Tags.Seed + 1)
            .On(context.Device, float32));

    private static AudioMae TowerOf(ModelFolder finished, TrainingContext run, AudioMaeConfig config)
    {
        using var scope = NewDisposeScope();
        return new(
            config, WeightSource.From(TrainedParts.Copies(finished.OpenMu.NamedWeights(), TrainedParts.TowerPrefix))
                .On(run.Device, run.Type));
    }

    private static TagHead HeadOf(
        ModelFolder finished, TrainingContext run, string source, IReadOnlyList<TagGroup> groups)
    {
        var head = finished.TagHead ?? throw new InvalidDataException($"{source} has no tags to train.");
        if (!head.HasLabelsOf(groups))
        {
            throw new InvalidDataException(
                $"{source} has other tags than the clips: train on clips of all its genres and instruments.");
        }
        using var scope = NewDisposeScope();
        // What tells music from noise read another tower.
        var weights = TrainedParts.Copies(head.state_dict().Select(entry => (entry.Key, entry.Value))
            .Where(entry => !entry.Key.StartsWith(TagHead.SoundPrefix, StringComparison.Ordinal)));
        return new(run.Config.Audio.EmbedDim, groups, WeightSource.From(weights).On(run.Device, float32));
    }
}
