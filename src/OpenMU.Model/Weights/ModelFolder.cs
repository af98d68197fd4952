// ModelFolder.cs - a model on disk:
//   config.json                  OpenMuConfig, or the configuration of another family
//   *.safetensors                the model by its published keys, in one file or in shards with an index
//   tokenizer.json               or tokenizer.model
//   adapter_model.safetensors    adapters by PEFT's keys; there exactly if config.json has "lora"
//   tag_head.safetensors         the tag head, and what tells music from other sound; there exactly if tags.json is
//   tags.json                    its labels
//   tagger.safetensors           the tagger, which gives tags beside the tag head; there exactly if
//   tagger.json                  its shape and labels are
//   MODEL_CARD.md                where the weights come from, for readers
using System.Text.Json;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>An open model folder. The files stay memory-mapped while the model is used.</summary>
public sealed class ModelFolder : IDisposable
{
    public const string ConfigFile = "config.json";
    public const string AdapterFile = "adapter_model.safetensors";
    public const string TagHeadFile = "tag_head.safetensors";
    public const string TagsFile = "tags.json";
    public const string TaggerFile = "tagger.safetensors";
    public const string TaggerConfigFile = "tagger.json";
    public const string CardFile = "MODEL_CARD.md";

    /// <summary>
    /// What PEFT puts before the keys of adapters; <see cref="ModelConfig.DecoderKey"/> follows.
    /// </summary>
    public const string AdapterPrefix = "base_model.model";

    private const int MaximumConfigBytes = 1 << 20;

    /// <summary>
    /// Up to this size, memory-mapped matrices are checked for NaN when the folder is opened. For larger folders
    /// <c>openmu inspect</c> does it.
    /// </summary>
    private const long CheckedBytes = 256 << 20;

    private readonly List<SafeTensors> files;

    private ModelFolder(
        string folder, List<SafeTensors> files, Tokenizer tokenizer, ModelFamily model, Lora? adapter, TagHead? tagHead,
        Tagger? tagger)
    {
        (Folder, this.files, Tokenizer, Model, Adapter, TagHead) = (folder, files, tokenizer, model, adapter, tagHead);
        Tagger = tagger;
        Version = ModelVersion.Of(folder, files);
    }

    public string Folder { get; }

    public ModelConfig Config => Model.Config;

    public Tokenizer Tokenizer { get; }

    public ModelFamily Model { get; }

    /// <summary>The model where it is OpenMU's, which alone can be trained here.</summary>
    /// <exception cref="InvalidDataException">It is a model of another family.</exception>
    public OpenMu OpenMu => Model as OpenMu ?? throw new InvalidDataException(
        $"{Folder} holds a model of the family {Config.Family}; only those of {OpenMuConfig.Name} are trained here.");

    /// <summary>The folder's adapters, active in the model; null if there are none or they are merged.</summary>
    public Lora? Adapter { get; }

    /// <summary>Positions of KV cache that there is room for now, see <see cref="MusicModel"/>.</summary>
    public int CachePositions => MemoryPlan.CachePositions(
        Config, Model.Llama.ComputeType, DeviceMemory.FreeBytes(Model.Llama.Device));

    /// <summary>The tag head; null where the model has none.</summary>
    public TagHead? TagHead { get; }

    /// <summary>The tagger; null where the model has none.</summary>
    public Tagger? Tagger { get; }

    /// <summary>All tags that the model can give; none where it gives no tags.</summary>
    public IReadOnlyList<(string Group, string Tag)> Labels => Tagger?.Labels ?? TagHead?.Labels ?? [];

    /// <summary>
    /// The folder's name and 12 hex digits that change with configuration, tokenizer, labels and weights;
    /// at most 64 characters.
    /// </summary>
    public string Version { get; }

    /// <summary><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>.</summary>
    public string LicenceClass => Config.Licence;

    /// <summary>
    /// Files beside the weights that affect the output, in the order in which they enter the version.
    /// </summary>
    internal static IReadOnlyList<string> TextFiles { get; } =
        [ConfigFile, TokenizerFile.Json, TokenizerFile.Tiktoken, TagsFile, TaggerConfigFile];

