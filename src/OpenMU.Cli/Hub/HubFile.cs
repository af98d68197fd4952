using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using OpenMU.Model.Weights;

namespace OpenMU.Cli.Hub;

/// <summary>A file of a repository, and what its bytes must be.</summary>
/// <param name="Name">Its name; it lies at the top of the repository.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">
/// 64 hex digits are the SHA-256 of a file in large file storage, 40 are git's hash of a small one.
/// </param>
internal sealed partial record HubFile(string Name, long Size, string Hash)
{
    /// <summary>
    /// Files with text that conversion reads. Code and pickles are none of them, whatever they are called.
    /// </summary>
    private static readonly HashSet<string> TextFiles =
    [
        ModelFolder.ConfigFile, "generation_config.json", "preprocessor_config.json", "processor_config.json",
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt", "adapter_config.json", ModelFolder.TagsFile, ModelFolder.TaggerConfigFile,
    ];

    public bool IsWeights => Name.EndsWith(".safetensors", StringComparison.Ordinal);

    /// <summary>Whether a name is one of the kinds of files that are fetched. It cannot lead out of a folder.</summary>
    public static bool IsAllowed(string name) => TextFiles.Contains(name) || WeightsName.IsMatch(name);

    /// <summary>
    /// The files of the names that are fetched: of several sets of weights in one repository, those of the index, else
    /// model.safetensors, so that no tensor comes twice.
    /// </summary>
    public static IReadOnlyList<HubFile> Wanted(IEnumerable<HubFile> files)
    {
        HubFile[] allowed = [.. files.Where(file => IsAllowed(file.Name))];
        const string index = ".safetensors.index.json", beside = "adapter_model.safetensors";
        var main = allowed.Select(file => file.Name).Order(StringComparer.Ordinal)
            .FirstOrDefault(name => name.EndsWith(index, StringComparison.Ordinal));
        bool IsOther(HubFile file) => !file.IsWeights
            || file.Name is beside or ModelFolder.TagHeadFile or ModelFolder.TaggerFile;
        if (main is not null)
        {
            var stem = main[..^index.Length];
            return [.. allowed.Where(file => IsOther(file) ? !IsIndex(file) || file.Name == main
                : file.Name.StartsWith($"{stem}-", StringComparison.Ordinal))];
        }
        const string single = "model.safetensors";
        return allowed.Any(file => file.Name == single)
            ? [.. allowed.Where(file => IsOther(file) || file.Name == single)]
            : allowed;

        static bool IsIndex(HubFile file) => file.Name.EndsWith(index, StringComparison.Ordinal);
    }

    /// <summary>A hash that has read nothing yet and ends as <see cref="Hash"/>.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "git names its blobs by SHA-1; large files have SHA-256.")]
    public IncrementalHash NewHash()
    {
        if (Hash.Length == 64) return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {Size}\0"));
        return hash;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.safetensors(\.index\.json)?\z")]
    private static partial Regex WeightsName { get; }
}
