// MusicTextStage.cs - stages 1 and 2 of the paper: the model learns to hear, then to answer. The audio tower
// is frozen and its tokens are cached. B records, t longest of a batch, M music tokens, A audio width, D width
// of the language model.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
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
/// <param name="features">The clips.</param>
/// <param name="tokenizer">Of the language model.</param>
/// <param name="validationClips">Ids of clips that are not trained on: stage 2 keeps the weights that answer
/// best about them.</param>
internal sealed class MusicTextStage(
    TrainingContext context, OpenMu model, MusicTokenCache music, FeatureCache features, Tokenizer tokenizer,
    IReadOnlySet<string> validationClips)
{
    /// <summary>At most this number of records about validation clips is looked at.</summary>
    private const int ValidationRecords = 512;

    private const string LlamaPrefix = "llama.", ProjectorPrefix = "mm_projector.", AdapterPrefix = "adapter.";
    private readonly Prompt prompt = new(context.Config.Prompt, tokenizer);

    /// <summary>Stage 1: the projector alone, on captions without any instruction.</summary>
    /// <param name="records">The records of a pass, from 1 on. Those about validation clips are left out.</param>
    /// <param name="cancel">Stops after the current step.</param>
    public void Align(Func<int, IReadOnlyList<BenchRecord>> records, CancellationToken cancel)
    {
        var options = context.Preset.Align;
        TokenizedRecord[] Captions(int pass) => [.. records(pass + 1)
            .Where(record => record.Task == BenchRecord.Captioning && !validationClips.Contains(record.Clip!))
            .AsParallel().AsOrdered().Select(record => Tokenized(prompt.ForCaption(record.Output), record))];
        model.eval();
        Train(
            TrainingStage.Align, options, Captions, [],
            [new(Named(ProjectorPrefix), options.LearningRate, options.WeightDecay)], cancel);
    }

    /// <summary>
    /// Stage 2: all tasks in the chat's words; adapters and projector, or the whole language model and projector.
    /// </summary>
    /// <param name="records">The records of a pass, from 1 on. Those about validation clips choose
    /// the best weights.</param>
    /// <param name="lora">The adapters; null trains the whole language model.</param>
    /// <param name="cancel">Stops after the current step.</param>
    public void Instruct(Func<int, IReadOnlyList<BenchRecord>> records, Lora? lora, CancellationToken cancel)
    {
        var (preset, options) = (context.Preset, context.Preset.Instruct);
        string[] noise =
            [.. features.Ids.Where(id => id.StartsWith(NoiseRecords.ClipPrefix, StringComparison.Ordinal))];
        TokenizedRecord[] Answers(int pass)
        {
            BenchRecord[] heard = [.. records(pass + 1).Where(record => !validationClips.Contains(record.Clip!))];
            return Tokenized(
                heard.Concat(NoiseRecords.Of(heard, noise, preset.NoiseShare, Seeds.Mix(options.Seed, pass))));
        }
        BenchRecord[] apart = [.. records(1).Where(record => validationClips.Contains(record.Clip!))];
        var validation = Seeds.Permutation(options.Seed, 3, apart.Length).Take(ValidationRecords).Select(i => apart[i])
            .GroupBy(record => record.Task).ToDictionary(task => task.Key, task => Tokenized(task));
        model.Llama.SetAdapter(lora);
        model.train();
        model.AudioTower.eval();
        var language = lora is null
            ? Named(LlamaPrefix)
            : [.. lora.NamedParameters().Select(p => (AdapterPrefix + p.Name, p.Parameter))];
        IReadOnlyList<ParameterGroup> groups =
        [
            .. ParameterGroup.Decaying(language, options.LearningRate, options.WeightDecay),
            new(Named(ProjectorPrefix), options.ProjectorLearningRate ?? options.LearningRate, options.WeightDecay),
        ];
        Train(TrainingStage.Instruct, options, Answers, validation, groups, cancel);
        model.eval();
    }

    /// <summary>
    /// The mean cross-entropy of a batch's target tokens, a scalar. What <see cref="ModelFamily.Loss"/> computes for
    /// any prompts, without leaving the device.
    /// </summary>
    internal static Tensor Loss(OpenMu model, TokenBatch batch, Tensor music, int musicAt)
        // Padding stands behind everything real, and a causal model never looks there: no mask.
        => TargetLoss(model, model.Llama.Hidden(Spliced(model, batch, music, musicAt)), batch);

    /// <summary>The same loss with its gradients, in memory for one block instead of all.</summary>
    internal static Tensor LossAndGradients(
        OpenMu model, TokenBatch batch, Tensor music, int musicAt, double scale, long seed)
    {
        var spliced = Spliced(model, batch, music, musicAt);
        var layers = model.Llama.Config.NumHiddenLayers;
        return GradientCheckpointing.Backward(
            spliced, layers, model.Llama.Layer, x => TargetLoss(model, model.Llama.FinalNorm(x), batch), scale, seed);
    }

    /// <summary>Words and music as one sequence (B, t + M - 1, D).</summary>
    private static Tensor Spliced(OpenMu model, TokenBatch batch, Tensor music, int musicAt)
        => cat([model.Llama.Embed(batch.Ids[.., ..musicAt]), model.Project(music),
            model.Llama.Embed(batch.Ids[.., (musicAt + 1)..])], 1);

    private static Tensor TargetLoss(OpenMu model, Tensor hidden, TokenBatch batch)
        => functional.cross_entropy(
            model.Llama.Logits(hidden.flatten(0, 1).index_select(0, batch.TargetPositions)), batch.Targets);

    /// <summary>
    /// Trains a stage, or reads its weights where it is finished; the model has the best ones afterwards.
    /// </summary>
    private void Train(
        TrainingStage stage, StageOptions settings, Func<int, IReadOnlyList<TokenizedRecord>> draw,
        Dictionary<string, TokenizedRecord[]> validation, IReadOnlyList<ParameterGroup> groups,
        CancellationToken cancel)
    {
        (string Name, Parameter Parameter)[] trained = [.. groups.SelectMany(group => group.Parameters)];
        if (!context.Files.IsFinished(stage))
        {
            using var records = Batches(draw, settings);
            var options = settings.For(records.Count);
            using var best = validation.Count == 0 ? null : new BestCheckpoint(trained);
            using var trainer = context.Trainer(stage, options, groups, best);
            foreach (var number in trainer.Batches(cancel))
            {
                using var scope = NewDisposeScope();
                var batch = records.Batch(number);
                var tokens = music.Of(batch.Clips);    // (B, M, A)
                if (context.Preset.GradientCheckpointing)
                {
                    trainer.Backward(scale => LossAndGradients(
                        model, batch, tokens, records.MusicAt, scale, Seeds.Mix(options.Seed, number)));
                }
                else trainer.Backward(Loss(model, batch, tokens, records.MusicAt));
                trainer.Step();
                if (trainer.ValidationIsDue) trainer.Validated(ValidationLoss(validation, settings));
            }
            context.Files.Finish(stage, best?.Weights() ?? trained.Select(p => (p.Name, (Tensor)p.Parameter)));
        }
        foreach (var (_, parameter) in trained) parameter.requires_grad = false;
        using var _ = no_grad();
        using var file = SafeTensors.Open(context.Files.Weights(stage));
        foreach (var (name, parameter) in trained)
        {
            using var scope = NewDisposeScope();
            parameter.copy_(file.View(name));
        }
    }

    /// <summary>The loss on records about clips as the model will hear them: the mean over tasks.</summary>
    private double ValidationLoss(Dictionary<string, TokenizedRecord[]> validation, StageOptions options)
    {
        using var _ = no_grad();
        model.eval();
        var losses = new TaskLosses();
        foreach (var (task, rows) in validation)
        {
            using var records = Batches(_ => rows, options);
            var batches = (rows.Length + options.Batch - 1) / options.Batch;
            for (var number = 0; number < batches; number++)
            {
                using var scope = NewDisposeScope();
                var batch = records.Batch(number);
                var loss = Loss(model, batch, music.Plain(batch.Clips), records.MusicAt);
                losses.Add(task, loss.item<float>(), batch.Targets.shape[0]);
            }
        }
        model.train();
        model.AudioTower.eval();
        return losses.Mean;
    }

    private LengthGroupedBatches Batches(Func<int, IReadOnlyList<TokenizedRecord>> draw, StageOptions options)
        => new(draw, context.Config.Audio.MusicTokens, options.Batch, options.Seed, context.Device);

    private TokenizedRecord[] Tokenized(IEnumerable<BenchRecord> records)
        => [.. records.AsParallel()
            .AsOrdered()
            .Select(record => Tokenized(prompt.ForTraining(record.Instruction, record.Output), record))];

    private TokenizedRecord Tokenized((int[] Ids, int[] Labels) text, BenchRecord record)
        => LengthGroupedBatches.Cut(
            new(text.Ids, text.Labels, features.IndexOf(record.Clip!)), context.Config.MaxLength,
            context.Config.Audio.MusicTokens);

    private (string Name, Parameter Parameter)[] Named(string prefix)
        => [.. ParameterGroup.Trainable(model).Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))];
}

/// <summary>
/// Validation losses by task. Tasks count alike, however many records they have, so a task with few records has its say
/// in which weights are best.
/// </summary>
internal sealed class TaskLosses
{
    private readonly Dictionary<string, (double Sum, long Tokens)> tasks = new(StringComparer.Ordinal);

    /// <summary>The mean over tasks of the mean over their target tokens.</summary>
    public double Mean => tasks.Values.Average(task => task.Sum / task.Tokens);

    /// <summary>Adds a batch.</summary>
    /// <param name="task">Its task.</param>
    /// <param name="loss">The mean over its target tokens.</param>
    /// <param name="tokens">How many target tokens.</param>
    public void Add(string task, double loss, long tokens)
    {
        var (sum, count) = tasks.GetValueOrDefault(task);
        tasks[task] = (sum + loss * tokens, count + tokens);
    }
}
