using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Cli.Home;

/// <summary>The key of a site at home that other machines may reach: without one, nobody could use it.</summary>
internal static class FirstKey
{
    private const string Label = "openmu up --expose";

    /// <summary>Makes a key for everything, where the tenant has none that is good, and tells it once.</summary>
    public static async Task MakeAsync(
        IServiceProvider services, string tenant, Action<string> say, CancellationToken cancel)
    {
        var (store, now) = (
            services.GetRequiredService<ApiKeyStore>(),
            services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        var keys = await store.ListAsync(tenant, cancel);
        if (keys.Any(key => key.RevokedAt is null && !(key.ExpiresAt <= now))) return;
        var made = await store.CreateAsync(
            tenant, Label, ApiScopes.All, expiresAt: null, new CorrectionAuthor(Environment.UserName, "cli"), cancel);
        say("The key of this site, shown this once; `openmu keys` makes others:");
        say(made!.Text);
    }
}
