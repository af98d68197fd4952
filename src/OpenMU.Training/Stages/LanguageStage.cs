// LanguageStage.cs - a small Llama learns to write about music before it hears any. N blocks, L tokens of a
// block, B blocks of a batch.
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Pretraining;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>
/// The tokenizer and the language model, from the records' texts without their music and from further texts.
/// </summary>
internal static class LanguageStage
{
    /// <summary>The run's tokenizer: read, or trained on the texts and written.</summary>
    public static Tokenizer Tokenizer(
        TrainingContext context, IReadOnlyList<BenchRecord> records, IReadOnlyList<string> texts)
    {
        var folder = context.Files.Of(TrainingStage.Language);
        if (File.Exists(Path.Combine(folder, "tokenizer.json"))) return OpenMU.Model.Text.Tokenizer.Load(folder);
        var prompt = context.Config.Prompt;
        var all = records.SelectMany(record => new[] { record.Instruction, record.Output })
            .Concat(texts)
            .Append($"{prompt.System} {prompt.User}: {prompt.Assistant}:");
        var tokenizer = BpeTrainer.Train(all, context.Config.Llama.VocabSize, [prompt.BeginOfText, prompt.EndOfAnswer]);
        tokenizer.Save(folder);
        return tokenizer;
    }

    /// <summary>The configuration with the vocabulary and the special ids of this tokenizer.</summary>
    public static OpenMuConfig Fit(OpenMuConfig config, Tokenizer tokenizer) => config with
    {
        Llama = config.Llama with
        {
            VocabSize = tokenizer.VocabSize,
            BosTokenId = tokenizer.IdOf(config.Prompt.BeginOfText),
            StopTokenIds = [tokenizer.IdOf(config.Prompt.EndOfAnswer)]
        },
    };

    /// <summary>Trains the language model, unless that was done before.</summary>
    /// <param name="context">The run, its sizes fitted to the tokenizer.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="records">The records of a pass, counted from 0.</param>
    /// <param name="texts">Further texts.</param>
    /// <param name="cancel">Stops after the current step.</param>
    /// <exception cref="InvalidDataException">The texts do not fill a block.</exception>
    public static void Train(
        TrainingContext context, Tokenizer tokenizer, Func<int, IReadOnlyList<BenchRecord>> records,
        IReadOnlyList<string> texts, CancellationToken cancel)
    {
        if (context.Files.IsFinished(TrainingStage.Language)) return;
        var preset = context.Preset;
        var stream = Tokens(context, tokenizer, records, texts);
        var length = preset.BlockTokens + 1;
        var count = stream.Count / length;
        if (count == 0)
            throw new InvalidDataException($"The texts have {stream.Count} tokens, fewer than one block of {length}.");
        using var blocks = tensor(stream.Take(count * length).ToArray(), [count, length], device: context.Device)
            .DetachFromDisposeScope();   // (N, L + 1)
        using var order = new BatchSampler(count, preset.Language.Batch, preset.Language.Seed, context.Device);
        var options = preset.Language.For(count);

        using var llama = new Llama(
            context.Config.Llama,
            WeightSource.Random(options.Seed).On(context.Device, context.Type).StoringMatricesAs(float32));
        llama.train();

        using var trainer = context.Trainer(
            TrainingStage.Language, options,
            ParameterGroup.Decaying(ParameterGroup.Trainable(llama), options.LearningRate, options.WeightDecay));
        foreach (var batch in trainer.Batches(cancel))
        {
            using var scope = NewDisposeScope();
            var ids = blocks.index_select(0, order.Batch(batch)).to(int64);                                // (B, L + 1)
            var hidden = llama.Hidden(llama.Embed(ids[.., ..^1]));                                         // (B, L, D)
            trainer.Backward(functional.cross_entropy(llama.Logits(hidden).flatten(0, 1), ids[.., 1..].flatten()));
            trainer.Step();
        }
        context.Files.Finish(TrainingStage.Language, llama.state_dict().Select(entry => (entry.Key, entry.Value)));
    }

    /// <summary>
    /// All texts in random order as one row of tokens: records in the words of the chat, with the music left out,
    /// captions also by themselves.
    /// </summary>
    private static List<int> Tokens(
        TrainingContext context, Tokenizer tokenizer, Func<int, IReadOnlyList<BenchRecord>> draw,
        IReadOnlyList<string> texts)
    {
        BenchRecord[] records = [.. Enumerable.Range(0, context.Preset.TextPasses).SelectMany(draw)];
        var prompt = new Prompt(context.Config.Prompt, tokenizer);
        var begin = tokenizer.IdOf(context.Config.Prompt.BeginOfText);
        List<int[]> pieces = [.. records.AsParallel().AsOrdered()
            .Select(record => prompt.ForTraining(record.Instruction, record.Output).Ids
                .Where(id => id != OpenMuConfig.MusicToken)
                .ToArray())];
        pieces.AddRange(records.Where(record => record.Task == BenchRecord.Captioning)
            .Select(record => record.Output).Concat(texts)
            .AsParallel().AsOrdered().Select(text => (int[])[begin, .. tokenizer.Encode(text + "\n")]));
        return [.. Seeds.Permutation(context.Preset.Language.Seed, 0, pieces.Count).SelectMany(i => pieces[i])];
    }
}
