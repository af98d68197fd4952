using System.Globalization;
using System.Text;

namespace OpenMU.Testing.Fuzzing;

/// <summary>A request that was made up.</summary>
/// <param name="Number">Of the request; with the seed it says all of it.</param>
/// <param name="Operation">Whose it is.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Address">Path and query, escaped.</param>
/// <param name="Headers">Name and value.</param>
/// <param name="Body">The body; null for none.</param>
/// <param name="ContentType">Of the body, as it is sent.</param>
public sealed record FuzzRequest(
    int Number, string Operation, string Method, string Address, IReadOnlyList<(string Name, string Value)> Headers,
    byte[]? Body, string? ContentType)
{
    private const int Shown = 300;

    public HttpRequestMessage ToMessage(Uri site)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var message = new HttpRequestMessage(
            new HttpMethod(Method), new Uri(site.GetLeftPart(UriPartial.Authority) + Address, in options));
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            if (ContentType is not null) message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"#{Number} {Operation}: {Method} {Begin(Address)} "
        + $"[{string.Join("; ", Headers.Select(header => $"{header.Name}: {Begin(header.Value)}"))}] "
        + $"{ContentType} {(Body is null ? "" : Begin(Encoding.Latin1.GetString(Body)))}");

    private static string Begin(string text) => text.Length <= Shown ? text : text[..Shown] + "...";
}
