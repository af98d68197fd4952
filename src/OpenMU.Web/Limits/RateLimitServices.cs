using Microsoft.AspNetCore.RateLimiting;
using OpenMU.Catalogue.Settings;

namespace OpenMU.Web.Limits;

/// <summary>The limits of clients and libraries, in the site's services and its pipeline.</summary>
internal static class RateLimitServices
{
    /// <summary>Adds the limits as the section <c>RateLimits</c> has them.</summary>
    public static void AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddStrictOptions<RateLimitSettings>(builder.Configuration, "RateLimits");
        builder.Services.AddSingleton<RateLimits>();
        builder.Services.AddRateLimiter(_ => { });
        builder.Services.AddOptions<RateLimiterOptions>()
            .Configure<RateLimits>((options, limits) => limits.Configure(options));
    }

    /// <summary>Counts requests from here on; who sends them must be known by now.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<RateLimits>().TellAsync);
        app.UseRateLimiter();
    }
}
