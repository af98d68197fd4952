using System.Text.Json;
using System.Text.Json.Nodes;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>
/// The golden checkpoints in folders whose configurations and tensors a test changes before it converts them.
/// </summary>
internal sealed class ForeignFolders : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    public ForeignFolders()
    {
        Output = Path.Combine(root, "converted");
        SmallTokenizer.Of(Llama).Save(Path.Combine(root, "tokenizer"));
    }

    public static LlamaConfig Llama { get; } = GoldenModels.Llama();

    public string Output { get; }

    public string Tokenizer => Path.Combine(root, "tokenizer", "tokenizer.json");

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>
    /// A folder of Hugging Face's whose config.json has these keys (JSON; nothing removes a key) changed.
    /// </summary>
    public string Model(params (string Key, string? Json)[] changes)
    {
        var folder = Copy("llama/hf-bf16", "llama");
        Change(Path.Combine(folder, "config.json"), changes);
        return folder;
    }

    /// <summary>The same, with other tensors.</summary>
    public string Model(IReadOnlyDictionary<string, Tensor> tensors, params (string Key, string? Json)[] changes)
    {
        var folder = Model(changes);
        Write(Path.Combine(folder, "model.safetensors"), tensors);
        return folder;
    }

    /// <summary>A folder of Meta's with these keys of params.json changed.</summary>
    public string MetaModel(params (string Key, string? Json)[] changes)
    {
        var folder = Copy("llama/meta", "meta");
        Change(Path.Combine(folder, "params.json"), changes);
        return folder;
    }

    /// <summary>
    /// A folder of PEFT's with these keys of adapter_config.json changed, and with these tensors, if they
    /// are not the golden ones.
    /// </summary>
    public string Adapter(IReadOnlyDictionary<string, Tensor>? tensors, params (string Key, string? Json)[] changes)
    {
        var folder = Path.Combine(root, $"adapter{Directory.GetDirectories(root).Length}");
        Directory.CreateDirectory(folder);
        File.Copy(Golden.PathOf("lora/adapter_config.json"), Path.Combine(folder, "adapter_config.json"));
        Write(Path.Combine(folder, "adapter_model.safetensors"), tensors
            ?? Golden.Tensors("lora/adapter_model.safetensors"));
        Change(Path.Combine(folder, "adapter_config.json"), changes);
        return folder;
    }

    /// <summary>Puts a tokenizer_config.json beside the tokenizer.</summary>
    public void WriteTokenizerConfig(string json)
        => File.WriteAllText(Path.Combine(root, "tokenizer", "tokenizer_config.json"), json);

    public ConversionSources Sources(string? llama = null, string? adapter = null)
        => new(
            llama ?? Golden.PathOf("llama/hf-bf16"), Golden.PathOf("audiomae/vitb_finetuned.pth"),
            Golden.PathOf("multimodal/mm_projector.bin"))
        {
            Tokenizer = Tokenizer,
            Adapter = adapter,
        };

    /// <summary>The conversion, checked and not yet written.</summary>
    public static Conversion Open(ConversionSources sources, bool merge = false)
        => new(sources, new()
        {
            Audio = GoldenModels.Audio(),
            StopTokenIds = Llama.StopTokenIds,
            Type = ScalarType.Float32,
            Merge = merge
        });

    /// <summary>Converts, opens what came out, and gives it to the test.</summary>
    public void Converted(ConversionSources sources, Action<ModelFolder> use, bool merge = false)
    {
        using (var conversion = Open(sources, merge)) conversion.Write(Output);
        using (var folder = ModelFolder.Open(Output)) use(folder);
        Directory.Delete(Output, recursive: true);
    }

    /// <summary>Requires that the conversion is refused on one line with these words in it.</summary>
    public static void ShouldBeRefused(ConversionSources sources, params string[] words)
    {
        var message = FluentActions.Invoking(() => Open(sources).Dispose())
            .Should().Throw<InvalidDataException>().Which.Message;
        message.Should().NotContainAny("\n", "\r").And.ContainAll(words);
    }

    /// <summary>Changes keys of a JSON file; a path of names divided by slashes leads into objects and lists.</summary>
    public static void Change(string path, params (string Key, string? Json)[] changes)
    {
        var json = JsonNode.Parse(File.ReadAllBytes(path))!;
        foreach (var (key, value) in changes)
        {
            var names = key.Split('/');
            var place = names[..^1].Aggregate(
                json, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
            if (value is null) place.AsObject().Remove(names[^1]);
            else if (place is JsonArray list && names[^1] == $"{list.Count}") list.Add(JsonNode.Parse(value));
            else place[names[^1]] = JsonNode.Parse(value);
        }
        File.WriteAllText(path, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        File.Delete(path);
        SafeTensorsWriter.Write(path, [.. tensors.Select(pair => NamedTensor.Of(pair.Key, pair.Value))]);
    }

    private string Copy(string golden, string name)
    {
        var folder = Path.Combine(root, name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (var source in Directory.GetFiles(Golden.PathOf(golden)))
            File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
        return folder;
    }
}
