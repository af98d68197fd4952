using System.Security.Cryptography;
using System.Text;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// Models with random weights: real shapes and files for tests and benchmarks. Numbers are generated while they are
/// written, so that 16 GB are never in memory.
/// </summary>
public static class RandomWeights
{
    /// <summary>Numbers of the block that matrices of at least <see cref="RepeatingFrom"/> numbers repeat.</summary>
    private const long BlockNumbers = 16 << 20, RepeatingFrom = 1 << 20;

    /// <summary>
    /// Shapes by name: the small model that ships, one with a 1.1B language model, and the published ones.
    /// </summary>
    public static IReadOnlyDictionary<string, ModelConfig> Shapes { get; } = new Dictionary<string, ModelConfig>
    {
        ["tiny"] = OpenMuConfig.Tiny,
        ["1b"] = OpenMuConfig.Full with
        {
            Licence = "open",
            Llama = new()
            {
                HiddenSize = 2048,
                IntermediateSize = 5632,
                NumHiddenLayers = 22,
                NumAttentionHeads = 32,
                NumKeyValueHeads = 4,
                VocabSize = 32000,
                MaxPositionEmbeddings = 2048,
                RopeTheta = 10000,
                BosTokenId = 1,
                StopTokenIds = [2],
            },
        },
        ["8b"] = OpenMuConfig.Full with { Licence = "open" },
        ["midashenglm-0.6b"] = MiDashengLmConfig.Small,
        ["midashenglm-7b"] = MiDashengLmConfig.Full,
        ["moss-music-8b"] = MossMusicConfig.Full,
    };

    /// <summary>
    /// Every tensor of a model of this configuration, with random numbers that depend only on seed and key.
    /// </summary>
    public static IReadOnlyList<NamedTensor> Of(ModelConfig config, long seed, ScalarType type) =>
        [.. ModelPlan.Of(config).Select(planned => Of(planned, seed, type))];

    /// <summary>Writes a model folder with a tokenizer of single bytes.</summary>
    /// <param name="folder">A folder that does not exist yet.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="seed">The same seed gives the same numbers.</param>
    /// <param name="type">The type to store them in.</param>
    /// <param name="written">Called with the bytes of each block that has been written.</param>
    /// <param name="repeating">Large matrices repeat one block of numbers: 16 GB are then written about as fast as the
    /// disk takes them, for measurements of speed.</param>
    /// <param name="cancel">Stops between two blocks and removes what has been written.</param>
    /// <exception cref="IOException">The folder exists, or the disk is full.</exception>
    public static void Write(
        string folder, ModelConfig config, long seed, ScalarType type, Action<long>? written = null,
        bool repeating = false, CancellationToken cancel = default)
        => AtomicFolder.Write(folder, replace: false, temporary =>
        {
            ModelFolder.WriteConfig(temporary, config);
            Bytes(config).Save(temporary);
            using var block = repeating ? Block(seed, type) : null;
            var tensors = Of(config, seed, type);
            SafeTensorsWriter.WriteShards(
                temporary, "model", block is null ? tensors : [.. tensors.Select(tensor => Repeating(tensor, block))],
                written: written, cancel: cancel);
            File.WriteAllText(Path.Combine(temporary, ModelFolder.CardFile), "# Model card\n\nRandom numbers (seed "
                + $"{seed}) from `openmu random-model`: nothing it writes means anything.\n");
        });

    /// <summary>
    /// A tensor of at most one block is initialised at once. Larger ones are matrices whose initializer (normal, or
    /// dependent on the width alone) can make a few rows at a time.
    /// </summary>
    private static NamedTensor Of(PlannedTensor planned, long seed, ScalarType type) =>
        new(planned.Key, type, planned.Shape, (first, count) =>
        {
            using var scope = NewDisposeScope();
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {planned.Key} {first}"));
            using var generator = new Generator(BitConverter.ToUInt64(digest));
            return planned.Initializer(planned.Shape.Count == 0 ? [] : [count, .. planned.Shape.Skip(1)], generator)
                .MoveToOuterDisposeScope();
        });

    /// <summary>Numbers as small as those of a trained matrix, more than any block of a file has.</summary>
    private static Tensor Block(long seed, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        return Initializers.Normal(0.02)([BlockNumbers], generator).to(type).MoveToOuterDisposeScope();
    }

    private static NamedTensor Repeating(NamedTensor tensor, Tensor block)
    {
        if (tensor.Shape.Count < 2 || tensor.Count < RepeatingFrom) return tensor;
        var width = tensor.Count / tensor.Shape[0];
        // Each piece of a matrix begins at another place of the block.
        return tensor with
        {
            Rows = (first, count) => block.narrow(0, first * 31 % (BlockNumbers - count * width + 1), count * width)
                .reshape([count, .. tensor.Shape.Skip(1)])
        };
    }

    /// <summary>
    /// One token for each byte, and the special tokens of a prompt: the first stop token ends answers, OpenMU's texts
    /// begin with its own token, and others take the ids that are left.
    /// </summary>
    private static Tokenizer Bytes(ModelConfig config)
    {
        var specials = new Dictionary<string, int> { [config.AnswerEnd] = config.Llama.StopTokenIds[0] };
        if (config is OpenMuConfig openMu) specials[openMu.Prompt.BeginOfText] = config.Llama.BosTokenId;
        foreach (var name in config.PromptTokens.Where(name => !specials.ContainsKey(name)))
        {
            specials[name] = Enumerable.Range(0, config.Llama.VocabSize)
                .First(id => !specials.ContainsValue(id) && id != config.Llama.BosTokenId);
        }
        var ids = Enumerable.Range(0, 256 + specials.Count).Where(id => !specials.ContainsValue(id)).Take(256);
        return new([.. ids.Select((id, value) => (new[] { (byte)value }, id))], specials);
    }
}