    /// <summary>Opens a model in evaluation mode, with its adapters active.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">The device; null is the CPU. It computes in float32 on a CPU, in bfloat16 on CUDA.</param>
    /// <param name="keepTypes">Whether the language model's matrices stay in the memory map in their stored type: 8
    /// billion parameters then take 16 GB and no more.</param>
    /// <exception cref="InvalidDataException">The model is not complete: the message names the file, and the tensor
    /// that is missing, unexpected, misshapen or not finite.</exception>
    /// <param name="type">The type of the large matrices in memory: bfloat16, float16, int8 (<see cref="Int8Matrix"/>),
    /// or null for what <paramref name="device"/> and <paramref name="keepTypes"/> say. On a GPU it is the type of the
    /// activations too, which are bfloat16 beside int8.</param>
    /// <param name="roundsToBf16">As <see cref="WeightSource.RoundsToBf16"/>.</param>
    public static ModelFolder Open(
        string folder, Device? device = null, bool keepTypes = false, ScalarType? type = null,
        bool roundsToBf16 = false)
    {
        var config = ReadConfig(folder);
        var tokenizer = ReadTokenizer(folder, config);
        var files = new List<SafeTensors>();
        var parts = new List<IDisposable>();
        try
        {
            files.AddRange(WeightFiles.Open(folder, AdapterFile, TagHeadFile, TaggerFile));
            var held = HeldType(files, device ?? CPU, keepTypes, type);
            MemoryPlan.Of(config).Require(folder, held, $"{device ?? CPU}", DeviceMemory.FreeBytes(device ?? CPU));
            var source = Source(files, device ?? CPU, held).RoundingToBf16(roundsToBf16);
            var model = config.Build(source);
            parts.Add(model);
            source.RequireNoUnexpectedKeys();
            var adapter = ReadAdapter(folder, config, files, source);
            if (adapter is not null) parts.Add(adapter);
            model.Llama.SetAdapter(adapter);
            var tagHead = ReadTagHead(folder, config, files, source);
            if (tagHead is not null) parts.Add(tagHead);
            var tagger = ReadTagger(folder, files, source.Device);
            if (tagger is not null) parts.Add(tagger);
            return new(folder, files, tokenizer, model, adapter, tagHead, tagger);
        }
        catch
        {
            Dispose(parts, files);
            throw;
        }
    }

    /// <summary>Writes a model folder atomically. An existing folder is replaced.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="config">Its configuration; "lora" is set from <paramref name="adapter"/>.</param>
    /// <param name="model">The model. Active adapters are not merged into what is written.</param>
    /// <param name="adapter">Adapters to write beside it, or null.</param>
    /// <param name="tokenizer">The language model's tokenizer.</param>
    /// <param name="tags">The tag head, or null.</param>
    /// <param name="type">The type to store all numbers in.</param>
    /// <exception cref="InvalidDataException">A tensor has infinities or NaN, before or after conversion
    /// to the type.</exception>
    public static void Save(
        string folder, ModelConfig config, ModelFamily model, Lora? adapter, Tokenizer tokenizer,
        TagHead? tags, ScalarType type)
        => AtomicFolder.Write(folder, replace: true, temporary =>
        {
            WriteConfig(temporary, config with { Lora = adapter?.Config });
            tokenizer.Save(temporary);
            SafeTensorsWriter.WriteShards(temporary, "model", Named(model.NamedWeights(), type));
            if (adapter is not null)
            {
                var prefix = $"{AdapterPrefix}.{config.DecoderKey}";
                SafeTensorsWriter.Write(Path.Combine(temporary, AdapterFile), Named(adapter.NamedParameters()
                    .Select(entry => ($"{prefix}.{entry.Name}", (Tensor)entry.Parameter)), type));
            }
            if (tags is null) return;
            File.WriteAllText(Path.Combine(temporary, TagsFile), TagGroup.ToJson(tags.Groups) + "\n");
            SafeTensorsWriter.Write(
                Path.Combine(temporary, TagHeadFile),
                Named(tags.state_dict().Select(entry => (entry.Key, entry.Value)), type));
        });

    public void Dispose() =>
        Dispose(new IDisposable?[] { Model, Adapter, TagHead, Tagger }.OfType<IDisposable>(), files);

    internal static void WriteConfig(string folder, ModelConfig config)
    {
        config.Validate();
        File.WriteAllText(Path.Combine(folder, ConfigFile), config.ToJson() + "\n");
    }

