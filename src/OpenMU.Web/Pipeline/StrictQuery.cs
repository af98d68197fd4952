using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// Refuses queries that say something else than the endpoint would understand, and names every mistake: a parameter
/// that is needed and not there, one that does not exist (the framework passes over it, so that a search with a slip in
/// it finds everything), one that is given twice, and a value that is not of its kind, spelled as nobody's culture
/// spells it (the framework reads 120,5 as 1205).
/// </summary>
internal sealed class StrictQuery(RequestDelegate next)
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    private const NumberStyles Decimal = Whole | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly string[] Times = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly ConditionalWeakTable<Endpoint, Dictionary<string, Parameter>> parameters = [];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || !context.Request.Path.StartsWithSegments("/v1"))
            return next(context);
        var known = parameters.GetValue(endpoint, _ => ParametersOf(endpoint));
        var mistakes = new Dictionary<string, string[]>();
        foreach (var (typed, values) in context.Request.Query)
        {
            var name = known.Keys.FirstOrDefault(key => key.Equals(typed, StringComparison.OrdinalIgnoreCase));
            if (name is null) mistakes[typed] = [Unknown("parameter", typed, known.Keys)];
            else if (Mistake(known[name].Type, values) is { } mistake) mistakes[name] = [mistake];
        }

        foreach (var (name, parameter) in known)
        {
            if (parameter.IsNeeded && !context.Request.Query.ContainsKey(name)) mistakes[name] = ["It is needed."];
        }

        return mistakes.Count > 0
            ? TypedResults.ValidationProblem(mistakes).ExecuteAsync(context)
            : next(context);
    }

    /// <summary>A sentence about a name that does not exist, with those that do.</summary>
    /// <param name="kind">What it would be the name of: parameter, field.</param>
    /// <param name="typed">The name.</param>
    /// <param name="known">Those that exist.</param>
    public static string Unknown(string kind, string typed, IReadOnlyCollection<string> known)
    {
        var near = NearestName.Of(typed, known)
            ?? known.FirstOrDefault(name =>
                typed.Length > 1 && name.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
        var meant = near is null ? "" : $" Did you mean {near}?";
        return known.Count == 0
            ? $"There is no {kind} '{typed}'; there are none here."
            : $"There is no {kind} '{typed}'.{meant} Those that exist are {string.Join(", ", known)}.";
    }

    // What the framework binds from the query: texts and what is read from a text, unless route or headers have them.
    private static Dictionary<string, Parameter> ParametersOf(RouteEndpoint endpoint) => endpoint.Metadata
        .GetOrderedMetadata<IParameterBindingMetadata>()
        .Where(parameter => !parameter.HasBindAsync
            && (parameter.HasTryParse || Plain(parameter.ParameterInfo.ParameterType) is { IsEnum: true }
                || Plain(parameter.ParameterInfo.ParameterType) == typeof(string))
            && endpoint.RoutePattern.GetParameter(parameter.Name) is null
            && !parameter.ParameterInfo.GetCustomAttributes(inherit: true).OfType<IFromHeaderMetadata>().Any())
        .ToDictionary(
            parameter => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name),
            parameter => new Parameter(parameter.ParameterInfo.ParameterType, !parameter.IsOptional));

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;

    /// <summary>What is wrong with a value, in one sentence; null for a good one.</summary>
    private static string? Mistake(Type type, StringValues values)
    {
        if (values.Count > 1 && !type.IsArray) return "Give it once.";
        return values.Select(text => Mistake(Plain(type), text ?? "")).FirstOrDefault(mistake => mistake is not null);
    }

    private static string? Mistake(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(double))
        {
            return double.TryParse(text, Decimal, culture, out var number) && double.IsFinite(number)
                ? null
                : $"'{text}' is not a number, such as 120.5.";
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return long.TryParse(text, Whole, culture, out var number)
                && (type == typeof(long) || number is >= int.MinValue and <= int.MaxValue)
                ? null
                : $"'{text}' is not a whole number.";
        }

        if (type == typeof(bool))
            return text.ToLowerInvariant() is "true" or "false" ? null : $"'{text}' is neither true nor false.";
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly))
        {
            return DateTimeOffset.TryParseExact(text, Times, culture, DateTimeStyles.AssumeUniversal, out _)
                ? null
                : $"'{text}' is not a time, such as 2026-03-01 or 2026-03-01T12:00:00Z.";
        }

        return type.IsEnum && !Enum.GetNames(type).Contains(text)
            ? $"'{text}' is not one of {string.Join(", ", Enum.GetNames(type))}."
            : null;
    }

    private sealed record Parameter(Type Type, bool IsNeeded);
}
