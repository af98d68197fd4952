using System.Globalization;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Pipeline;

/// <summary>Answers 429 with Retry-After where a tenant asks for more than is left of what it may.</summary>
internal sealed class QuotaAnswer(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (QuotaExceededException exceeded) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.Headers.RetryAfter =
                Math.Ceiling(exceeded.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Results.Problem(
                exceeded.Message, statusCode: ProblemType.QuotaExceeded.Status, title: ProblemType.QuotaExceeded.Title,
                type: ProblemType.QuotaExceeded.Address,
                extensions: new Dictionary<string, object?> { ["quota"] = exceeded.Quota.ToString() })
                .ExecuteAsync(context);
        }
    }
}
