// Conversion.cs - published checkpoints in, a model folder out, whatever the family. All tensors are checked by name
// and shape before the first byte is written; then the numbers are copied a few megabytes at a time.
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>The paths of the parts of a published model.</summary>
/// <param name="Llama">A folder in the format of Hugging Face or of Meta.</param>
/// <param name="AudioMae"><c>vitb_finetuned.pth</c>, or the same keys as safetensors.</param>
/// <param name="Projector"><c>mm_projector.bin</c> (after alignment) or <c>non_lora_trainables.bin</c> (after
/// instruction tuning).</param>
public sealed record ConversionSources(string Llama, string AudioMae, string Projector)
{
    /// <summary>A folder in PEFT's format.</summary>
    public string? Adapter { get; init; }

    /// <summary><c>tokenizer.json</c> or <c>tokenizer.model</c>; null takes the one in <see cref="Llama"/>.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>A clone of the reference repository, for the system text of the prompt.</summary>
    public string? PromptFrom { get; init; }
}

/// <summary>What to write.</summary>
public sealed record ConversionOptions
{
    /// <summary>The type of all numbers.</summary>
    public ScalarType Type { get; init; } = ScalarType.BFloat16;

    /// <summary>Whether the adapter is merged into the matrices instead of being written beside them.</summary>
    public bool Merge { get; init; }

    /// <summary>
    /// Settings of the audio tower that do not follow from its tensors: heads, chunks, contextual blocks, pooling.
    /// </summary>
    public AudioMaeConfig Audio { get; init; } = new();

    /// <summary>The licence class; null takes that of the family's published weights.</summary>
    public string? Licence { get; init; }

    public long ShardBytes { get; init; } = SafeTensorsWriter.DefaultShardBytes;

    /// <summary>Stop tokens; null takes those of the language model's own files.</summary>
    public IReadOnlyList<int>? StopTokenIds { get; init; }

    /// <summary>The begin-of-text token; null takes that of the language model's own files.</summary>
    public int? BosTokenId { get; init; }
}

/// <summary>A checked conversion, ready to be written.</summary>
public sealed class Conversion : IDisposable
{
    private const string Tower = "model.vision_tower.mae.";

    private readonly List<IDisposable> open = [];
    private readonly ConversionOptions options;
    private readonly List<(NamedTensor Tensor, string File)> tensors = [];
    private readonly List<(string Part, string Source)> card = [];
    private IReadOnlyList<NamedTensor> adapters = [];

    /// <summary>OpenMU, whose parts are published apart. Opens all sources and checks that they make a complete
    /// model.</summary>
    /// <exception cref="InvalidDataException">A source is missing or damaged, the tokenizer does not fit, or a tensor
    /// is missing, unexpected or misshapen; the message names file and key.</exception>
    public Conversion(ConversionSources sources, ConversionOptions options)
    {
        this.options = options;
        Config = new OpenMuConfig();
        Check($"{sources.Llama} and {sources.AudioMae} do not make a model", () => OpenParts(sources));
    }

    /// <summary>
    /// A family that is published as one folder: config.json, tokenizer.json, safetensors files. Opens them and checks
    /// that they make a complete model.
    /// </summary>
    /// <param name="folder">The published files.</param>
    /// <param name="options">What to write.</param>
    /// <param name="adapter">A folder in PEFT's format, or null.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged, the configuration says something that is
    /// not computed here, or a tensor is missing, unexpected or misshapen; the message names file and key.</exception>
    public Conversion(string folder, ConversionOptions options, string? adapter = null)
    {
        this.options = options;
        Config = new OpenMuConfig();
        Check($"{folder} does not make a model", () => OpenWhole(folder, adapter));
    }

    public ModelConfig Config { get; private set; }

    /// <summary>The bytes of all tensors that will be written.</summary>
    public long Bytes => Stored(Weights).Concat(Stored(adapters)).Sum(tensor => tensor.Bytes);

    private string TokenizerFile { get; set; } = "";

