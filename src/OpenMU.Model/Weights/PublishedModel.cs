using OpenMU.Model.Families;
using OpenMU.Model.Text;

namespace OpenMU.Model.Weights;

/// <summary>
/// A folder of published files that make a whole model: config.json, generation_config.json, tokenizer.json,
/// safetensors files. Which family it is stands in config.json's model_type.
/// </summary>
internal sealed class PublishedModel : IDisposable
{
    private const string GenerationFile = "generation_config.json";

    /// <summary>The families that are published so, by model_type.</summary>
    private static readonly Dictionary<string, Reader> Families = new()
    {
        [MiDashengLmConfig.Name] = MiDashengLmConfig.Read,
        [MossMusicConfig.Name] = MossMusicConfig.Read,
    };

    private static readonly IReadOnlyDictionary<string, ConfigRule> AnyFamily = ForeignConfigRules.Table(
        [("model_type", ConfigRule.Is([.. Families.Keys]).AsRequired())]);

    private readonly PublishedCheckpoint checkpoint;

    private PublishedModel(string folder, Tokenizer tokenizer)
    {
        (Folder, Tokenizer) = (folder, tokenizer);
        checkpoint = PublishedCheckpoint.OpenFolder(folder);
    }

    private delegate (ModelConfig Config, IReadOnlyList<NamedTensor> Tensors) Reader(PublishedModel model);

    public string Folder { get; }

    public Tokenizer Tokenizer { get; }

    private string ConfigPath => Path.Combine(Folder, ModelFolder.ConfigFile);

    /// <summary>Opens a folder and reads its configuration by the rules of its family.</summary>
    /// <returns>The opened files, which the tensors are read from; the configuration; the tensors that the model
    /// takes.</returns>
    /// <exception cref="InvalidDataException">
    /// A file is missing or damaged, the family is unknown, or the configuration says something that is not computed
    /// here; the message names file and key.
    /// </exception>
    public static (PublishedModel Model, ModelConfig Config, IReadOnlyList<NamedTensor> Tensors) Open(
        string folder, Tokenizer tokenizer)
    {
        var path = Path.Combine(folder, ModelFolder.ConfigFile);
        var type = ForeignConfig.Read(path, AnyFamily, onlyKnown: false).Value("model_type")!.Value.GetString()!;
        var model = new PublishedModel(folder, tokenizer);
        try
        {
            var (config, tensors) = Families[Families.Keys.First(
                name => name.Equals(type, StringComparison.OrdinalIgnoreCase))](model);
            config.Validate();
            return (model, config, tensors);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public ForeignConfig ReadConfig(IReadOnlyDictionary<string, ConfigRule> rules)
        => ForeignConfig.Read(ConfigPath, rules);

    /// <summary>The language model, a Qwen, of its part of the configuration.</summary>
    /// <param name="text">That part.</param>
    /// <param name="whole">The configuration, which may know stop tokens too.</param>
    public LlamaConfig ReadQwen(ForeignConfig text, ForeignConfig whole)
    {
        var generation = ForeignConfig.ReadIfThere(Path.Combine(Folder, GenerationFile), ForeignConfigRules.Generation);
        int[] stops =
        [
            .. text.Ids("eos_token_id"), .. whole.Ids("eos_token_id"), .. generation?.Ids("eos_token_id") ?? [],
            IdOf(ChatMl.TurnEnd), IdOf(ChatMl.EndOfText)
        ];
        // Qwen2.5 has the bias without saying so, Qwen3 says whether it has one.
        var isQwen3 = text.Value("model_type")!.Value.GetString()!.Equals("qwen3", StringComparison.OrdinalIgnoreCase);
        return LlamaSource.ReadConfig(text) with
        {
            AttentionBias = text.Value("attention_bias")?.GetBoolean() ?? !isQwen3,
            QkNorm = isQwen3,
            OwnHeadDim = text.Value("head_dim")?.GetInt32(),
            BosTokenId = IdOf(ChatMl.EndOfText),
            StopTokenIds = [.. stops.Distinct()],
        };
    }

    /// <summary>The id of a special token that prompts need.</summary>
    /// <exception cref="InvalidDataException">The tokenizer has no such token.</exception>
    public int IdOf(string special) => Tokenizer.Specials.TryGetValue(special, out var id)
        ? id
        : throw new InvalidDataException($"{Folder}: the tokenizer has no special token '{special}'.");

    /// <summary>The shape of a tensor that the configuration depends on.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has another number of axes.</exception>
    public IReadOnlyList<long> ShapeOf(string key, int axes)
    {
        var shape = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Key == key)?.Shape
            ?? throw new InvalidDataException($"{Folder} lacks the tensor '{key}'.");
        return shape.Count == axes
            ? shape
            : throw new InvalidDataException(
                $"The tensor '{key}' of {Folder} has the shape [{string.Join(", ", shape)}]; it needs {axes} axes.");
    }

    /// <summary>The tensors without those that are computed, or counted in training.</summary>
    public IReadOnlyList<NamedTensor> Parameters(
        LlamaConfig llama, string head, string embedding, params IReadOnlyList<string> unused)
        => [.. LlamaSource.Parameters(ConfigPath, checkpoint.Tensors, llama, head, embedding)
            .Where(tensor => !unused.Contains(tensor.Key))];

    public void Dispose() => checkpoint.Dispose();
}
