using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Cli;

/// <summary><c>openmu limits</c>: how much each library may do and keep, and what it has used of it.</summary>
internal static class Limits
{
    public static Command Command()
    {
        var set = Set();
        var show = Show();
        return new Command("limits", "Shows and sets how much a library may do a day, keep, and have waiting.")
        {
            show, set,
        };
    }

    private static Command Show()
    {
        var data = CatalogueAccess.DataOption();
        var tenant = CatalogueAccess.TenantOption();
        var command = new Command("show", "What a library has used of what it may.") { data, tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            await using var db = access.Catalogue.CreateDbContext();
            await ShowAsync(db, parsed.GetRequiredValue(tenant), cancel);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Set()
    {
        var data = CatalogueAccess.DataOption();
        var tenant = CatalogueAccess.TenantOption();
        var tracks = Amount("--tracks-a-day", "Files with a new content that it may take in on one day (UTC).");
        var questions = Amount("--questions-a-day", "Questions that it may ask on one day (UTC).");
        var bytes = Amount("--bytes", "Bytes of all its files.");
        var waiting = Amount("--waiting", "Tracks and questions that may wait at a time.");
        var command = new Command(
            "set", "Sets what is named; the rest stays as it is. What is there already stays, whatever is set.")
        {
            data, tenant, tracks, questions, bytes, waiting,
        };
        command.Validators.Add(result =>
        {
            if (((Option[])[tracks, questions, bytes, waiting]).All(option => result.GetResult(option) is null))
                result.AddError("Name at least one limit.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            await using var db = access.Catalogue.CreateDbContext();
            var name = parsed.GetRequiredValue(tenant);
            var limits = await db.TenantLimits.SingleOrDefaultAsync(l => l.Tenant == name, cancel)
                ?? db.TenantLimits.Add(new TenantLimits { Tenant = name }).Entity;
            if (parsed.GetResult(tracks) is not null) limits.TracksADay = Parse(parsed.GetValue(tracks));
            if (parsed.GetResult(questions) is not null) limits.QuestionsADay = Parse(parsed.GetValue(questions));
            if (parsed.GetResult(bytes) is not null) limits.BytesStored = Parse(parsed.GetValue(bytes));
            if (parsed.GetResult(waiting) is not null) limits.JobsWaiting = Parse(parsed.GetValue(waiting));
            await db.SaveChangesAsync(cancel);
            await ShowAsync(db, name, cancel);
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string> Amount(string name, string description)
    {
        var option = new Option<string>(name) { Description = $"{description} `none` for no limit.", HelpName = "N" };
        option.Validators.Add(result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (text != "none" && !IsAmount(text))
                result.AddError($"{name} takes a whole number or none, not '{text}'.");
        });
        return option;
    }

    private static bool IsAmount(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static long? Parse(string? text) =>
        text is null or "none" ? null : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static async Task ShowAsync(CatalogueDb db, string tenant, CancellationToken cancel)
    {
        var used = await TenantQuota.UsedAsync(db, tenant, TimeProvider.System.GetUtcNow().UtcDateTime, cancel);
        var limits = await db.TenantLimits.AsNoTracking().SingleOrDefaultAsync(l => l.Tenant == tenant, cancel);
        Say("tracks a day", used.TracksToday, limits?.TracksADay);
        Say("questions a day", used.QuestionsToday, limits?.QuestionsADay);
        Say("bytes stored", used.BytesStored, limits?.BytesStored);
        Say("waiting", used.JobsWaiting, limits?.JobsWaiting);
    }

    private static void Say(string what, long used, long? allowed)
    {
        var most = allowed?.ToString(CultureInfo.InvariantCulture) ?? "any number";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {used} of {most}"));
    }
}