    private IEnumerable<NamedTensor> Weights => tensors.Select(entry => entry.Tensor);

    /// <summary>Writes the folder atomically.</summary>
    /// <param name="folder">A folder that does not exist yet.</param>
    /// <param name="written">Called with the bytes of each block that has been written.</param>
    /// <param name="cancel">Stops between two blocks and removes what has been written.</param>
    /// <exception cref="IOException">The folder exists, or the disk is full.</exception>
    /// <exception cref="InvalidDataException">A tensor has infinities or NaN, before or after conversion
    /// to the type.</exception>
    public void Write(string folder, Action<long>? written = null, CancellationToken cancel = default) =>
        AtomicFolder.Write(folder, replace: false, temporary =>
        {
            ModelFolder.WriteConfig(temporary, Config);
            File.Copy(TokenizerFile, Path.Combine(temporary, Path.GetFileName(TokenizerFile)));
            SafeTensorsWriter.WriteShards(
                temporary, "model", [.. Stored(Weights)],
                options.ShardBytes, written, cancel);
            if (adapters.Count > 0)
            {
                SafeTensorsWriter.Write(
                    Path.Combine(temporary, ModelFolder.AdapterFile),
                    [.. Stored(adapters)], written, cancel);
            }
            File.WriteAllText(Path.Combine(temporary, ModelFolder.CardFile), Card());
        });

    public void Dispose() => open.ForEach(checkpoint => checkpoint.Dispose());

    /// <summary>
    /// The tensors as they are written. With int8, matrices are packed, and all others keep their type.
    /// </summary>
    private IEnumerable<NamedTensor> Stored(IEnumerable<NamedTensor> read)
    {
        if (options.Type != int8) return read.Select(tensor => tensor.As(options.Type));
        var matrices = ModelPlan.Of(Config).Where(tensor => tensor.IsMatrix).Select(tensor => tensor.Key).ToHashSet();
        return read.Select(tensor => matrices.Contains(tensor.Key) ? tensor.AsInt8() : tensor);
    }

