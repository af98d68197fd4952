using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Says what is wrong with a body that an endpoint cannot read: which field does not exist, is missing, is given twice
/// or must be what, or where the JSON ends to be JSON.
/// </summary>
internal sealed partial class BodyMistakes(RequestDelegate next, IOptions<JsonOptions> json)
{
    private const string ObjectIsNeeded = "A JSON object is needed as the body.";

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
            // What is no JSON at all is the reader's to say, whatever it was about to read.
            if (wrong.InnerException is JsonException)
            {
                return Problem(
                    $"The body is not JSON: line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}.");
            }

            return Mistakes(context, wrong) is { Count: > 0 } mistakes
                ? TypedResults.ValidationProblem(mistakes)
                : Problem(ObjectIsNeeded);
        }

        return e.StatusCode switch
        {
            StatusCodes.Status400BadRequest when Body(context) is not null =>
                Problem(ObjectIsNeeded),
            StatusCodes.Status415UnsupportedMediaType =>
                Problem("The body's type is not one that is taken here, such as application/json."),
            // The server's own words: too large, too slow.
            _ => Problem(e.Message),
        };

        IResult Problem(string detail) => TypedResults.Problem(detail, statusCode: e.StatusCode);
    }

    // What the endpoint reads from JSON; null where it reads none.
    private static Type? Body(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } accepts
            && accepts.ContentTypes.Any(one => one.EndsWith("json", StringComparison.Ordinal))
            ? type
            : null;

    /// <summary>What is wrong, by the place in the body, such as <c>query.bpmFrom</c> or <c>scopes[0]</c>.</summary>
    private Dictionary<string, string[]> Mistakes(HttpContext context, JsonException wrong)
    {
        if (Body(context) is not { } type) return [];
        var (place, options) = ("", json.Value.SerializerOptions);
        foreach (Match step in Step().Matches(wrong.Path ?? ""))
        {
            var info = options.GetTypeInfo(Plain(type));
            if (step.Groups["index"].Success)
            {
                (type, place) = (info.ElementType ?? typeof(object), place + step.Value);
                continue;
            }

            var name = step.Groups["name"].Value;
            place = place.Length == 0 ? name : $"{place}.{name}";
            // What is computed from the others is not read.
            var fields = info.Properties
                .Where(one => one.Set is not null || one.AssociatedParameter is not null).ToList();
            var field = fields.Find(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (info.Kind == JsonTypeInfoKind.Object && field is null)
                return Of(place, StrictQuery.Unknown("field", name, fields.ConvertAll(one => one.Name)));
            type = field?.PropertyType ?? info.ElementType ?? typeof(object);
        }

        if (wrong.Message.Contains("uplicate", StringComparison.Ordinal)) return Of(place, "Give it once.");
        var missing = Missing().Matches(wrong.Message).Select(name => name.Groups["name"].Value).ToList();
        return missing.Count == 0 ? Of(place, Wanted(Plain(type), options))
            : missing.ToDictionary(name => place.Length == 0 ? name : $"{place}.{name}", _ => (string[])["It is needed."]);

        // The body as a whole has no name.
        static Dictionary<string, string[]> Of(string place, string mistake) =>
            place.Length == 0 ? [] : new() { [place] = [mistake] };
    }

    private static string Wanted(Type type, JsonSerializerOptions options) =>
        type.IsEnum ? $"It must be one of {string.Join(", ", Names(type))}."
        : type == typeof(double) ? "It must be a number, such as 120.5."
        : type == typeof(int) || type == typeof(long) ? "It must be a whole number."
        : type == typeof(bool) ? "It must be true or false."
        : type == typeof(string) ? "It must be a text."
        : type == typeof(DateTimeOffset) ? "It must be a time, such as 2026-03-01T12:00:00Z."
        : options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Enumerable ? "It must be a list."
        : "It must be a JSON object.";

    // Of flags, not the one that says nothing.
    private static IEnumerable<string> Names(Type type) => type.IsDefined(typeof(FlagsAttribute), inherit: false)
        ? Enum.GetNames(type).Where(name => Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture) != 0)
        : Enum.GetNames(type);

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    // A step of the serializer's path to the value: .name, ['name with signs'] or [0].
    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>.*?)'\](?=$|[.\[])|\[(?<index>\d+)\]")]
    private static partial Regex Step();

    [GeneratedRegex(@"(?<=missing required properties including: .*)'(?<name>[^']*)'")]
    private static partial Regex Missing();
}
