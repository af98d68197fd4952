using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace OpenMU.Web.Problems;

/// <summary>
/// Writes every problem of the site, wherever it comes from, with a type of the registry. Whatever the client says it
/// takes: an answer without a body would help it less.
/// </summary>
internal sealed class ProblemWriter(IOptions<JsonOptions> json) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (response, problem) = (context.HttpContext.Response, context.ProblemDetails);
        problem.Status = response.StatusCode;
        var type = ProblemType.Named(problem.Type) ?? ProblemType.OfStatus(response.StatusCode);
        problem.Type = type?.Address ?? "about:blank";
        problem.Title = type?.Title ?? ReasonPhrases.GetReasonPhrase(response.StatusCode);
        problem.Extensions["traceId"] = Activity.Current?.Id ?? context.HttpContext.TraceIdentifier;
        response.ContentType = "application/problem+json";
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, problem.GetType(), json.Value.SerializerOptions);
        // A request that has run out of time is cancelled by now, and is told so all the same.
        await response.Body.WriteAsync(body, CancellationToken.None);
    }
}
