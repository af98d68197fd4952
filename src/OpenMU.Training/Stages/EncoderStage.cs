// EncoderStage.cs - AudioMAE's pre-training: most of a spectrogram is hidden and predicted from the rest. No labels.
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
    /// <summary>Trains the masked autoencoder, unless that was done before.</summary>
    /// <param name="context">The run.</param>
    /// <param name="features">Log-mel frames.</param>
    /// <param name="clips">Indices of the recordings to train on.</param>
    /// <param name="cancel">Stops after the current step.</param>
    public static void Train(
        TrainingContext context, FeatureCache features, IReadOnlyList<int> clips, CancellationToken cancel)
    {
        if (context.Files.IsFinished(TrainingStage.Encoder)) return;
        var (config, preset) = (context.Config.Audio, context.Preset);
        using var crops = new RandomCrops(
            features, clips, config.ChunkFrames, preset.Encoder.Batch, preset.Encoder.Seed);
        var options = preset.Encoder.For(crops.Count);
        var augmentation = new Augmentation(AugmentationOptions.Light);

        using var model = new MaskedAutoencoder(
            config, preset.Decoder, WeightSource.Random(options.Seed).On(context.Device, context.Type));
        model.train();

        using var trainer = context.Trainer(
            TrainingStage.Encoder, options,
            ParameterGroup.Decaying(ParameterGroup.Trainable(model), options.LearningRate, options.WeightDecay));
        foreach (var batch in trainer.Batches(cancel))
        {
            using var scope = NewDisposeScope();
            var spectrograms = augmentation.Apply(crops.Batch(batch).Spectrograms).to(context.Type);    // (B, 1, T, M)
            var mask = PatchMask.Random(
                rand(spectrograms.shape[0], config.Patches, device: context.Device), preset.MaskRatio);
            trainer.Backward(model.call(spectrograms, mask).Loss);
            trainer.Step();
        }
        context.Files.Finish(TrainingStage.Encoder, model.state_dict().Select(entry => (entry.Key, entry.Value)));
    }

    /// <summary>
    /// The audio tower with the weights of pre-training, or with random ones where there was none. Its final norm
    /// starts at 1 and 0, because the one of pre-training was in another place.
    /// </summary>
    public static AudioMae Tower(TrainingContext context, AudioMaeConfig config)
    {
        if (!context.Files.IsFinished(TrainingStage.Encoder))
            return new(config, WeightSource.Random(context.Preset.Tags.Seed).On(context.Device, context.Type));
        using var scope = NewDisposeScope();
        var stored = context.Files.Load(TrainingStage.Encoder);
        stored["fc_norm.weight"] = ones(config.EmbedDim);
        stored["fc_norm.bias"] = zeros(config.EmbedDim);
        return new(config, WeightSource.From(stored).On(context.Device, context.Type));
    }
}
