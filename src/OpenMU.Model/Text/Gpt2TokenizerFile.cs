using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenMU.Model.Text;

/// <summary>
/// The files of a RoBERTa tokenizer, which is GPT-2's with other ids and special tokens: <c>vocab.json</c> with
/// <c>merges.txt</c>, or <c>tokenizer.json</c> with the same content.
/// </summary>
internal static class Gpt2TokenizerFile
{
    public const string Vocabulary = "vocab.json", Merges = "merges.txt";

    private static readonly string[] Specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

    /// <exception cref="InvalidDataException">A file is missing, broken or of another kind of tokenizer; the
    /// message names it.</exception>
    public static Tokenizer Read(string folder)
    {
        var paths = new[] { Vocabulary, Merges, TokenizerFile.Json }.Select(name => Path.Combine(folder, name))
            .ToArray();
        var isPair = File.Exists(paths[0]) && File.Exists(paths[1]);
        if (!isPair && !File.Exists(paths[2]))
        {
            throw new InvalidDataException(
                $"{folder} holds neither {Vocabulary} with {Merges} nor {TokenizerFile.Json}.");
        }
        string[] read = isPair ? paths[..2] : paths[2..];
        if (read.FirstOrDefault(path => new FileInfo(path).Length > TokenizerFile.MaximumBytes) is { } large)
            throw new InvalidDataException($"{large}: more than {TokenizerFile.MaximumBytes} bytes are no tokenizer.");
        try
        {
            return isPair ? FromPair(paths[0], paths[1]) : FromJson(paths[2]);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{string.Join(" with ", read)} is not a byte-level tokenizer like "
                + $"RoBERTa's, or it is broken: {e.Message}", e);
        }
    }

    private static Tokenizer FromPair(string vocabularyPath, string mergesPath)
    {
        var vocabulary = JsonNode.Parse(File.ReadAllBytes(vocabularyPath)) as JsonObject;
        var specials = Specials.Where(name => vocabulary?[name] is not null)
            .ToDictionary(name => name, name => (int)vocabulary![name]!);
        // The first line is the version. Only the first: a merge may begin with a number sign too.
        var merges = File.ReadLines(mergesPath)
            .Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal)));
        return Of(vocabulary, merges.Select(line => line.Split(' ')), specials);
    }

    private static Tokenizer FromJson(string path)
    {
        var (root, model) = TokenizerFile.Parts(File.ReadAllBytes(path));
        if (root["normalizer"] is not null) throw new InvalidDataException("it normalises its text");
        var words = root["pre_tokenizer"];
        // add_prefix_space is not read: the caller of Encode decides about a leading space.
        if ((string?)words?["type"] != "ByteLevel" || (bool?)words["use_regex"] == false)
            throw new InvalidDataException("it does not cut words as GPT-2 does");
        return Of(model["vocab"], TokenizerFile.Merges(model), TokenizerFile.AddedTokens(root));
    }

    /// <summary>Tokens that no merge forms are dropped: RoBERTa's vocabulary is padded with such entries.</summary>
    private static Tokenizer Of(
        JsonNode? vocabulary, IEnumerable<string[]> merges, IReadOnlyDictionary<string, int> specials)
    {
        var ranks = TokenizerFile.Ranks(merges);
        var made = TokenizerFile.Vocabulary(vocabulary, specials)
            .Where(token => token.Key.Length == 1 || ranks.ContainsKey(token.Key));
        return new(TokenizerFile.InOrder(made, ranks), specials, PreTokenizerKind.Gpt2);
    }
}
