using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Says what is wrong with a body that an endpoint cannot read: which field does not exist, is given twice or is of the
/// wrong kind, or where the JSON ends to be JSON.
/// </summary>
internal sealed partial class BodyMistakes(RequestDelegate next, IOptions<JsonOptions> json)
{
    private static readonly string[] Charsets = ["utf-8", "utf-16"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (!HasKnownCharset(context.Request))
        {
            await ProblemType.UnsupportedMediaType.Answer("The body's charset is not one that JSON has: send UTF-8.").ExecuteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Answer(context, e).ExecuteAsync(context);
        }
    }

    // The framework throws at a charset that it does not know, or that stands in quotes.
    private static bool HasKnownCharset(HttpRequest request)
    {
        if (!request.HasJsonContentType()
            || request.GetTypedHeaders().ContentType is not { Charset.HasValue: true } type)
        {
            return true;
        }

        var charset = HeaderUtilities.RemoveQuotes(type.Charset).ToString();
        request.ContentType = $"{type.MediaType}; charset={charset}";
        return Charsets.Contains(charset, StringComparer.OrdinalIgnoreCase);
    }

    private IResult Answer(HttpContext context, BadHttpRequestException e)
    {
        if (e.InnerException is JsonException wrong)
        {
            return FieldOf(wrong) is { Length: > 0 } field
                ? TypedResults.ValidationProblem(
                    new Dictionary<string, string[]> { [field] = [Mistake(context, field, wrong)] })
                : Problem($"The body is not the JSON that is asked for here: line {wrong.LineNumber + 1}, "
                    + $"byte {wrong.BytePositionInLine + 1}.");
        }

        return e.StatusCode switch
        {
            StatusCodes.Status400BadRequest => Problem("A JSON object is needed as the body."),
            StatusCodes.Status415UnsupportedMediaType =>
                Problem("The body's type is not one that is taken here, such as application/json."),
            // The server's own words: too large, too slow.
            _ => Problem(e.Message),
        };

        IResult Problem(string detail) => TypedResults.Problem(detail, statusCode: e.StatusCode);
    }

    private string Mistake(HttpContext context, string name, JsonException wrong)
    {
        var type = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        if (type is null) return "It cannot be read.";
        var known = json.Value.SerializerOptions.GetTypeInfo(type).Properties.Select(field => field.Name).ToList();
        if (!known.Contains(name)) return StrictQuery.Unknown("field", name, known);
        if (wrong.Message.Contains("uplicate", StringComparison.Ordinal)) return "Give it once.";
        return wrong.Message.Contains("missing", StringComparison.Ordinal)
            ? "It is needed."
            : "Its value is of another kind than is asked for.";
    }

    // The serializer names the field in the path where it has begun to read a value, and in its words otherwise.
    private static string? FieldOf(JsonException wrong) =>
        wrong.Path is ['$', '.', .. var field] ? field : QuotedName().Match(wrong.Message).Groups["name"].Value;

    [GeneratedRegex(@"(?:property|including:) '(?<name>[^']*)'", RegexOptions.IgnoreCase)]
    private static partial Regex QuotedName();
}
