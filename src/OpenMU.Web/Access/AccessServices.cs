using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>Who may do what: composed once, for every endpoint of the API.</summary>
internal static class AccessServices
{
    /// <summary>Adds what says who sends a request, and what it may do.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, SiteSettings settings)
    {
        services.AddAuthentication(AccessHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, AccessHandler>(
                AccessHandler.SchemeName,
                access => access.ForwardDefaultSelector = context =>
                    EntraTokens.Has(context.Request, settings) ? EntraTokens.SchemeName : null)
            .AddEntra(settings);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswer>();
        var policies = services.AddAuthorizationBuilder();
        foreach (var scope in Enum.GetValues<ApiScopes>().Where(one => int.IsPow2((int)one)))
        {
            policies.AddPolicy(
                EndpointScopes.Policy(scope),
                policy => policy.RequireAuthenticatedUser().AddRequirements(new ScopeRequirement(scope)));
        }

        return services.AddSingleton<IAuthorizationHandler, ScopeHandler>();
    }

    /// <summary>
    /// Behind the authentication: from here on a request may do what it asks for, and every context of the catalogue
    /// sees that tenant's rows only, or none.
    /// </summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthorization();
        app.Use(async (context, next) =>
        {
            using var scope = TenantScope.Enter(context.User.TenantName() ?? TenantScope.Nobody);
            await next(context);
        });
    }

    private sealed class ScopeHandler : AuthorizationHandler<ScopeRequirement>
    {
        protected override Task HandleRequirementAsync(
            AuthorizationHandlerContext context, ScopeRequirement requirement)
        {
            if (context.User.Has(requirement.Scope)) context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }
}
