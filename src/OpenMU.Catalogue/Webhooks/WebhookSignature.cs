using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>The signature of Standard Webhooks (https://www.standardwebhooks.com), symmetric, version 1.</summary>
public static class WebhookSignature
{
    /// <summary>The header of the message's id, which is the same for every try.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header of the try's time, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header of the signatures, one for each secret, with spaces between them.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>Signs what is sent.</summary>
    /// <param name="secrets">Each begins with <see cref="WebhookEndpoint.SecretPrefix"/>.</param>
    /// <param name="messageId">See <see cref="IdHeader"/>.</param>
    /// <param name="seconds">See <see cref="TimestampHeader"/>.</param>
    /// <param name="body">To the letter.</param>
    public static string Sign(IEnumerable<string> secrets, string messageId, long seconds, string body)
    {
        var signed = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{messageId}.{seconds}.{body}"));
        return string.Join(' ', secrets.Select(secret =>
        {
            var key = Convert.FromBase64String(secret[WebhookEndpoint.SecretPrefix.Length..]);
            return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}";
        }));
    }
}
