// LanguageStage.cs - a small Llama learns to write about music before it hears any. N blocks, L tokens of a block, B blocks of a batch.
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

/// <summary>The tokenizer and the language model, from the records' texts without their music and from further texts.</summary>
internal static class LanguageStage
{
    public const string Name = "language";

    /// <summary>The run's tokenizer: read, or trained on the texts and written.</summary>
    public static Tokenizer Tokenizer(TrainingContext context, IReadOnlyList<BenchRecord> records, IReadOnlyList<string> texts)
    {
        var folder = context.FolderOf(Name);
        if (File.Exists(Path.Combine(folder, "tokenizer.json"))) return OpenMU.Model.Text.Tokenizer.Load(folder);
        var prompt = context.Config.Prompt;
        var all = records.SelectMany(record => new[] { record.Instruction, record.Output }).Concat(texts).Append($"{prompt.System} {prompt.User}: {prompt.Assistant}:");
        var tokenizer = BpeTrainer.Train(all, context.Config.Llama.VocabSize, [prompt.BeginOfText, prompt.EndOfAnswer]);
        tokenizer.Save(folder);
        return tokenizer;
    }

    /// <summary>The configuration with the vocabulary and the special ids of this tokenizer.</summary>
    public static OpenMuConfig Fit(OpenMuConfig config, Tokenizer tokenizer) => config with
    {
        Llama = config.Llama with { VocabSize = tokenizer.VocabSize, BosTokenId = tokenizer.IdOf(config.Prompt.BeginOfText), StopTokenIds = [tokenizer.IdOf(config.Prompt.EndOfAnswer)] },
    };

    /// <summary>Trains the language model; returns the file with its weights.</summary>
    public static string Train(TrainingContext context, Tokenizer tokenizer, Func<int, IReadOnlyList<BenchRecord>> records, IReadOnlyList<string> texts, CancellationToken cancel)
    {
        var path = Path.Combine(context.FolderOf(Name), "weights.safetensors");
        if (File.Exists(path)) return path;
        var (preset, config) = (context.Preset, context.Config.Llama);
        var stream = Tokens(context, tokenizer, records, texts);
        var length = preset.BlockTokens + 1;
        var count = stream.Count / length;
        if (count == 0) throw new InvalidDataException($"The texts have {stream.Count} tokens, fewer than one block of {length}.");
        using var blocks = tensor(stream.Take(count * length).ToArray(), [count, length], device: context.Device).DetachFromDisposeScope();
        using var order = new ShuffledOrder(count, preset.Language.Batch, preset.Language.Seed, context.Device);
        var options = preset.Language.For(count);
        using var llama = new Llama(config, WeightSource.Fresh(options.Seed).On(context.Device, context.Type).StoringMatricesAs(float32));
        llama.train();
        Tensor Loss(long number)
        {
            var ids = blocks.index_select(0, order.Batch(number)).to(int64);                            // (B, L + 1)
            var hidden = llama.Hidden(llama.Embed(ids[.., ..^1]));
            return functional.cross_entropy(llama.Logits(hidden).flatten(0, 1), ids[.., 1..].flatten());
        }
        return context.Finish(Name, options, () => new(Name, ParameterGroup.Decaying(StageWeights.Trainable(llama), options.Rate, options.WeightDecay), Loss),
            () => llama.state_dict().Select(entry => (entry.Key, entry.Value)), cancel);
    }

    /// <summary>All texts in random order as one row of tokens: records in the words of the chat, with the music left out, captions also by themselves.</summary>
    private static List<int> Tokens(TrainingContext context, Tokenizer tokenizer, Func<int, IReadOnlyList<BenchRecord>> draw, IReadOnlyList<string> texts)
    {
        BenchRecord[] records = [.. Enumerable.Range(0, context.Preset.TextPasses).SelectMany(draw)];
        var prompt = new Prompt(context.Config.Prompt, tokenizer);
        var begin = tokenizer.IdOf(context.Config.Prompt.BeginOfText);
        List<int[]> pieces = [.. records.AsParallel().AsOrdered().Select(record => prompt.ForTraining(record.Instruction, record.Output).Ids.Where(id => id != OpenMuConfig.MusicToken).ToArray())];
        pieces.AddRange(records.Where(record => record.Task == BenchRecord.Captioning).Select(record => record.Output).Concat(texts).AsParallel().AsOrdered().Select(text => (int[])[begin, .. tokenizer.Encode(text + "\n")]));
        return [.. Seeds.Permutation(context.Preset.Language.Seed, 0, pieces.Count).SelectMany(i => pieces[i])];
    }
}
