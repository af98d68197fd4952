using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Catalogue.Access;

/// <summary>
/// How a key is written: <c>omu_</c>, 12 characters by which it is found, <c>_</c>, a secret of 43 characters (256
/// bits) and a checksum of 6, all of letters and digits. The beginning and the checksum let a scanner find keys in code
/// and logs without taking anything else for one.
/// </summary>
public sealed record ApiKeyText(string PublicId, string Secret)
{
    /// <summary>How every key begins.</summary>
    public const string Prefix = "omu_";

    /// <summary>Characters of <see cref="PublicId"/>.</summary>
    public const int PublicIdLength = 12;

    // 62^43 is just above 2^256.
    private const int SecretLength = 43, ChecksumLength = 6;
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A new key.</summary>
    public static ApiKeyText New() => new(
        RandomNumberGenerator.GetString(Letters, PublicIdLength),
        RandomNumberGenerator.GetString(Letters, SecretLength));

    /// <summary>Reads a key; its checksum must be right.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKeyText? key)
    {
        key = null;
        if (text?.Length != Prefix.Length + PublicIdLength + 1 + SecretLength + ChecksumLength) return false;
        var (id, secret) = (text.Substring(Prefix.Length, PublicIdLength),
            text.Substring(Prefix.Length + PublicIdLength + 1, SecretLength));
        var read = new ApiKeyText(id, secret);
        if (!string.Equals(read.ToString(), text, StringComparison.Ordinal)) return false;
        if (!id.Concat(secret).All(char.IsAsciiLetterOrDigit)) return false;
        key = read;
        return true;
    }

    /// <summary>What is kept of the secret.</summary>
    public byte[] SecretHash() => SHA256.HashData(Encoding.UTF8.GetBytes(Secret));

    /// <summary>The whole key, as it is shown once.</summary>
    public override string ToString()
    {
        var body = $"{Prefix}{PublicId}_{Secret}";
        return body + Checksum(body);
    }

    private static string Checksum(string body)
    {
        var sum = uint.MaxValue;
        foreach (var unit in Encoding.UTF8.GetBytes(body)) sum = BitOperations.Crc32C(sum, unit);
        sum = ~sum;
        return string.Create(ChecksumLength, sum, (text, rest) =>
        {
            for (var i = text.Length - 1; i >= 0; i--, rest /= (uint)Letters.Length)
                text[i] = Letters[(int)(rest % (uint)Letters.Length)];
        });
    }
}
