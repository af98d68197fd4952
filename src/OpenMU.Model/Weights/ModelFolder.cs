// ModelFolder.cs - a model on disk:
//   config.json                  OpenMuConfig
//   *.safetensors                the model by its published keys, in one file or in shards with an index
//   adapter_model.safetensors    adapters by PEFT's keys; there exactly if config.json has "lora"
//   MODEL_CARD.md                for people
using System.Text.Json;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>A model folder that is open: the files stay mapped as long as the model is used.</summary>
public sealed class ModelFolder : IDisposable
{
    public const string ConfigFile = "config.json";
    public const string AdapterFile = "adapter_model.safetensors";
    public const string TagHeadFile = "tag_head.safetensors";

    /// <summary>What PEFT puts before the keys of adapters.</summary>
    public const string AdapterPrefix = "base_model.model.model";

    private const int MaximumConfigBytes = 1 << 20;

    /// <summary>Up to here matrices that stay in the map are looked through for NaN when the folder is opened; beyond it, <c>openmu inspect</c> does it.</summary>
    private const long CheckedBytes = 256 << 20;

    private readonly List<SafeTensors> files;

    private ModelFolder(string folder, List<SafeTensors> files, OpenMuConfig config, OpenMuModel model, Lora? adapter)
        => (Folder, this.files, Config, Model, Adapter, Version) = (folder, files, config, model, adapter, ModelVersion.Of(folder, files));

    public string Folder { get; }

    public OpenMuConfig Config { get; }

    public OpenMuModel Model { get; }

    /// <summary>The folder's adapters, which the model uses; null if there are none or they are merged.</summary>
    public Lora? Adapter { get; }

    /// <summary>The folder's name and 12 hex digits that change with configuration, tokenizer, labels and weights; at most 64 characters.</summary>
    public string Version { get; }

    /// <summary><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>.</summary>
    public string LicenceClass => Config.Licence;

    /// <summary>Files beside the weights that shape what the model says, in the order in which they enter its version.</summary>
    internal static IReadOnlyList<string> TextFiles { get; } = [ConfigFile, "tokenizer.json", "tokenizer.model", "tags.json"];

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
        var files = new List<SafeTensors>();
        var parts = new List<IDisposable>();
        try
        {
            files.AddRange(WeightFiles.Open(folder, AdapterFile, TagHeadFile));
            var source = Source(files, device ?? CPU, keepTypes);
            var model = new OpenMuModel(config, source);
            parts.Add(model);
            source.RequireAllTaken();
            var adapter = ReadAdapter(folder, config, files, source);
            if (adapter is not null) parts.Add(adapter);
            model.Llama.Use(adapter);
            return new(folder, files, config, model, adapter);
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
    /// <param name="type">The type of all numbers in the files.</param>
    /// <exception cref="InvalidDataException">A tensor holds infinities or NaN, in itself or in this type.</exception>
    public static void Save(string folder, OpenMuConfig config, OpenMuModel model, Lora? adapter, ScalarType type)
        => FolderSwap.Write(folder, replace: true, temporary =>
        {
            WriteConfig(temporary, config with { Lora = adapter?.Config });
            SafeTensorsWriter.WriteShards(temporary, "model", [.. model.NamedWeights().Select(entry => NamedTensor.Of(entry.Key, entry.Tensor).As(type))]);
            if (adapter is null) return;
            SafeTensorsWriter.Write(Path.Combine(temporary, AdapterFile),
                [.. adapter.NamedParameters().Select(entry => NamedTensor.Of($"{AdapterPrefix}.{entry.Name}", entry.Parameter).As(type))]);
        });

    public void Dispose() => Dispose([Model, .. Adapter is null ? Array.Empty<IDisposable>() : [Adapter]], files);

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
        var path = Path.Combine(folder, AdapterFile);
        if (config.Lora is null != !File.Exists(path))
            throw new InvalidDataException(config.Lora is null ? $"{path} is there, but {ConfigFile} has no \"lora\"." : $"{path} is missing; {ConfigFile} has \"lora\".");
        if (config.Lora is null) return null;
        files.Add(SafeTensors.Open(path));
        var source = WeightSource.From(files[^1]).On(model.Device, model.ComputeType);
        var adapter = new Lora(config.Llama, config.Lora, source.Under(AdapterPrefix));
        source.RequireAllTaken();
        return adapter;
    }

    private static void Dispose(IEnumerable<IDisposable> parts, List<SafeTensors> files)
    {
        // Matrices may be windows on the maps, so these go last.
        foreach (var part in parts.Reverse()) part.Dispose();
        files.ForEach(file => file.Dispose());
    }
}
