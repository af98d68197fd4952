// EncoderStage.cs - AudioMAE's pre-training: most of a picture is hidden and predicted from the rest. No labels.
using OpenMU.Model.Encoders;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Pretraining;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>Masked pre-training of the audio tower on chunks of 10.24 s.</summary>
internal static class EncoderStage
{
    public const string Name = "encoder";

    /// <summary>Trains the masked autoencoder; returns the file with its weights.</summary>
    public static string Train(TrainingContext context, FeatureCache cache, IReadOnlyList<int> clips, CancellationToken cancel)
    {
        var (config, preset) = (context.Config.Audio, context.Preset);
        var path = Path.Combine(context.FolderOf(Name), "weights.safetensors");
        if (File.Exists(path)) return path;
        using var windows = new ClipWindows(cache, clips, config.ChunkFrames, preset.Encoder.Batch, preset.Encoder.Seed);
        var options = preset.Encoder.For(windows.Count);
        using var model = new MaskedAutoencoder(config, preset.Decoder, WeightSource.Fresh(options.Seed).On(context.Device, context.Type));
        model.train();
        var augmentation = new Augmentation(AugmentationOptions.Light);
        Tensor Loss(long number)
        {
            var pictures = augmentation.Change(windows.Batch(number).Pictures).to(context.Type);
            var mask = PatchMask.Random(rand(pictures.shape[0], config.Patches, device: context.Device), preset.MaskRatio);
            return model.call(pictures, mask).Loss;
        }
        return context.Finish(Name, options, () => new(Name, ParameterGroup.Decaying(StageWeights.Trainable(model), options.Rate, options.WeightDecay), Loss),
            () => model.state_dict().Select(entry => (entry.Key, entry.Value)), cancel);
    }

    /// <summary>The tower, with the weights that pre-training found; its final norm starts anew, because pre-training's stood elsewhere.</summary>
    public static AudioMae Tower(TrainingContext context, AudioMaeConfig config, string? pretrained)
    {
        var fresh = WeightSource.Fresh(context.Preset.Tags.Seed).On(context.Device, context.Type);
        if (pretrained is null) return new(config, fresh);
        using var scope = NewDisposeScope();
        var stored = StageWeights.Read(pretrained);
        stored["fc_norm.weight"] = ones(config.EmbedDim);
        stored["fc_norm.bias"] = zeros(config.EmbedDim);
        return new(config, WeightSource.From(stored).On(context.Device, context.Type));
    }
}
