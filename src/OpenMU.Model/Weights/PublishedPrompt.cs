using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Model.Weights;

/// <summary>
/// The system text that every published prompt begins with. It belongs to the reference repository and is read from the
/// user's own clone of it; this project has only its length and digest. With another text the published weights
/// silently answer worse.
/// </summary>
public static partial class PublishedPrompt
{
    private const string File = "llava/conversation.py";
    private const int Length = 154;
    private const string Digest = "1fa69e2371b762d1882b0bd98d284f312a36c27add732016e12e52586f98a9f5";
    private const int MaximumFileBytes = 1 << 20;

    /// <summary>Finds the text in a clone of github.com/sony/openmu.</summary>
    /// <exception cref="InvalidDataException">The clone has no such file, or the file no such text.</exception>
    public static string Read(string clone) => Read(clone, Length, Digest);

    /// <summary>
    /// The concatenation of adjacent string literals of the Python source that has this length and SHA-256.
    /// </summary>
    internal static string Read(string clone, int length, string digest)
    {
        var path = Path.Combine(clone, File);
        if (!System.IO.File.Exists(path))
            throw new InvalidDataException($"{clone} is no clone of the reference repository: it has no {File}.");
        if (new FileInfo(path).Length > MaximumFileBytes)
            throw new InvalidDataException($"{path} is larger than {MaximumFileBytes} bytes.");
        foreach (Match run in AdjacentLiterals().Matches(System.IO.File.ReadAllText(path)))
        {
            var text = string.Concat(run.Groups["text"].Captures.Select(literal => literal.Value
                .Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal)));
            if (text.Length == length
                && Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))) == digest)
            {
                return text;
            }
        }
        throw new InvalidDataException($"{path} holds no text of {length} characters with the SHA-256 {digest}: it is "
            + "not the release whose prompts the published weights know.");
    }

    [GeneratedRegex("""(?:"(?<text>(?:[^"\\\n]|\\.)*)"\s*)+""")]
    private static partial Regex AdjacentLiterals();
}
