// ModelFolder.cs - a model on disk:
//   config.json                  OpenMuConfig
//   *.safetensors                the model by its published keys, in one file or in shards with an index
//   tokenizer.json               or tokenizer.model
//   adapter_model.safetensors    adapters by PEFT's keys; there exactly if config.json has "lora"
//   tag_head.safetensors         what tracks are tagged with; there exactly if tags.json is
//   tags.json                    its labels
//   MODEL_CARD.md                for people
using System.Text.Json;
using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Text;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>A model folder that is open: the files stay mapped as long as the model is used.</summary>
public sealed class ModelFolder : IDisposable
{
    public const string ConfigFile = "config.json";
    public const string AdapterFile = "adapter_model.safetensors";
    public const string TagHeadFile = "tag_head.safetensors";
    public const string TagsFile = "tags.json";
    public const string CardFile = "MODEL_CARD.md";

    /// <summary>What PEFT puts before the keys of adapters.</summary>
    public const string AdapterPrefix = "base_model.model.model";

    private const int MaximumConfigBytes = 1 << 20;

    /// <summary>Up to here matrices that stay in the map are looked through for NaN when the folder is opened; beyond it, <c>openmu inspect</c> does it.</summary>
    private const long CheckedBytes = 256 << 20;

    private readonly List<SafeTensors> files;

    private ModelFolder(string folder, List<SafeTensors> files, Tokenizer tokenizer, OpenMu model, Lora? adapter, TagHead? tagHead)
    {
        (Folder, this.files, Tokenizer, Model, Adapter, TagHead) = (folder, files, tokenizer, model, adapter, tagHead);
        Version = ModelVersion.Of(folder, files);
    }

    public string Folder { get; }

    public OpenMuConfig Config => Model.Config;

    public Tokenizer Tokenizer { get; }

    public OpenMu Model { get; }

    /// <summary>The folder's adapters, which the model uses; null if there are none or they are merged.</summary>
    public Lora? Adapter { get; }

    /// <summary>What tracks are tagged with; null where the model comes without.</summary>
    public TagHead? TagHead { get; }

    /// <summary>The folder's name and 12 hex digits that change with configuration, tokenizer, labels and weights; at most 64 characters.</summary>
    public string Version { get; }

    /// <summary><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>.</summary>
    public string LicenceClass => Config.Licence;

    /// <summary>Files beside the weights that shape what the model says, in the order in which they enter its version.</summary>
    internal static IReadOnlyList<string> TextFiles { get; } = [ConfigFile, TokenizerFile.Json, TokenizerFile.Tiktoken, TagsFile];

    /// <summary>Opens a model, ready to answer: in evaluation mode, its adapters in use.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where it computes; null is the CPU. Types: float32 on a CPU, bfloat16 on CUDA.</param>
    /// <param name="keepTypes">The language model's matrices stay in their map in the type they are stored in: 8 billion parameters then take
    /// their 16 GB and no more.</param>
    /// <exception cref="InvalidDataException">The folder is no whole model: the message names the file, and the tensor that is missing, surplus,
    /// misshapen or not finite.</exception>
    public static ModelFolder Open(string folder, Device? device = null, bool keepTypes = false)
    {
        var config = ReadConfig(folder);
        var tokenizer = ReadTokenizer(folder, config);
        var files = new List<SafeTensors>();
        var parts = new List<IDisposable>();
        try
        {
            files.AddRange(WeightFiles.Open(folder, AdapterFile, TagHeadFile));
            var source = Source(files, device ?? CPU, keepTypes);
            var model = new OpenMu(config, source);
            parts.Add(model);
            source.RequireAllTaken();
            var adapter = ReadAdapter(folder, config, files, source);
            if (adapter is not null) parts.Add(adapter);
            model.Llama.SetAdapter(adapter);
            var tagHead = ReadTagHead(folder, config, files, source);
            if (tagHead is not null) parts.Add(tagHead);
            return new(folder, files, tokenizer, model, adapter, tagHead);
        }
        catch
        {
            Dispose(parts, files);
            throw;
        }
    }

    /// <summary>Writes a model as a folder, whole or not at all: into a folder beside it first, which then takes its name. A folder of that name is replaced.</summary>
    /// <param name="folder">The folder to be.</param>
    /// <param name="config">Its configuration; "lora" is set from <paramref name="adapter"/>.</param>
    /// <param name="model">The model; adapters in use are not merged into what is written.</param>
    /// <param name="adapter">Adapters to write beside it.</param>
    /// <param name="tokenizer">The language model's tokenizer.</param>
    /// <param name="tags">The head that tags tracks.</param>
    /// <param name="type">The type of all numbers in the files.</param>
    /// <exception cref="InvalidDataException">A tensor holds infinities or NaN, in itself or in this type.</exception>
    public static void Save(string folder, OpenMuConfig config, OpenMu model, Lora? adapter, Tokenizer tokenizer, TagHead? tags, ScalarType type)
        => FolderSwap.Write(folder, replace: true, temporary =>
        {
            WriteConfig(temporary, config with { Lora = adapter?.Config });
            tokenizer.Save(temporary);
            SafeTensorsWriter.WriteShards(temporary, "model", Named(model.NamedWeights(), type));
            if (adapter is not null)
                SafeTensorsWriter.Write(Path.Combine(temporary, AdapterFile), Named(adapter.NamedParameters().Select(entry => ($"{AdapterPrefix}.{entry.Name}", (Tensor)entry.Parameter)), type));
            if (tags is null) return;
            File.WriteAllText(Path.Combine(temporary, TagsFile), TagGroup.ToJson(tags.Groups) + "\n");
            SafeTensorsWriter.Write(Path.Combine(temporary, TagHeadFile), Named(tags.state_dict().Select(entry => (entry.Key, entry.Value)), type));
        });

