// TokenizerFile.cs - the two file formats of a Llama 3 tokenizer, and Qwen's, which is one of them.
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenMU.Model.Text;

/// <summary>
/// Hugging Face's <c>tokenizer.json</c>, and the tiktoken format of Meta's <c>tokenizer.model</c>. Both hold the tokens
/// in the order of their merges: tiktoken only as that order, tokenizer.json also as the pairs that form each token.
/// </summary>
internal static class TokenizerFile
{
    public const string Json = "tokenizer.json", Tiktoken = "tokenizer.model";

    /// <summary>The expression that each kind of words stands under in tokenizer.json.</summary>
    private static readonly Dictionary<PreTokenizerKind, string> Patterns = new()
    {
        [PreTokenizerKind.Llama3] = PreTokenizer.Pattern,
        [PreTokenizerKind.Qwen] = PreTokenizer.QwenPattern,
    };

    /// <summary>Ten times the size of Llama 3's: a larger file is not read into memory.</summary>
    internal const long MaximumBytes = 100_000_000;

    public static Tokenizer Read(string folder)
    {
        var (json, tiktoken) = (Path.Combine(folder, Json), Path.Combine(folder, Tiktoken));
        var path = File.Exists(json) ? json
            : File.Exists(tiktoken) ? tiktoken
            : throw new InvalidDataException($"{folder} holds neither {Json} nor {Tiktoken}.");
        if (new FileInfo(path).Length > MaximumBytes)
            throw new InvalidDataException($"{path}: more than {MaximumBytes} bytes are no tokenizer.");
        var bytes = File.ReadAllBytes(path);
        try
        {
            return path == json ? FromJson(bytes) : FromTiktoken(bytes);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            throw new InvalidDataException(
                $"{path} is not a byte-level tokenizer like Llama 3's, or it is broken: {e.Message}", e);
        }
    }

