using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Cli;

/// <summary><c>openmu tenants</c>: whose libraries the catalogue holds.</summary>
internal sealed class TenantsVerbs
{
    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> by = SetFields.ByOption();
    private readonly Option<bool> json = new("--json") { Description = "Each as one JSON object." };
    private readonly Argument<string> name = new("name") { Description = "The tenant." };

    /// <summary><c>openmu tenants</c> with all its verbs.</summary>
    public static Command Command() => new(
        "tenants",
        "Libraries that are kept apart: each has its tracks, questions and keys, and its files lie below its name. "
            + "docs/access.md says more.")
    {
        new TenantsVerbs().Add(), new TenantsVerbs().List(), new TenantsVerbs().Suspend(),
    };

    private Command Add()
    {
        var origins = new Option<string[]>("--origin")
        {
            Description = "Origin of pages that may call the API for this tenant (CORS), such as https://label.example; may "
                + "be given several times.",
            HelpName = "URL"
        };
        var command = new Command(
            "add", "Adds a tenant. What lies below its name in the storage already is taken in by the next sweep.")
        {
            name, origins, by, data
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is { } text && !Tenant.IsName(text)) result.AddError(Tenant.NameRule);
            foreach (var origin in result.GetValue(origins) ?? [])
            {
                if (!IsOrigin(origin)) result.AddError($"--origin must be like https://label.example, not {origin}.");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var added = await Store(access).AddAsync(
                parsed.GetRequiredValue(name), parsed.GetValue(origins) ?? [], Author(parsed), cancel);
            if (!added) throw new UsageException($"There is a tenant {parsed.GetValue(name)} already.");
            Console.WriteLine($"Added {parsed.GetValue(name)}. `openmu keys add` makes a key for it.");
            return ExitCode.Done;
        });
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "Lists the tenants by name.") { json, data };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            foreach (var tenant in await Store(access).ListAsync(cancel))
            {
                if (parsed.GetValue(json)) VerbOutput.Write(tenant);
                else Console.WriteLine(string.Join("  ", ((string?[])
                [
                    tenant.Name, $"since {tenant.CreatedAt:u}",
                    tenant.AllowedOrigins.Count == 0 ? null : string.Join(' ', tenant.AllowedOrigins),
                    tenant.SuspendedAt is { } at ? $"suspended {at:u}" : null,
                ]).Where(part => part is not null)));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private Command Suspend()
    {
        var resume = new Option<bool>("--resume") { Description = "Have them accepted again." };
        var command = new Command("suspend", "Has a tenant's keys refused. Its tracks and its keys are kept.")
        {
            name, resume, by, data
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var isSuspended = !parsed.GetValue(resume);
            if (!await Store(access).SuspendAsync(parsed.GetRequiredValue(name), isSuspended, Author(parsed), cancel))
                throw new UsageException($"There is no tenant {parsed.GetValue(name)} in {access.Where}.");
            Console.WriteLine($"{parsed.GetValue(name)} is {(isSuspended ? "" : "no longer ")}suspended.");
            return ExitCode.Done;
        });
        return command;
    }

    private CorrectionAuthor Author(ParseResult parsed) => new(parsed.GetRequiredValue(by), "cli");

    private static TenantStore Store(CatalogueAccess access) => access.Services.GetRequiredService<TenantStore>();

    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;
}
