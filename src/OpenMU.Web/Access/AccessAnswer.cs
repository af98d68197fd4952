using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.Primitives;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>
/// Answers whom the API refuses: 401 alike for a key that is unknown, expired or revoked, and 403 with the scope that
/// is missing.
/// </summary>
internal sealed class AccessAnswer(SiteSettings settings) : IAuthorizationMiddlewareResultHandler
{
    private const string Unauthorized = "Send a key that is good as Authorization: Bearer, or sign in.";
    private const string SignIn = "/.auth/login/aad";
    private const string Challenge = "Bearer realm=\"openmu\"", Prompt = "Basic realm=\"openmu\", charset=\"UTF-8\"";

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded) return next(context);
        return authorizeResult.Challenged ? DemandAsync(context) : RefuseAsync(context, policy);
    }

    private Task DemandAsync(HttpContext context)
    {
        var isByPlatform = settings.SignIn == SiteSignIn.Platform;
        // A browser asks whoever sits at the page, who gives the key as the password.
        var isPage = context.Request.Headers["Sec-Fetch-Site"] is ["same-origin" or "none"];
        context.Response.Headers.WWWAuthenticate =
            isPage && !isByPlatform ? new StringValues([Challenge, Prompt]) : Challenge;
        return Results.Problem(
            Unauthorized, statusCode: StatusCodes.Status401Unauthorized,
            // The page goes there by itself.
            extensions: isByPlatform ? new Dictionary<string, object?> { ["signIn"] = SignIn } : null)
            .ExecuteAsync(context);
    }

    private static Task RefuseAsync(HttpContext context, AuthorizationPolicy policy)
    {
        var scope = policy.Requirements.OfType<ScopeRequirement>().FirstOrDefault()?.Scope ?? ApiScopes.None;
        var isSuspended = context.User.HasClaim(AccessClaims.Suspended, "true");
        if (!isSuspended)
        {
            context.Response.Headers.WWWAuthenticate =
                $"{Challenge}, error=\"insufficient_scope\", scope=\"{scope}\"";
        }

        return Results.Problem(
            isSuspended ? "The tenant is suspended." : $"This needs the scope {scope}, which is not among those of the key.",
            statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }
}
