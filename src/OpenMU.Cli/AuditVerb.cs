using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Access;

namespace OpenMU.Cli;

/// <summary><c>openmu audit</c>: who did what.</summary>
internal static class AuditVerb
{
    public static Command Command()
    {
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var after = new Option<long>("--after")
        {
            Description = "Go on after the line with this id.",
            HelpName = "ID"
        };
        var csv = new Option<bool>("--csv") { Description = "As CSV instead of JSON Lines." };
        var command = new Command(
            "audit",
            "Writes who did what, the oldest first: keys, corrections, deletions, take-downs, exports, publications. Lines "
                + "are never changed.")
        {
            after, csv, tenant, data
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var entries = access.Services.GetRequiredService<AuditLog>().ReadAsync(
                parsed.GetRequiredValue(tenant), parsed.GetValue(after), atMost: null, cancel);
            await using var output = Console.OpenStandardOutput();
            if (parsed.GetValue(csv)) await AuditLog.WriteCsvAsync(entries, output, cancel);
            else await AuditLog.WriteJsonLinesAsync(entries, output, cancel);
            return ExitCode.Done;
        });
        return command;
    }
}