    public static void Write(Tokenizer tokenizer, string folder)
    {
        var tokens = tokenizer.Tokens.ToList();
        var vocabulary = new JsonObject(tokens.OrderBy(token => token.Id).Select(token =>
            KeyValuePair.Create(ByteAlphabet.Encode(token.Bytes), (JsonNode?)JsonValue.Create(token.Id))));
        var added = tokenizer.Specials.OrderBy(special => special.Value).Select(special => (JsonNode)new JsonObject
        {
            ["id"] = special.Value,
            ["content"] = special.Key,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = !tokenizer.IsSpoken(special.Value),
        });
        var file = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. added]),
            ["normalizer"] = tokenizer.Normalises ? new JsonObject { ["type"] = "NFC" } : null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Split",
                        ["pattern"] = new JsonObject { ["Regex"] = Patterns[tokenizer.Words] },
                        ["behavior"] = "Isolated",
                        ["invert"] = false
                    },
                    ByteLevel(trimOffsets: true)),
            },
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(trimOffsets: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = true,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. Merges(tokens).Select(pair =>
                    (JsonNode)$"{ByteAlphabet.Encode(pair.Left)} {ByteAlphabet.Encode(pair.Right)}")]),
            },
        };
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Json), file.ToJsonString(
            new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
    }

    private static JsonObject ByteLevel(bool trimOffsets)
        => new()
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = false,
            ["trim_offsets"] = trimOffsets,
            ["use_regex"] = false
        };

    /// <summary>
    /// Every pair of tokens that makes another, in the order of what they make: how Hugging Face
    /// converts a tiktoken file.
    /// </summary>
    private static IEnumerable<(byte[] Left, byte[] Right)> Merges(List<(byte[] Bytes, int Id)> tokens)
    {
        var known = tokens.Select(token => token.Bytes).ToHashSet(BytesComparer.Instance);
        foreach (var (bytes, _) in tokens)
        {
            for (var cut = 1; cut < bytes.Length; cut++)
            {
                if (known.Contains(bytes[..cut]) && known.Contains(bytes[cut..]))
                    yield return (bytes[..cut], bytes[cut..]);
            }
        }
    }

    private static Tokenizer FromJson(byte[] bytes)
    {
        var (root, model) = Parts(bytes);
        var words = Words(root["pre_tokenizer"]);
        var specials = AddedTokens(root);
        var vocabulary = Vocabulary(model["vocab"], specials);
        var ranks = Ranks(Merges(model));
        var unmade = (bool?)model["ignore_merges"] == true ? null : vocabulary.Select(token => token.Key)
            .FirstOrDefault(token => token.Length > 1 && !ranks.ContainsKey(token));
        if (unmade is not null) throw new InvalidDataException($"no merge makes its token '{unmade}'");
        var spoken = (root["added_tokens"] as JsonArray ?? []).Where(token => (bool?)token!["special"] == false)
            .Select(token => Id(token!["id"]));
        return new(
            InOrder(vocabulary, ranks), specials, words, root["normalizer"] is not null, spoken.ToHashSet());
    }

    /// <summary>
    /// The whole of a tokenizer.json and its model, which is byte-pair encoding of the text as it is.
    /// </summary>
    internal static (JsonObject Root, JsonObject Model) Parts(byte[] bytes)
    {
        var root = JsonNode.Parse(bytes) as JsonObject ?? throw new InvalidDataException("it is no JSON object");
        var model = root["model"] as JsonObject ?? throw new InvalidDataException("it has no model");
        if ((string?)model["type"] is { } type and not "BPE")
            throw new InvalidDataException($"its model is {type}, not BPE");
        if (root["normalizer"] is { } normalizer && (string?)normalizer["type"] != "NFC")
            throw new InvalidDataException("it normalises its text in another way than NFC");
        return (root, model);
    }

    internal static Dictionary<string, int> AddedTokens(JsonObject root) => (root["added_tokens"] as JsonArray ?? [])
        .ToDictionary(token => Text(token!["content"]), token => Id(token!["id"]));

    /// <summary>All tokens except the special ones.</summary>
    internal static List<(string Key, int Id)> Vocabulary(
        JsonNode? vocabulary, IReadOnlyDictionary<string, int> specials)
        => [.. (vocabulary as JsonObject ?? throw new InvalidDataException("it has no vocabulary"))
            .Where(entry => !specials.ContainsKey(entry.Key)).Select(entry => (entry.Key, Id(entry.Value)))];

    /// <summary>Merges are pairs, or in older files strings with a space between the two parts.</summary>
    internal static IEnumerable<string[]> Merges(JsonObject model)
        => (model["merges"] as JsonArray ?? throw new InvalidDataException("it has no merges")).Select(merge =>
            merge is JsonArray array ? [.. array.Select(Text)] : Text(merge).Split(' '));

    /// <summary>
    /// In the order of the merges. Single bytes come first; tokens that no merge forms match whole words
    /// only, so they come last.
    /// </summary>
    internal static IReadOnlyList<(byte[] Bytes, int Id)> InOrder(
        IEnumerable<(string Key, int Id)> vocabulary, IReadOnlyDictionary<string, int> ranks)
        => [.. vocabulary
            .OrderBy(token => token.Key.Length == 1 ? -1 : ranks.GetValueOrDefault(token.Key, int.MaxValue))
            .ThenBy(token => token.Id)
            .Select(token => (ByteAlphabet.Decode(token.Key), token.Id))];

    /// <summary>A token's rank is the index of the first merge that forms it.</summary>
    internal static Dictionary<string, int> Ranks(IEnumerable<string[]> merges)
    {
        var ranks = new Dictionary<string, int>();
        foreach (var (rank, pair) in merges.Index())
        {
            if (pair.Length != 2) throw new InvalidDataException($"merge {rank} is not a pair");
            ranks.TryAdd(pair[0] + pair[1], rank);
        }
        return ranks;
    }

    /// <summary>
    /// Text is always split by <see cref="PreTokenizer"/>, so the file must ask for the same expression.
    /// </summary>
    private static PreTokenizerKind Words(JsonNode? preTokenizer)
    {
        var steps = preTokenizer?["pretokenizers"] as JsonArray;
        var pattern = steps?.Select(step => (string?)step?["pattern"]?["Regex"])
            .FirstOrDefault(regex => regex is not null);
        var bytes = steps?.FirstOrDefault(step => (string?)step?["type"] == "ByteLevel");
        var kind = Patterns.FirstOrDefault(known => known.Value == pattern);
        return kind.Value is not null && bytes is not null && (bool?)bytes["add_prefix_space"] == false
            ? kind.Key
            : throw new InvalidDataException("it does not cut words as Llama 3 or Qwen does");
    }

    private static Tokenizer FromTiktoken(byte[] bytes)
    {
        var tokens = new List<(byte[] Bytes, int Id)>();
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            var line = bytes.AsSpan(range).TrimEnd((byte)'\r');
            if (line.IsEmpty) continue;
            var space = line.IndexOf((byte)' ');
            var token = new byte[Math.Max(0, space)];
            if (space <= 0 || Base64.DecodeFromUtf8(line[..space], token, out _, out var written)
                != System.Buffers.OperationStatus.Done
                || !Utf8Parser.TryParse(line[(space + 1)..], out int id, out var digits)
                || digits != line.Length - space - 1 || id != tokens.Count)
            {
                throw new InvalidDataException(
                    $"line {tokens.Count + 1} is not a token in base64 and the number {tokens.Count}");
            }
            tokens.Add((token[..written], id));
        }
        if (bytes.Length > 0 && bytes[^1] != (byte)'\n')
            throw new InvalidDataException($"it ends within line {tokens.Count}");
        return new(tokens, Llama3Specials().Select((name, i) => (name, Id: tokens.Count + i))
            .ToDictionary(special => special.name, special => special.Id));
    }

    /// <summary>The 256 special tokens of Llama 3.0, in the order of their ids.</summary>
    private static IEnumerable<string> Llama3Specials()
    {
        string[] named =
        [
            Tokenizer.BeginOfText, "<|end_of_text|>", Reserved(0), Reserved(1), Reserved(2), Reserved(3),
            "<|start_header_id|>", "<|end_header_id|>", Reserved(4), "<|eot_id|>"
        ];
        return named.Concat(Enumerable.Range(5, 246).Select(Reserved));
        static string Reserved(int number) => $"<|reserved_special_token_{number}|>";
    }

    private static string Text(JsonNode? node) => (string?)node ?? throw new InvalidDataException("a name is missing");

    private static int Id(JsonNode? node) => (int?)node ?? throw new InvalidDataException("an id is missing");
}
