using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenMU.Testing.Fuzzing;

/// <summary>
/// Makes requests up from an API's own OpenAPI document: valid ones, and ones with something wrong in their parameters,
/// headers, body or method. Seed and number decide all of a request.
/// </summary>
/// <param name="document">The document.</param>
/// <param name="ids">Numbers of rows that exist.</param>
/// <param name="seed">Of all random choices.</param>
public sealed partial class ApiFuzzer(JsonElement document, IReadOnlyList<long> ids, int seed)
{
    private static readonly string[] Methods =
        ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("If-None-Match", ["*", "W/\"1\"", "\"", "W/", "\"a\", \"b\""]),
        ("If-Match", ["*", "\"0\"", "\"1\"", "W/\"0.x\"", "\"99999999999999999999\"", "", "\"a\",\"b\""]),
        ("Range", ["bytes=0-0", "bytes=-0", "bytes=5-1", "bytes=99999999999999999999-", "bytes=0-1,3-4,0-", "x"]),
        ("Accept", ["application/json", "text/html", "*/*;q=0", ";;;", "application/xml"]),
        ("Accept-Encoding", ["br", "gzip", "identity;q=0", "zzz", "br;q=1.5"]),
        ("Authorization", ["Bearer", "Bearer x", "Basic Og==", "Bearer \u00e9", "Negotiate x"]),
        ("Origin", ["null", "https://partner.example", "not an origin"]),
        ("Sec-Fetch-Site", ["cross-site", "same-origin", "none", "x"]),
        ("Idempotency-Key", ["1", "", "a b c"]),
        ("Content-Encoding", ["gzip", "zzz"]),
        ("X-MS-CLIENT-PRINCIPAL-NAME", ["ann", "\u00e9\u00e9", ""]),
        ("X-Forwarded-For", ["1.2.3.4"]),
        ("Cookie", ["a=b; c"]),
        ("Traceparent", ["00-x", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]),
        ("Prefer", ["wait=99999999"]),
        ("If-Modified-Since", ["yesterday", "Sat, 01 Jan 2000 00:00:00 GMT"]),
        ("If-Range", ["\"x\"", "x"]),
    ];

    private static readonly string[] Escapes =
        ["%", "%zz", "%00", "%ff%fe", "%2e%2e%2f", "%25%30%30", "%u0041", "+", "%f0%9f"];

    private readonly SchemaValues values = new(document, ids);
    private readonly (string Method, string Path, JsonElement Operation)[] operations =
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select (operation.Name.ToUpperInvariant(), path.Name, operation.Value),
    ];

    /// <summary>How many operations the document has.</summary>
    public int Operations => operations.Length;

    /// <summary>A request: each operation has its turn.</summary>
    public FuzzRequest Make(int number)
    {
        var random = new Random(HashCode(seed, number));
        var (method, path, operation) = operations[number % operations.Length];
        // A third is as it should be, as far as a document can say that.
        var wrong = random.Next(3) > 0;
        var address = Address(path, operation, random, wrong);
        if (wrong && random.Next(12) == 0) method = Methods[random.Next(Methods.Length)];
        var headers = new List<(string, string)>();
        for (var i = wrong ? random.Next(3) : 0; i > 0; i--)
        {
            var (name, known) = Headers[random.Next(Headers.Length)];
            headers.Add((name, known[random.Next(known.Length)]));
        }

        // What needs a version is mostly to get beyond that.
        if (method is "PATCH" or "PUT" or "DELETE" && random.Next(4) > 0) headers.Add(("If-Match", "*"));
        var (body, type) = Body(operation, random, wrong);
        return new FuzzRequest(
            number, operation.GetProperty("operationId").GetString()!, method, address, headers, body, type);
    }

    private string Address(string path, JsonElement operation, Random random, bool wrong)
    {
        var query = new List<string>();
        foreach (var parameter in operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : default)
        {
            var name = parameter.GetProperty("name").GetString()!;
            var text = wrong && random.Next(4) == 0 ? HostileValues.Text(random) : Text(parameter, random);
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    path = PathParameter().Replace(
                        path, match => match.Groups[1].Value == name ? Escape(text, random, wrong) : match.Value);
                    break;
                case "query" when random.Next(3) == 0 || parameter.TryGetProperty("required", out _):
                    query.Add($"{name}={Escape(text, random, wrong)}");
                    if (wrong && random.Next(25) == 0) query.Add(query[^1]);
                    break;
            }
        }

        if (wrong && random.Next(15) == 0) query.Add($"{Escape(HostileValues.Text(random), random, wrong)}=1");
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private string Text(JsonElement parameter, Random random)
    {
        if (parameter.TryGetProperty("example", out var example) && random.Next(2) == 0) return example.ToString();
        return values.Of(parameter.GetProperty("schema"), random) switch
        {
            null => "",
            System.Text.Json.Nodes.JsonArray { Count: > 0 } array => $"{array[0]}",
            var value => value.ToJsonString().Trim('"'),
        };
    }

    private static string Escape(string text, Random random, bool wrong)
    {
        if (wrong && random.Next(25) == 0) return Escapes[random.Next(Escapes.Length)];
        // Lone surrogates have no escape.
        return Uri.EscapeDataString(new string([.. text.Select(c => char.IsSurrogate(c) ? '?' : c)]));
    }

    private (byte[]? Body, string? Type) Body(JsonElement operation, Random random, bool wrong)
    {
        if (!operation.TryGetProperty("requestBody", out var body))
            return wrong && random.Next(20) == 0 ? ("{}"u8.ToArray(), "application/json") : (null, null);
        var contents = body.GetProperty("content").EnumerateObject().ToArray();
        var content = contents[random.Next(contents.Length)];
        var type = content.Name;
        byte[]? bytes;
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            var valid = content.Value.TryGetProperty("example", out var example) && random.Next(3) == 0
                ? example.GetRawText()
                : (values.Of(content.Value.GetProperty("schema"), random) ?? new System.Text.Json.Nodes.JsonObject())
                    .ToJsonString();
            bytes = wrong ? FuzzBodies.Json(valid, random) : System.Text.Encoding.UTF8.GetBytes(valid);
        }
        else
        {
            bytes = FuzzBodies.File(type, random, wrong);
        }

        if (wrong && random.Next(15) == 0)
        {
            type = ((string?[])[null, "", "application/json; charset=zzz", "text/plain", "application/xml",
                "multipart/form-data; boundary=x", "application/json; charset=utf-16", ";"])[random.Next(8)];
        }

        return wrong && random.Next(25) == 0 ? (null, null) : (bytes, type);
    }

    // The framework's own hash differs from run to run.
    private static int HashCode(int seed, int number) => unchecked((seed * 486187739) + (number * 16777619));

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex PathParameter();
}