    private void Check(string failure, Action openAll)
    {
        try
        {
            openAll();
        }
        catch (ArgumentException e)
        {
            Dispose();
            throw new InvalidDataException($"{failure}: {e.Message}", e);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void OpenParts(ConversionSources sources)
    {
        var (llama, language) = LlamaSource.Open(sources.Llama);
        open.Add(language);
        var tower = Open(sources.AudioMae);
        var config = new OpenMuConfig
        {
            Audio = options.Audio,
            Llama = llama with
            {
                StopTokenIds = options.StopTokenIds ?? llama.StopTokenIds,
                BosTokenId = options.BosTokenId ?? llama.BosTokenId
            },
            Prompt = new() { System = sources.PromptFrom is null ? "" : PublishedPrompt.Read(sources.PromptFrom) },
            Licence = options.Licence ?? "non-commercial",
        };
        Config = config;
        // The tower's classification head is not used.
        tensors.AddRange(tower.Tensors.Where(tensor => !tensor.Key.StartsWith("head.", StringComparison.Ordinal))
            .Select(tensor => (tensor with { Key = Tower + tensor.Key }, sources.AudioMae)));
        tensors.AddRange(Open(sources.Projector).Tensors.Select(tensor =>
            (tensor with { Key = ProjectorKey(sources.Projector, tensor.Key) }, sources.Projector)));
        tensors.AddRange(language.Tensors.Select(tensor => (tensor, language.Path)));
        ModelPlan.Require(ModelPlan.Of(Config), tensors);
        if (sources.Adapter is not null) adapters = TakeAdapter(sources.Adapter);
        TokenizerFile = FindTokenizer(sources);
        var tokenizer = TokenizerSource.Open(TokenizerFile, Config);
        if (Config.Llama.BosTokenId == LlamaSource.NoBosTokenId)
        {
            var begin = tokenizer.IdOf(config.Prompt.BeginOfText);
            Config = Config with { Llama = Config.Llama with { BosTokenId = begin } };
        }
        card.Add(("language model", NameOf(sources.Llama)));
        card.Add(("audio tower", Path.GetFileName(sources.AudioMae)));
        card.Add(("projector", Path.GetFileName(sources.Projector)));
        AddAdapterToCard(sources.Adapter);
        card.Add(("prompt", sources.PromptFrom is null
            ? "not given: the published weights expect the reference's words"
            : "the reference's words"));
    }

    private void OpenWhole(string folder, string? adapter)
    {
        TokenizerFile = Path.Combine(folder, Text.TokenizerFile.Json);
        if (!File.Exists(TokenizerFile)) throw new InvalidDataException($"There is no tokenizer: {TokenizerFile}.");
        var (published, config, parameters) = PublishedModel.Open(folder, Tokenizer.Load(folder));
        open.Add(published);
        Config = config with
        {
            Licence = options.Licence ?? config.Licence,
            Llama = config.Llama with
            {
                StopTokenIds = options.StopTokenIds ?? config.Llama.StopTokenIds,
                BosTokenId = options.BosTokenId ?? config.Llama.BosTokenId
            },
        };
        tensors.AddRange(parameters.Select(tensor => (tensor, folder)));
        ModelPlan.Require(ModelPlan.Of(Config, parameters.Select(tensor => tensor.Key)), tensors);
        if (adapter is not null) adapters = TakeAdapter(adapter);
        TokenizerSource.Open(TokenizerFile, Config);
        card.Add(("whole model", NameOf(folder)));
        card.Add(("family", Config.Family));
        AddAdapterToCard(adapter);
    }

    private static string NameOf(string folder)
        => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private void AddAdapterToCard(string? adapter) => card.Add(("adapter",
        adapter is null ? "none" : options.Merge ? "merged into the language model" : ModelFolder.AdapterFile));

    private PublishedCheckpoint Open(string path)
    {
        var checkpoint = PublishedCheckpoint.OpenFile(path);
        open.Add(checkpoint);
        return checkpoint;
    }

    /// <summary>
    /// "model.mm_projector.0.weight", "base_model.model.model.mm_projector.0.weight" and
    /// "mm_projector.0.weight" are one key.
    /// </summary>
    private static string ProjectorKey(string path, string key)
    {
        const string name = "mm_projector.";
        var at = key.IndexOf(name, StringComparison.Ordinal);
        return at >= 0
            ? $"model.{key[at..]}"
            : throw new InvalidDataException($"{path} holds the tensor '{key}', which is no projector's.");
    }

    private IReadOnlyList<NamedTensor> TakeAdapter(string folder)
    {
        var (lora, checkpoint) = AdapterSource.Open(folder, Config);
        open.Add(checkpoint);
        if (!options.Merge)
        {
            Config = Config with { Lora = lora };
            return checkpoint.Tensors;
        }
        var byKey = checkpoint.Tensors.ToDictionary(tensor => tensor.Key);
        for (var i = 0; i < tensors.Count; i++)
            tensors[i] = (AdapterSource.Merge(tensors[i].Tensor, lora, byKey), tensors[i].File);
        return [];
    }

    private static string FindTokenizer(ConversionSources sources)
    {
        string[] candidates = sources.Tokenizer is not null
            ? [sources.Tokenizer]
            : [Path.Combine(sources.Llama, "tokenizer.json"), Path.Combine(sources.Llama, "tokenizer.model")];
        var found = candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException($"There is no tokenizer: {string.Join(" or ", candidates)}.");
        return Path.GetFileName(found) is "tokenizer.json" or "tokenizer.model"
            ? found
            : throw new InvalidDataException($"{found} must be named tokenizer.json or tokenizer.model.");
    }

    private string Card() => $"""
        # Model card

        Converted by `openmu convert` from published checkpoints; nothing was trained.

        | part | source |
        |---|---|
        {string.Join('\n', card.Select(row => $"| {row.Part} | {row.Source} |"))}

        Numbers are stored as {options.Type}. Licence class: {Config.Licence}. Each source keeps its own licence.

        """;
}
