// MusicTextStage.cs - stages 1 and 2 of the paper: the model learns to hear, then to answer. The audio tower is frozen and its tokens are cached.
// B records, t longest of a batch, M music tokens, A audio width, D width of the language model.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>Projector and language model, trained on records about clips.</summary>
/// <param name="context">The run.</param>
/// <param name="model">The model, whose audio tower is frozen.</param>
/// <param name="music">Its music tokens of all clips.</param>
/// <param name="cache">The clips.</param>
/// <param name="tokenizer">Of the language model.</param>
/// <param name="heldOut">Ids of clips that are not trained on: stage 2 keeps the weights that answer best about them.</param>
internal sealed class MusicTextStage(TrainingContext context, OpenMu model, MusicFeatures music, FeatureCache cache, Tokenizer tokenizer, IReadOnlySet<string> heldOut)
{
    /// <summary>So many records about held-out clips are looked at.</summary>
    private const int HeldOutRecords = 512;

    public const string Align = "align", Instruct = "instruct";
    private const string LlamaPrefix = "llama.", ProjectorPrefix = "mm_projector.", AdapterPrefix = "adapter.";
    private readonly Prompt prompt = new(context.Config.Prompt, tokenizer);

    /// <summary>Stage 1: the projector alone, on captions without any instruction.</summary>
    /// <param name="records">The records of a pass: trained on from 1 on, never those about held-out clips.</param>
    /// <param name="cancel">Stops at the next step.</param>
    public void TrainProjector(Func<int, IReadOnlyList<BenchRecord>> records, CancellationToken cancel)
    {
        var stage = context.Preset.Align;
        TokenRow[] Rows(int pass) => [.. records(pass + 1).Where(record => record.Task == BenchRecord.Captioning && !heldOut.Contains(record.Clip!)).AsParallel().AsOrdered().Select(record => Row(prompt.ForCaption(record.Output), record))];
        model.eval();
        Run(Align, stage, Rows, [], [new(Named(ProjectorPrefix), stage.Rate, stage.WeightDecay)], cancel);
    }

    /// <summary>Stage 2: all tasks in the chat's words; adapters and projector, or the whole language model and projector.</summary>
    /// <param name="records">The records of a pass: trained on from 1 on, never those about held-out clips.</param>
    /// <param name="lora">The adapters; null trains the whole language model.</param>
    /// <param name="cancel">Stops at the next step.</param>
    public void TrainAnswers(Func<int, IReadOnlyList<BenchRecord>> records, Lora? lora, CancellationToken cancel)
    {
        var (preset, stage) = (context.Preset, context.Preset.Instruct);
        string[] noise = [.. cache.Ids.Where(id => id.StartsWith(NoiseRecords.ClipPrefix, StringComparison.Ordinal))];
        TokenRow[] Rows(int pass)
        {
            BenchRecord[] heard = [.. records(pass + 1).Where(record => !heldOut.Contains(record.Clip!))];
            return Answers(heard.Concat(NoiseRecords.Of(heard, noise, preset.NoiseShare, Seeds.Mix(stage.Seed, pass))));
        }
        BenchRecord[] apart = [.. records(1).Where(record => heldOut.Contains(record.Clip!))];
        var lookedAt = Answers(Seeds.Permutation(stage.Seed, 3, apart.Length).Take(HeldOutRecords).Select(i => apart[i]));
        model.Llama.Use(lora);
        model.train();
        model.AudioTower.eval();
        var language = lora is null ? Named(LlamaPrefix) : [.. lora.NamedParameters().Select(p => (AdapterPrefix + p.Name, p.Parameter))];
        Run(Instruct, stage, Rows, lookedAt, [.. ParameterGroup.Decaying(language, stage.Rate, stage.WeightDecay), new(Named(ProjectorPrefix), stage.ProjectorRate ?? stage.Rate, stage.WeightDecay)], cancel);
        model.eval();
    }

    /// <summary>The mean cross-entropy of a batch's judged tokens. What <see cref="OpenMu.Loss"/> computes for any prompts, without leaving the device.</summary>
    internal static Tensor Loss(OpenMu model, TokenBatch batch, Tensor music, int musicAt)
        // Padding stands behind everything real, and a causal model never looks there: no mask.
        => Judged(model, model.Llama.Hidden(Spliced(model, batch, music, musicAt)), batch);

