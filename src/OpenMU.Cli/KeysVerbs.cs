using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Cli;

/// <summary><c>openmu keys</c>: what programs use the API with.</summary>
internal sealed class KeysVerbs
{
    private const string KeyWord = "As `openmu keys list` names it: 12 characters, or the whole key.";

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> tenant = CatalogueAccess.TenantOption();
    private readonly Option<string> by = SetFields.ByOption();
    private readonly Option<bool> json = new("--json") { Description = "Each as one JSON object." };
    private readonly Argument<string> key = new("key") { Description = KeyWord };
    private readonly Option<double?> days = new Option<double?>("--days")
    {
        Description = "How long it is good for (default: until it is revoked).",
        HelpName = "N"
    }.Between(0.001, 36_500);

    /// <summary><c>openmu keys</c> with all its verbs.</summary>
    public static Command Command() => new(
        "keys", "Keys of the API: each belongs to a tenant and allows some things. docs/access.md says more.")
    {
        new KeysVerbs().Add(), new KeysVerbs().List(), new KeysVerbs().Revoke(), new KeysVerbs().Rotate(),
    };

    private Command Add()
    {
        var label = new Argument<string>("label")
        {
            Description = "What it is for; the histories name what is done by it so."
        };
        var scopes = new Option<string[]>("--scope")
        {
            Description = "What it allows: Read (search, listen, export), Submit (upload, ask), Correct (correct, import, "
                + "publish, delete, webhooks), Admin (keys and the audit) or All; may be given several times.",
            HelpName = "SCOPE",
            DefaultValueFactory = _ => [$"{ApiScopes.Read}"]
        };
        scopes.AcceptOnlyFromAmong(
            [.. Enum.GetNames<ApiScopes>().Where(name => name != nameof(ApiScopes.None))]);
        var command = new Command("add", "Makes a key and writes it on stdout. It is shown this once and kept nowhere.")
        {
            label, scopes, days, tenant, by, data
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(label) is { } text && text.Trim().Length is 0 or > ApiKey.MaxLabelLength)
                result.AddError($"The label must have 1 to {ApiKey.MaxLabelLength} characters.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var allowed = parsed.GetRequiredValue(scopes).Select(Enum.Parse<ApiScopes>)
                .Aggregate((all, one) => all | one);
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var made = await Store(access).CreateAsync(
                parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(label).Trim(), allowed, Expiry(parsed),
                Author(parsed), cancel);
            return await ShowAsync(
                made ?? throw new UsageException($"There is no tenant {parsed.GetValue(tenant)}: `openmu tenants add` it."));
        });
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "Lists a tenant's keys, the newest first.") { json, tenant, data };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            foreach (var one in await Store(access).ListAsync(parsed.GetRequiredValue(tenant), cancel))
            {
                if (parsed.GetValue(json))
                {
                    VerbOutput.Write(new
                    {
                        one.PublicId,
                        one.Label,
                        one.Scopes,
                        one.CreatedAt,
                        one.ExpiresAt,
                        one.RevokedAt,
                        one.LastUsedAt,
                    });
                    continue;
                }

                Console.WriteLine(string.Join("  ", ((string?[])
                [
                    one.PublicId, one.Label, $"{one.Scopes}", $"since {one.CreatedAt:u}",
                    one.LastUsedAt is { } used ? $"used {used:u}" : "never used",
                    one.RevokedAt is { } gone ? $"revoked {gone:u}" : one.ExpiresAt is { } end ? $"until {end:u}" : null,
                ]).Where(part => part is not null)));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private Command Revoke()
    {
        var command = new Command("revoke", "Has a key refused from now on.") { key, tenant, by, data };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var gone = await Store(access).RevokeAsync(
                parsed.GetRequiredValue(tenant), PublicId(parsed), Author(parsed), cancel) ?? throw Unknown(parsed);
            Console.WriteLine($"{gone.PublicId} ({gone.Label}) is revoked.");
            return ExitCode.Done;
        });
        return command;
    }

    private Command Rotate()
    {
        var overlap = new Option<double>("--overlap")
        {
            Description = "Hours for which the old key is good too.",
            HelpName = "HOURS",
            DefaultValueFactory = _ => 24
        }.Between(0, 24 * 365);
        var command = new Command(
            "rotate",
            "Makes a key with the label and scopes of another one, which goes on for some hours: no request is refused "
                + "while programs are given the new one.")
        {
            key, overlap, days, tenant, by, data
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var until = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(parsed.GetValue(overlap));
            var made = await Store(access).RotateAsync(
                parsed.GetRequiredValue(tenant), PublicId(parsed), until, Expiry(parsed), Author(parsed), cancel)
                ?? throw Unknown(parsed);
            await Console.Error.WriteLineAsync($"{PublicId(parsed)} is good until {until:u}.");
            return await ShowAsync(made);
        });
        return command;
    }

    // The key alone on stdout, so that a script can take it.
    private static async Task<int> ShowAsync(NewApiKey made)
    {
        await Console.Error.WriteLineAsync($"{made.Key.Label} ({made.Key.Scopes}), shown this once:");
        Console.WriteLine(made.Text);
        return ExitCode.Done;
    }

    private string PublicId(ParseResult parsed)
    {
        var typed = parsed.GetRequiredValue(key);
        return ApiKeyText.TryParse(typed, out var whole) ? whole.PublicId : typed;
    }

    private UsageException Unknown(ParseResult parsed) =>
        new($"{parsed.GetValue(tenant)} has no key {PublicId(parsed)} that is good.");

    private DateTime? Expiry(ParseResult parsed) => parsed.GetValue(days) is { } length
        ? TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(length)
        : null;

    private CorrectionAuthor Author(ParseResult parsed) => new(parsed.GetRequiredValue(by), "cli");

    private static ApiKeyStore Store(CatalogueAccess access) => access.Services.GetRequiredService<ApiKeyStore>();
}
