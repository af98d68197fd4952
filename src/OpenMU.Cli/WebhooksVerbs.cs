using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Webhooks;

namespace OpenMU.Cli;

/// <summary><c>openmu webhooks</c>: where events are sent to, and what became of them.</summary>
internal static class WebhooksVerbs
{
    private const int Shown = 50;

    public static Command Command() => new("webhooks", "Endpoints that are told of what happens to tracks and questions.")
    {
        List(),
        Add(),
        Of("delete", "Deletes an endpoint and what is known of its deliveries.", async (store, tenant, id, cancel) =>
            await store.DeleteAsync(tenant, id, cancel) ? new { Deleted = id } : null),
        Of("rotate", "Gives an endpoint a new secret; the one before signs too for 24 hours.",
            async (store, tenant, id, cancel) => await store.RotateAsync(tenant, id, cancel) is { } endpoint
                ? new { endpoint.Id, endpoint.Secret, endpoint.FormerSecretUntil }
                : null),
        Of("enable", "Has events sent to an endpoint again.", async (store, tenant, id, cancel) =>
            await store.EnableAsync(tenant, id, cancel) is { } endpoint ? Line(endpoint) : null),
        Of("disable", "Has no events sent to an endpoint any more.", async (store, tenant, id, cancel) =>
            await store.DisableAsync(tenant, id, cancel) is { } endpoint ? Line(endpoint) : null),
        Of("test", "Sends an event at once and says what came back.", async (store, tenant, id, cancel) =>
            await store.TestAsync(tenant, id, cancel)),
        Of("deliveries", $"Lists the {Shown} latest deliveries to an endpoint.", async (store, tenant, id, cancel) =>
            await store.DeliveriesAsync(tenant, id, state: null, before: null, Shown, cancel)),
        Replay(),
    };

    private static Command List()
    {
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var command = new Command("list", "Lists the endpoints.") { data, tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            foreach (var endpoint in await Store(access).ListAsync(parsed.GetRequiredValue(tenant), cancel))
                VerbOutput.Write(Line(endpoint));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Add()
    {
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var url = new Argument<string>("url") { Description = "Where events are sent to: an https address." };
        var types = new Option<string[]>("--event")
        {
            Description = "An event that is sent, such as track.ready; may be given several times. Without it: all.",
            HelpName = "TYPE",
            DefaultValueFactory = _ => [],
        };
        var command = new Command("add", "Adds an endpoint and shows its secret, this once.")
        {
            url, types, data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var (address, chosen) = (parsed.GetRequiredValue(url), parsed.GetRequiredValue(types));
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var store = Store(access);
            if (store.Mistakes(address, chosen) is { Count: > 0 } mistakes)
                throw new UsageException(mistakes.First().Value[0]);
            var endpoint = await store.CreateAsync(parsed.GetRequiredValue(tenant), address, chosen, cancel)
                ?? throw new UsageException($"There are {WebhookEndpoint.MaxPerTenant} endpoints already.");
            VerbOutput.Write(new { endpoint.Id, endpoint.Secret });
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Replay()
    {
        var (data, tenant, id) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption(), Id());
        var from = new Option<DateTimeOffset>("--from")
        {
            Description = "Of events from then on, such as 2026-03-01T00:00:00Z.",
            HelpName = "TIME",
            Required = true,
        };
        var to = new Option<DateTimeOffset>("--to")
        {
            Description = "Of events before then.",
            HelpName = "TIME",
            Required = true,
        };
        var dead = new Option<bool>("--dead") { Description = "Only those whose tries are used up." };
        var command = new Command("replay", "Has the deliveries of a stretch of time made again.")
        {
            id, from, to, dead, data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var count = await Store(access).ReplayAsync(
                parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(id), parsed.GetValue(from).UtcDateTime,
                parsed.GetValue(to).UtcDateTime, parsed.GetValue(dead) ? WebhookDeliveryState.Dead : null, cancel)
                ?? throw new UsageException($"There is no endpoint {parsed.GetRequiredValue(id)}.");
            VerbOutput.Write(new { Replayed = count });
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Of(
        string name, string description, Func<WebhookStore, string, long, CancellationToken, Task<object?>> run)
    {
        var (data, tenant, id) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption(), Id());
        var command = new Command(name, description) { id, data, tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var endpoint = parsed.GetRequiredValue(id);
            VerbOutput.Write(
                await run(Store(access), parsed.GetRequiredValue(tenant), endpoint, cancel)
                ?? throw new UsageException($"There is no endpoint {endpoint}."));
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<long> Id() => new("id") { Description = "The endpoint's number." };

    private static WebhookStore Store(CatalogueAccess access) => access.Services.GetRequiredService<WebhookStore>();

    private static object Line(WebhookEndpoint endpoint) => new
    {
        endpoint.Id,
        endpoint.Url,
        endpoint.EventTypes,
        endpoint.CreatedAt,
        endpoint.DisabledAt,
        endpoint.DisabledReason,
        endpoint.Failures,
        endpoint.FailingSince,
    };
}
