using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Model.Weights;

/// <summary>
/// The version that is stored with everything a model generates: the folder's name and 12 hex digits of a SHA-256 over
/// configuration, tokenizer, labels and weights. Weights written by this project have the digest of their numbers in
/// the header, so only the header is read; other files are read completely.
/// </summary>
internal static class ModelVersion
{
    /// <summary>The width of database columns with a version.</summary>
    public const int MaximumLength = 64;

    private const int Digits = 12;

    public static string Of(string folder, IEnumerable<SafeTensors> weights)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in ModelFolder.TextFiles.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            using var file = File.OpenRead(Path.Combine(folder, name));
            Add(digest, name, SHA256.HashData(file));
        }
        foreach (var file in weights.OrderBy(file => file.Path, StringComparer.Ordinal))
            Add(digest, Path.GetFileName(file.Path), Digest(file));
        var hash = Convert.ToHexStringLower(digest.GetHashAndReset())[..Digits];
        var title = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return $"{title[..Math.Min(title.Length, MaximumLength - Digits - 1)]}-{hash}";
    }

    private static byte[] Digest(SafeTensors file)
    {
        using var stream = File.OpenRead(file.Path);
        if (!file.Metadata.ContainsKey(SafeTensorsWriter.DigestKey)) return SHA256.HashData(stream);
        var header = new byte[file.DataStart];
        stream.ReadExactly(header);
        return SHA256.HashData(header);
    }

    private static void Add(IncrementalHash digest, string name, byte[] content)
    {
        digest.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
        digest.AppendData(content);
    }
}
