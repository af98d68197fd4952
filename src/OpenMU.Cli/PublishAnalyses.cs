using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Publishing;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu publish</c> and <c>openmu rollback</c>: which model's analyses tracks show.
/// </summary>
internal static class PublishAnalyses
{
    /// <summary><c>openmu publish</c>.</summary>
    public static Command PublishCommand()
    {
        var (ids, choice, by) = (TrackChoice.Ids(), new TrackChoice(), SetFields.ByOption());
        var model = ModelOption();
        var history = new Option<bool>("--history")
        {
            Description = "Publish nothing; list what was published and rolled back, by whom and when, a JSON object a line."
        };
        var command = choice.AddTo(new Command(
            "publish", "Shows what a new model has said where it was held back: of all tracks, or of those that are named or "
                + "found. The analyses before are kept, corrections stand above both. It may be stopped and started again.")
        {
            ids, model, by, history
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var selection = choice.OrAll(parsed, ids);
            await using var access = await choice.OpenAsync(parsed, withStorage: false, cancel);
            var (publisher, tenant) = (access.Services.GetRequiredService<Publisher>(), choice.Tenant(parsed));
            if (parsed.GetValue(history))
            {
                foreach (var publication in await publisher.ListAsync(tenant, cancel)) VerbOutput.Write(publication);
                return ExitCode.Done;
            }

            var version = parsed.GetValue(model) ?? await HeldAsync(publisher, tenant, cancel);
            return End(await publisher.PublishAsync(
                tenant, selection, version, new CorrectionAuthor(parsed.GetRequiredValue(by), "cli"), null, null,
                new Told(), cancel));
        });
        return command;
    }

    /// <summary><c>openmu rollback</c>.</summary>
    public static Command RollbackCommand()
    {
        var (ids, choice, by) = (TrackChoice.Ids(), new TrackChoice(), SetFields.ByOption());
        var model = ModelOption();
        model.Required = true;
        var command = choice.AddTo(new Command(
            "rollback", "Shows the analyses that were there before a model's, of all tracks or of those that are named or "
                + "found. The model's are kept aside and can be published again.")
        {
            ids, model, by
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var selection = choice.OrAll(parsed, ids);
            await using var access = await choice.OpenAsync(parsed, withStorage: false, cancel);
            return End(await access.Services.GetRequiredService<Publisher>().RollBackAsync(
                choice.Tenant(parsed), selection, parsed.GetRequiredValue(model)!,
                new CorrectionAuthor(parsed.GetRequiredValue(by), "cli"), null, null, new Told(), cancel));
        });
        return command;
    }

    /// <summary>Whose analyses.</summary>
    public static Option<string?> ModelOption() => new("--model")
    {
        Description = "Whose analyses: a model's version, as `openmu show` and `openmu inspect` print it (default: the one "
            + "whose analyses are held back).",
        HelpName = "VERSION"
    };

    /// <summary>The model whose analyses are held back.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static async Task<string> HeldAsync(Publisher publisher, string tenant, CancellationToken cancel) =>
        await publisher.HeldModelAsync(tenant, cancel)
        ?? throw new UsageException("No analyses are held back; --model VERSION names others.");

    private static int End(PublicationSummary summary)
    {
        if (!Console.IsErrorRedirected) Console.Error.WriteLine();
        VerbOutput.Write(summary);
        return ExitCode.Done;
    }

    private sealed class Told : IProgress<PublicationSummary>
    {
        public void Report(PublicationSummary value) =>
            VerbOutput.Progress($"{VerbOutput.Count(value.Tracks, "track")}, {value.Moved} moved");
    }
}