    public void Dispose() => Dispose(new IDisposable?[] { Model, Adapter, TagHead }.OfType<IDisposable>(), files);

    internal static void WriteConfig(string folder, OpenMuConfig config)
    {
        config.Validate();
        File.WriteAllText(Path.Combine(folder, ConfigFile), config.ToJson() + "\n");
    }

    internal static OpenMuConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) throw new InvalidDataException($"{folder} is no model folder: it has no {ConfigFile}.");
        if (new FileInfo(path).Length > MaximumConfigBytes) throw new InvalidDataException($"{path} is larger than {MaximumConfigBytes} bytes.");
        try
        {
            return OpenMuConfig.FromJson(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    private static NamedTensor[] Named(IEnumerable<(string Key, Tensor Tensor)> tensors, ScalarType type) => [.. tensors.Select(entry => NamedTensor.Of(entry.Key, entry.Tensor).As(type))];

    /// <summary>The tokenizer, which must fit the model: a token it cannot read or an end it never stops at would only show in its answers.</summary>
    internal static Tokenizer ReadTokenizer(string folder, OpenMuConfig config)
    {
        var tokenizer = Tokenizer.Load(folder);
        if (tokenizer.VocabSize > config.Llama.VocabSize) throw new InvalidDataException($"{folder}: the tokenizer has {tokenizer.VocabSize} tokens, the model's vocab_size is {config.Llama.VocabSize}.");
        foreach (var special in new[] { config.Prompt.BeginOfText, config.Prompt.EndOfAnswer })
        {
            if (!tokenizer.Specials.ContainsKey(special)) throw new InvalidDataException($"{folder}: the tokenizer has no special token '{special}', which {ConfigFile} names in its prompt.");
        }
        if (!config.Llama.StopTokenIds.Contains(tokenizer.IdOf(config.Prompt.EndOfAnswer)))
            throw new InvalidDataException($"{folder}: answers end in '{config.Prompt.EndOfAnswer}' ({tokenizer.IdOf(config.Prompt.EndOfAnswer)}), which is not among the stop_token_ids of {ConfigFile}.");
        return tokenizer;
    }

    private static WeightSource Source(List<SafeTensors> files, Device device, bool keepTypes)
    {
        var source = WeightSource.From(files);
        if (device.type != TorchSharp.DeviceType.CPU) return source.On(device, bfloat16);
        if (!keepTypes) return source;
        var bytes = files.Sum(file => file.Entries.Values.Sum(entry => entry.Length));
        return bytes <= CheckedBytes ? source.KeepingTypes().CheckingMaps() : source.KeepingTypes();
    }

    private static Lora? ReadAdapter(string folder, OpenMuConfig config, List<SafeTensors> files, WeightSource model)
    {
        RequireBoth(folder, AdapterFile, $"\"lora\" in {ConfigFile}", config.Lora is not null);
        if (config.Lora is null) return null;
        files.Add(SafeTensors.Open(Path.Combine(folder, AdapterFile)));
        var source = WeightSource.From(files[^1]).On(model.Device, model.ComputeType);
        var adapter = new Lora(config.Llama, config.Lora, source.Under(AdapterPrefix));
        source.RequireAllTaken();
        return adapter;
    }

    private static TagHead? ReadTagHead(string folder, OpenMuConfig config, List<SafeTensors> files, WeightSource model)
    {
        var tags = Path.Combine(folder, TagsFile);
        RequireBoth(folder, TagHeadFile, TagsFile, File.Exists(tags));
        if (!File.Exists(tags)) return null;
        if (new FileInfo(tags).Length > MaximumConfigBytes) throw new InvalidDataException($"{tags} is larger than {MaximumConfigBytes} bytes.");
        files.Add(SafeTensors.Open(Path.Combine(folder, TagHeadFile)));
        var source = WeightSource.From(files[^1]).On(model.Device, model.ComputeType);
        var head = new TagHead(config.Audio.EmbedDim, TagGroup.FromJson(File.ReadAllText(tags)), source);
        source.RequireAllTaken();
        return head;
    }

    private static void RequireBoth(string folder, string file, string other, bool hasOther)
    {
        if (File.Exists(Path.Combine(folder, file)) != hasOther) throw new InvalidDataException($"{folder}: {file} and {other} come together; {(hasOther ? file : other)} is missing.");
    }

    private static void Dispose(IEnumerable<IDisposable> parts, List<SafeTensors> files)
    {
        // Matrices may be windows on the maps, so these go last.
        foreach (var part in parts.Reverse()) part.Dispose();
        files.ForEach(file => file.Dispose());
    }
}
