using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Testing;

/// <summary>
/// The reference numbers of the families beside OpenMU. Their folder is OPENMU_GOLDEN_FAMILIES, or
/// tests/golden-families of this repository. Sizes, lengths and ids are read from the files there, never written into a
/// test.
/// </summary>
public static class GoldenFamilies
{
    public static string Folder { get; } = Golden.FolderOf("OPENMU_GOLDEN_FAMILIES", "golden-families");

    public static string PathOf(string path) => Path.Combine(Folder, path);

    public static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(PathOf(path)))!;

    /// <summary>All tensors of a file, copied.</summary>
    public static Dictionary<string, Tensor> Tensors(string path)
    {
        using var file = SafeTensors.Open(PathOf(path));
        return file.Entries.Keys.ToDictionary(name => name, file.Read);
    }

    /// <summary>The names of the clips.</summary>
    public static IReadOnlyList<string> Clips { get; } =
        [.. Json("audio/clips.json").AsObject().Select(clip => clip.Key)];

    /// <summary>The samples of a clip.</summary>
    public static float[] Clip(string name)
    {
        var clip = Json("audio/clips.json")[name]!;
        return Wave(clip["file"]!.ToString())[..clip["samples"]!.GetValue<int>()];
    }

    /// <summary>All samples of a file, of all its channels together.</summary>
    public static float[] Wave(string file) => ReadWav(file).Interleaved;

    /// <summary>The same with the number of channels and the rate.</summary>
    public static (float[] Interleaved, int Channels, int Rate) ReadWav(string file)
        => GoldenAudio.ReadWav(File.ReadAllBytes(PathOf($"audio/{file}")));

    /// <summary>The numbers of one float32 tensor, for tests without libtorch.</summary>
    public static float[] Floats(string path, string name)
    {
        var file = File.ReadAllBytes(PathOf(path));
        var start = 8 + (int)BitConverter.ToInt64(file);
        var offsets = JsonNode.Parse(file.AsSpan(8, start - 8))![name]!["data_offsets"]!.Ints();
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(start + offsets[0], offsets[1] - offsets[0])).ToArray();
    }

    /// <summary>
    /// A folder of published files as a test can convert it: the golden one, with a tokenizer of single bytes whose
    /// special tokens have the ids that the golden numbers use.
    /// </summary>
    public static string Published(string family, string root)
    {
        var folder = Path.Combine(root, family);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(PathOf(family)))
        {
            if (!Path.GetFileName(file).StartsWith("golden", StringComparison.Ordinal))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        Tokenizer(family).Save(folder);
        return folder;
    }

    /// <summary>
    /// A token for each byte at the ids that the golden prompts have it at, and the special tokens at others.
    /// </summary>
    public static Tokenizer Tokenizer(string family)
    {
        var ids = Json($"{family}/golden.json")["ids"]!;
        var first = ids["byte_offset"]?.GetValue<int>() ?? 0;
        int Id(string name) => ids[name]?.GetValue<int>() ?? -1;
        var specials = new Dictionary<string, int> { [ChatMl.TurnEnd] = Id("stop") };
        if (ids["audio_bos"] is not null)
        {
            specials["<|AUDIO|>"] = Id("audio_token_id");
            specials["<|audio_bos|>"] = Id("audio_bos");
            specials["<|audio_eos|>"] = Id("audio_eos");
        }
        int[] taken = [.. ids.AsObject()
            .SelectMany(id => id.Value is JsonArray list ? list.Ints() : [id.Value!.GetValue<int>()])];
        string[] others = [.. ChatMl.Tokens, "<think>", "</think>"];
        var free = Enumerable.Range(first + 256, 10000).Where(id => !taken.Contains(id)).ToArray();
        if (specials[ChatMl.TurnEnd] < 0) specials.Remove(ChatMl.TurnEnd);
        foreach (var (i, name) in others.Where(name => !specials.ContainsKey(name)).ToArray().Index())
            specials[name] = free[i];
        var spoken = new HashSet<int> { specials["<think>"], specials["</think>"] };
        return new(
            [.. Enumerable.Range(0, 256).Select(value => (new[] { (byte)value }, first + value))], specials,
            PreTokenizerKind.Qwen, normalises: true, spoken);
    }
}
