using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;

namespace OpenMU.Cli;

/// <summary><c>openmu questions</c>: many questions about many tracks, which the catalogue's workers answer.</summary>
internal static class QuestionsVerbs
{
    private const int PageSize = 1000;
    private const int Shown = 50;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public static Command Command() => new("questions", "Asks many questions about many tracks, and reads the answers.")
    {
        Ask(),
        List(),
        Answers(),
        Cancel(),
    };

    private static Command Ask()
    {
        var (ids, choice) = (TrackChoice.Ids(), new TrackChoice());
        var texts = new Option<string[]>("--ask")
        {
            Description = "A question; may be given several times. Each is asked about each track, up to "
                + $"{QuestionBatch.MaxItems:N0} in all.",
            HelpName = "TEXT",
            Required = true,
        };
        var priority = new Option<JobPriority>("--priority")
        {
            Description = "Which of the library's questions go first.",
            DefaultValueFactory = _ => JobPriority.Bulk,
        };
        var once = new Option<string?>("--once")
        {
            Description = "A key of yours: the same one with the same request finds the batch that the first made, for a day.",
            HelpName = "KEY",
        };
        var command = choice.AddTo(new Command(
            "ask", "Asks questions about tracks, named by their ids or by a search. Prints the batch's number.")
        {
            ids, texts, priority, once
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var selection = choice.Of(parsed, ids);
            await using var access = await choice.OpenAsync(parsed, withStorage: true, cancel);
            var (tenant, tracks) = (choice.Tenant(parsed), new List<AskedTrack>());
            await foreach (var page in TrackChoice.PagesAsync(access, tenant, selection, cancel))
            {
                tracks.AddRange(page.Select(id => new AskedTrack(id)));
                if (tracks.Count > QuestionBatch.MaxItems) break;
            }

            var request = new BatchRequest(
                parsed.GetRequiredValue(texts), tracks, parsed.GetValue(priority));
            if (request.Mistakes() is { Count: > 0 } mistakes)
                throw new UsageException(mistakes.First().Value[0]);
            VerbOutput.Write(await SubmitAsync(Store(access), tenant, request, parsed.GetValue(once), cancel));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<object> SubmitAsync(
        BatchStore store, string tenant, BatchRequest request, string? key, CancellationToken cancel)
    {
        try
        {
            return await store.SubmitAsync(tenant, request, key, cancel) switch
            {
                BatchAnswer.Accepted { Batch: var batch } => Line(batch),
                BatchAnswer.Unknown { Mistakes: var unknown } => throw new UsageException(unknown[0]),
                _ => throw new UsageException("The key was another request's."),
            };
        }
        catch (QuotaExceededException full)
        {
            throw new UsageException(full.Message);
        }
    }

    private static Command List()
    {
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var command = new Command("list", $"Lists the {Shown} latest batches.") { data, tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: true, cancel);
            var batches = await Store(access).ListAsync(parsed.GetRequiredValue(tenant), before: null, Shown, cancel);
            foreach (var batch in batches) VerbOutput.Write(Line(batch));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Answers()
    {
        var (data, tenant, id) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption(), Id());
        var after = new Option<string?>("--after")
        {
            Description = "Only what has ended since the line with this cursor.",
            HelpName = "CURSOR",
        };
        var follow = new Option<bool>("--follow") { Description = "Waits for the others until all have ended." };
        var command = new Command(
            "answers", "Prints a batch's questions that have ended, with their answers, in the order in which they did.")
        {
            id, after, follow, data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var (batch, owner) = (parsed.GetRequiredValue(id), parsed.GetRequiredValue(tenant));
            var from = parsed.GetValue(after) is { } text
                ? BatchCursor.TryParse(text) ?? throw new UsageException($"--after {text} is no cursor of an answer.")
                : BatchCursor.Start;
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: true, cancel);
            var store = Store(access);
            while (true)
            {
                var (stands, counts) = await store.GetAsync(owner, batch, cancel) ?? throw Unknown(batch);
                from = await PrintAsync(store, owner, batch, from, cancel);
                if (stands.FinishedAt is not null || !parsed.GetValue(follow)) return ExitCode.Done;
                var open = counts.GetValueOrDefault(JobState.Waiting) + counts.GetValueOrDefault(JobState.Queued)
                    + counts.GetValueOrDefault(JobState.Analysing);
                VerbOutput.Progress($"{stands.Total - open} of {stands.Total} questions");
                await Task.Delay(BetweenLooks, cancel);
            }
        });
        return command;
    }

    private static async Task<BatchCursor> PrintAsync(
        BatchStore store, string tenant, long batch, BatchCursor from, CancellationToken cancel)
    {
        while (await store.EndedAsync(tenant, batch, from, PageSize, cancel) is { Count: > 0 } ended)
        {
            foreach (var question in ended)
            {
                from = new BatchCursor(question.EndedAs!.Value, question.Id);
                VerbOutput.Write(new
                {
                    Cursor = $"{from}",
                    question.Id,
                    question.TrackId,
                    question.FileName,
                    question.Text,
                    question.State,
                    question.Job.Reason,
                    question.Answer,
                });
            }
        }

        return from;
    }

    private static Command Cancel()
    {
        var (data, tenant, id) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption(), Id());
        var command = new Command("cancel", "Takes back what nobody has begun of a batch.") { id, data, tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            var (batch, owner) = (parsed.GetRequiredValue(id), parsed.GetRequiredValue(tenant));
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: true, cancel);
            if (!await Store(access).CancelAsync(owner, batch, cancel)) throw Unknown(batch);
            var (_, counts) = (await Store(access).GetAsync(owner, batch, cancel))!.Value;
            VerbOutput.Write(new SortedDictionary<JobState, int>(counts.ToDictionary()));
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<long> Id() => new("batch") { Description = "The batch's number." };

    private static BatchStore Store(CatalogueAccess access) => access.Services.GetRequiredService<BatchStore>();

    private static UsageException Unknown(long batch) => new($"There is no batch {batch}.");

    private static object Line(QuestionBatch batch) => new
    {
        batch.Id,
        batch.Total,
        batch.Priority,
        batch.AskedAt,
        batch.ExpiresAt,
        batch.CancelledAt,
        batch.FinishedAt,
    };
}
