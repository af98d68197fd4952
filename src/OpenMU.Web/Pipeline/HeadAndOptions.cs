using Microsoft.Extensions.FileProviders;

namespace OpenMU.Web.Pipeline;

/// <summary>
/// HEAD is answered as GET is, without the body, wherever GET is; OPTIONS, and every method that an address does not
/// take, with the methods that it does (Allow).
/// </summary>
internal static class HeadAndOptions
{
    /// <summary>Adds both around the routing, which must not be there yet.</summary>
    /// <param name="app">The site.</param>
    /// <param name="files">The page's.</param>
    public static void UseHeadAndOptions(this WebApplication app, IFileProvider files)
    {
        // Routes know nothing of HEAD; what they lead to may save itself work for it.
        app.Use(async (context, next) =>
        {
            var isHead = HttpMethods.IsHead(context.Request.Method);
            if (isHead) context.Request.Method = HttpMethods.Get;
            context.Items[typeof(HeadAndOptions)] = isHead;
            await next(context);
        });
        app.UseRouting();
        app.Use(async (context, next) =>
        {
            if (context.Items[typeof(HeadAndOptions)] is true) context.Request.Method = HttpMethods.Head;
            if (context.GetEndpoint() is { RequestDelegate: { } rejection } and not RouteEndpoint)
            {
                // Stands in for a route that takes other methods, or other contents; it says which methods.
                await rejection(context);
                if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
                    Refuse(context, context.Response.Headers.Allow.ToString().Split(", "));
            }
            else if (context.GetEndpoint() is null && IsFile(context.Request.Path, files)
                && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            {
                Refuse(context, [HttpMethods.Get]);
            }
            else
            {
                await next(context);
            }
        });
    }

    private static bool IsFile(PathString path, IFileProvider files) =>
        path.Value is "/" || (path.HasValue && files.GetFileInfo(path.Value).Exists);

    private static void Refuse(HttpContext context, IReadOnlyList<string> allowed)
    {
        IEnumerable<string> all = [.. allowed, HttpMethods.Options];
        if (allowed.Contains(HttpMethods.Get)) all = all.Append(HttpMethods.Head);
        context.Response.Headers.Allow = string.Join(", ", all.Distinct().Order(StringComparer.Ordinal));
        context.Response.StatusCode = HttpMethods.IsOptions(context.Request.Method)
            ? StatusCodes.Status204NoContent
            : StatusCodes.Status405MethodNotAllowed;
    }
}