    internal static ModelConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) throw new InvalidDataException($"{folder} is no model folder: it has no {ConfigFile}.");
        if (new FileInfo(path).Length > MaximumConfigBytes)
            throw new InvalidDataException($"{path} is larger than {MaximumConfigBytes} bytes.");
        try
        {
            return ModelConfig.FromJson(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    private static NamedTensor[] Named(IEnumerable<(string Key, Tensor Tensor)> tensors, ScalarType type) =>
        [.. tensors.Select(entry => NamedTensor.Of(entry.Key, entry.Tensor).As(type))];

    /// <summary>
    /// The tokenizer, checked against the model: an id outside the vocabulary or a stop token that never comes would
    /// otherwise only show in bad answers.
    /// </summary>
    internal static Tokenizer ReadTokenizer(string folder, ModelConfig config)
    {
        var tokenizer = Tokenizer.Load(folder);
        if (tokenizer.VocabSize > config.Llama.VocabSize)
        {
            throw new InvalidDataException($"{folder}: the tokenizer has {tokenizer.VocabSize} tokens, the model's "
                + $"vocab_size is {config.Llama.VocabSize}.");
        }
        foreach (var special in config.PromptTokens)
        {
            if (!tokenizer.Specials.ContainsKey(special))
            {
                throw new InvalidDataException($"{folder}: the tokenizer has no special token '{special}', which "
                    + $"{ConfigFile} names in its prompt.");
            }
        }
        if (!config.Llama.StopTokenIds.Contains(tokenizer.IdOf(config.AnswerEnd)))
        {
            throw new InvalidDataException($"{folder}: answers end in '{config.AnswerEnd}' "
                + $"({tokenizer.IdOf(config.AnswerEnd)}), which is not among the "
                + $"stop_token_ids of {ConfigFile}.");
        }
        return tokenizer;
    }

    /// <summary>The type that the large matrices have in memory.</summary>
    private static ScalarType HeldType(List<SafeTensors> files, Device device, bool keepTypes, ScalarType? type)
    {
        var largest = files.SelectMany(file => file.Entries.Values).MaxBy(entry => entry.Length)!.Type;
        if (device.type != TorchSharp.DeviceType.CPU) return type ?? (largest == int8 ? int8 : bfloat16);
        return type ?? (keepTypes || largest == int8 ? largest : float32);
    }

    private static WeightSource Source(List<SafeTensors> files, Device device, ScalarType held)
    {
        var source = WeightSource.From(files);
        if (device.type != TorchSharp.DeviceType.CPU)
            return source.On(device, held == int8 ? bfloat16 : held).StoringMatricesAs(held);
        // Stored so already, matrices stay where they are.
        var largest = files.SelectMany(file => file.Entries.Values).MaxBy(entry => entry.Length)!.Type;
        if (held != largest) return source.StoringMatricesAs(held);
        var bytes = files.Sum(file => file.Entries.Values.Sum(entry => entry.Length));
        return bytes <= CheckedBytes ? source.KeepingTypes().CheckingMaps() : source.KeepingTypes();
    }

    private static Lora? ReadAdapter(string folder, ModelConfig config, List<SafeTensors> files, WeightSource model)
    {
        RequireBoth(folder, AdapterFile, $"\"lora\" in {ConfigFile}", config.Lora is not null);
        if (config.Lora is null) return null;
        files.Add(SafeTensors.Open(Path.Combine(folder, AdapterFile)));
        var source = WeightSource.From(files[^1]).On(model.Device, model.ComputeType);
        var adapter = new Lora(config.Llama, config.Lora, source.Under($"{AdapterPrefix}.{config.DecoderKey}"));
        source.RequireNoUnexpectedKeys();
        return adapter;
    }

    private static TagHead? ReadTagHead(string folder, ModelConfig config, List<SafeTensors> files, WeightSource model)
    {
        var tags = Path.Combine(folder, TagsFile);
        RequireBoth(folder, TagHeadFile, TagsFile, File.Exists(tags));
        if (!File.Exists(tags)) return null;
        if (new FileInfo(tags).Length > MaximumConfigBytes)
            throw new InvalidDataException($"{tags} is larger than {MaximumConfigBytes} bytes.");
        files.Add(SafeTensors.Open(Path.Combine(folder, TagHeadFile)));
        var source = WeightSource.From(files[^1]).On(model.Device, model.ComputeType);
        var head = new TagHead(config.AudioWidth, TagGroup.FromJson(File.ReadAllText(tags)), source);
        source.RequireNoUnexpectedKeys();
        return head;
    }

    private static Tagger? ReadTagger(string folder, List<SafeTensors> files, Device device)
    {
        var config = Tagger.ReadConfig(folder);
        RequireBoth(folder, TaggerFile, TaggerConfigFile, config is not null);
        if (config is null) return null;
        files.Add(SafeTensors.Open(Path.Combine(folder, TaggerFile)));
        var source = WeightSource.From(files[^1]).On(device, float32);
        var tagger = new Tagger(config, source);
        source.RequireNoUnexpectedKeys();
        tagger.eval();
        return tagger;
    }

    private static void RequireBoth(string folder, string file, string other, bool hasOther)
    {
        if (File.Exists(Path.Combine(folder, file)) != hasOther)
        {
            throw new InvalidDataException(
                $"{folder}: {file} and {other} come together; {(hasOther ? file : other)} is missing.");
        }
    }

    private static void Dispose(IEnumerable<IDisposable> parts, List<SafeTensors> files)
    {
        // Matrices may be views of the maps, so the maps are disposed last.
        foreach (var part in parts.Reverse()) part.Dispose();
        files.ForEach(file => file.Dispose());
    }
}
