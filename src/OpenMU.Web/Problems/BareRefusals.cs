namespace OpenMU.Web.Problems;

/// <summary>
/// Lets the problem be written of what the framework refuses with headers of an answer but no word: a range that lies
/// outside a file.
/// </summary>
internal sealed class BareRefusals(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode != StatusCodes.Status416RangeNotSatisfiable) return;
        response.ContentLength = null;
        response.ContentType = null;
        response.Headers.Remove("Content-Disposition");
    }
}
