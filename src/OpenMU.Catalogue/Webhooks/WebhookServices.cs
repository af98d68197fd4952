using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Settings;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Webhooks;

/// <summary>What programs need to call out: the guarded way, endpoints and their deliveries.</summary>
internal static class WebhookServices
{
    /// <summary>Adds them by the section <c>Webhooks</c> of the configuration.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration) =>
        services
            .AddStrictOptions<WebhookSettings>(configuration, "Webhooks")
            .AddSingleton<PublicAddresses>()
            .AddSingleton<WebhookSender>()
            .AddSingleton<WebhookStore>()
            .AddSingleton<WebhookQueue>()
            .AddSingleton<UrlUploads>();
}