    /// <summary>The same loss with its gradients, in memory for one block instead of all.</summary>
    internal static Tensor LossAndGradients(OpenMu model, TokenBatch batch, Tensor music, int musicAt, double scale, long seed)
    {
        var spliced = Spliced(model, batch, music, musicAt);
        return GradientCheckpointing.Backward(spliced, model.Llama.Blocks(spliced), x => Judged(model, model.Llama.Normalise(x), batch), scale, seed);
    }

    /// <summary>Words and music as one sequence (B, t + M - 1, D).</summary>
    private static Tensor Spliced(OpenMu model, TokenBatch batch, Tensor music, int musicAt)
        => cat([model.Llama.Embed(batch.Ids[.., ..musicAt]), model.Project(music), model.Llama.Embed(batch.Ids[.., (musicAt + 1)..])], 1);

    private static Tensor Judged(OpenMu model, Tensor hidden, TokenBatch batch)
        => functional.cross_entropy(model.Llama.Logits(hidden.flatten(0, 1).index_select(0, batch.Judged)), batch.Targets);

    private void Run(string name, StageOptions settings, Func<int, IReadOnlyList<TokenRow>> rows, TokenRow[] lookedAt, IReadOnlyList<ParameterGroup> groups, CancellationToken cancel)
    {
        using var tokens = new TokenRows(rows, context.Config.Audio.MusicTokens, settings.Batch, settings.Seed, context.Device);
        var options = settings.For(tokens.Count);
        (string Name, Parameter Parameter)[] trained = [.. groups.SelectMany(group => group.Parameters)];
        Tensor Loss(long number)
        {
            var batch = tokens.Batch(number);
            return MusicTextStage.Loss(model, batch, music.Of(batch.Clips), tokens.MusicAt);
        }
        Tensor LossAndGradients(long number, double scale)
        {
            var batch = tokens.Batch(number);
            return MusicTextStage.LossAndGradients(model, batch, music.Of(batch.Clips), tokens.MusicAt, scale, Seeds.Mix(options.Seed, number));
        }
        using var best = lookedAt.Length == 0 ? null : new BestCheckpoint(trained, () => HeldOutLoss(lookedAt, settings));
        var path = context.Finish(
            name, options, () => new(name, groups, Loss) { LossAndGradients = context.Preset.Recompute ? LossAndGradients : null, HeldOut = best is null ? null : best.Look, Kept = best?.Kept ?? [] },
            () => best?.Weights() ?? trained.Select(p => (p.Name, (Tensor)p.Parameter)), cancel);
        foreach (var (_, parameter) in trained) parameter.requires_grad = false;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(path);
        foreach (var (parameterName, parameter) in trained) parameter.copy_(file.View(parameterName));
    }

    /// <summary>The mean loss of records about clips as the model will hear them.</summary>
    private double HeldOutLoss(TokenRow[] lookedAt, StageOptions settings)
    {
        using var _ = no_grad();
        model.eval();
        using var tokens = new TokenRows(_ => lookedAt, context.Config.Audio.MusicTokens, settings.Batch, settings.Seed, context.Device);
        using var sum = zeros(1, device: context.Device);
        var batches = (lookedAt.Length + settings.Batch - 1) / settings.Batch;
        for (var number = 0; number < batches; number++)
        {
            using var scope = NewDisposeScope();
            var batch = tokens.Batch(number);
            sum.add_(Loss(model, batch, music.Plain(batch.Clips), tokens.MusicAt), Scalars.One);
        }
        model.train();
        model.AudioTower.eval();
        return sum.item<float>() / batches;
    }

    private TokenRow[] Answers(IEnumerable<BenchRecord> records)
        => [.. records.AsParallel().AsOrdered().Select(record => Row(prompt.ForTraining(record.Instruction, record.Output), record))];

    private TokenRow Row((int[] Ids, int[] Labels) text, BenchRecord record)
        => TokenRows.Cut(new(text.Ids, text.Labels, cache.IndexOf(record.Clip!)), context.Config.MaxLength, context.Config.Audio.MusicTokens);

    private (string Name, Parameter Parameter)[] Named(string prefix)
        => [.. StageWeights.Trainable(model).Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))];
}
