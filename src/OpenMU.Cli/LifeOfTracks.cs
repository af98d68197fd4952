using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;

namespace OpenMU.Cli;

/// <summary><c>openmu retry</c>, <c>delete</c> and <c>move</c>: what becomes of tracks as wholes.</summary>
internal static class LifeOfTracks
{
    /// <summary><c>openmu retry</c>.</summary>
    public static Command RetryCommand()
    {
        var (ids, choice) = (TrackChoice.Ids(), new TrackChoice());
        var changed = new Option<bool>("--changed")
        {
            Description = "Only what newer tools or a newer model would find: what the present ones have found is kept."
        };
        var command = choice.AddTo(new Command(
            "retry", "Has tracks analysed again, however they ended. What is known of them stays until then; corrections "
                + "stay for good.")
        {
            ids, changed
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var selection = choice.Of(parsed, ids);
            await using var access = await choice.OpenAsync(parsed, withStorage: true, cancel);
            var (queue, tenant) = (access.Services.GetRequiredService<JobQueues>().Analyses, choice.Tenant(parsed));
            await TrackChoice.RequireAsync(access, tenant, selection, cancel);
            var (tracks, queued) = (0, 0);
            await foreach (var page in TrackChoice.PagesAsync(access, tenant, selection, cancel))
            {
                queued += await queue.RetryAsync(tenant, page, parsed.GetValue(changed), cancel);
                tracks += page.Count;
                VerbOutput.Progress(VerbOutput.Count(tracks, "track"));
            }

            VerbOutput.Write(new { Tracks = tracks, Queued = queued });
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>openmu delete</c>.</summary>
    public static Command DeleteCommand()
    {
        var (ids, choice, by) = (TrackChoice.Ids(), new TrackChoice(), SetFields.ByOption());
        var yes = new Option<bool>("--yes") { Description = "Do it; without it, only what would be deleted is told." };
        var now = new Option<bool>("--now")
        {
            Description = "All that is known of the tracks goes too, at once instead of after 30 days."
        };
        var command = choice.AddTo(new Command(
            "delete", "Deletes tracks: their files in the storage go, and they are Missing until they are forgotten. Files of "
                + "a folder at home are yours and stay; the next start leaves them out until they are changed.")
        {
            ids, yes, now, by
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var selection = choice.Of(parsed, ids);
            await using var access = await choice.OpenAsync(parsed, withStorage: true, cancel);
            var tenant = choice.Tenant(parsed);
            await TrackChoice.RequireAsync(access, tenant, selection, cancel);
            return parsed.GetValue(yes)
                ? await DeleteAsync(
                    access, tenant, selection, new CorrectionAuthor(parsed.GetRequiredValue(by), "cli"),
                    parsed.GetValue(now), cancel)
                : await TellAsync(access, tenant, selection, cancel);
        });
        return command;
    }

    /// <summary><c>openmu move</c>.</summary>
    public static Command MoveCommand()
    {
        var id = new Argument<long>("id") { Description = "The track." };
        var name = new Argument<string>("name") { Description = "Its path from now on, such as folder/song.flac." };
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var command = new Command("move", "Gives a track's file in the storage another name; the track stays the same.")
        {
            id, name, data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: true, cancel);
            var (track, to, whose) = (
                parsed.GetRequiredValue(id), parsed.GetRequiredValue(name), parsed.GetRequiredValue(tenant));
            await TrackChoice.RequireAsync(access, whose, TrackSelection.Of([track]), cancel);
            if (await FolderOfAsync(access, whose, track, cancel) is { } folder)
            {
                throw new UsageException($"Track {track} is a file of {folder}: rename it there, and the next start of "
                    + "`openmu up` follows.");
            }

            var problem = await new MovedTrack(access.Catalogue, access.Services.GetRequiredService<MusicStorage>())
                .RunAsync(whose, track, to, cancel);
            if (problem is not null)
            {
                await Console.Error.WriteLineAsync($"openmu: {problem}");
                return ExitCode.NotDone;
            }

            VerbOutput.Write(new { Id = track, FileName = to });
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<int> DeleteAsync(
        CatalogueAccess access, string tenant, TrackSelection selection, CorrectionAuthor author, bool atOnce,
        CancellationToken cancel)
    {
        var log = access.Services.GetRequiredService<ILogger<MissingTracks>>();
        var missing = new MissingTracks(access.Catalogue, new IngestOptions(), TimeProvider.System, log);
        var deleted = access.Services.GetRequiredService<DeletedTracks>();
        var (done, refusals) = (0, new List<CorrectionRefusal>());
        await foreach (var page in TrackChoice.PagesAsync(access, tenant, selection, cancel))
        {
            var files = new List<DeletedFile>();
            foreach (var id in page)
            {
                var deletion = await deleted.RunAsync(tenant, id, author, cancel);
                if (deletion.File is { } file) files.Add(file);
                else refusals.Add(new CorrectionRefusal(id, deletion.Refusal!));
                if (atOnce && deletion.File is not null) await missing.RemoveNowAsync(id, cancel);
            }

            access.Deleted?.Add(files);
            done += files.Count;
            VerbOutput.Progress(VerbOutput.Count(done, "track"));
        }

        await VerbOutput.TellAsync(refusals, refusals.Count);
        VerbOutput.Write(new { Deleted = done, Refused = refusals.Count, Refusals = refusals });
        return refusals.Count == 0 ? ExitCode.Done : ExitCode.NotDone;
    }

    private static async Task<int> TellAsync(
        CatalogueAccess access, string tenant, TrackSelection selection, CancellationToken cancel)
    {
        var (count, locked) = (0, 0);
        await using var db = access.Catalogue.CreateDbContext();
        await foreach (var page in TrackChoice.PagesAsync(access, tenant, selection, cancel))
        {
            count += page.Count;
            locked += await CorrectionStore.LockedBy(db, tenant, page).CountAsync(cancel);
        }

        if (locked > 0)
            await Console.Error.WriteLineAsync($"openmu: {VerbOutput.Count(locked, "track")} would stay, being locked: unlock to delete.");
        await Console.Error.WriteLineAsync(
            $"openmu: {VerbOutput.Count(count - locked, "track")} would be deleted: say --yes to do it.");
        VerbOutput.Write(new { WouldBeDeleted = count - locked, Locked = locked });
        return ExitCode.Usage;
    }

    private static async Task<string?> FolderOfAsync(
        CatalogueAccess access, string tenant, long track, CancellationToken cancel)
    {
        if (access.Folders is not { } folders) return null;
        await using var db = access.Catalogue.CreateDbContext();
        var blob = await db.Tracks.FindAsync([track], cancel);
        return blob?.Tenant != tenant ? null : folders.Read()
            .FirstOrDefault(folder => blob.BlobName.StartsWith(folder.Key, StringComparison.Ordinal)).Value;
    }
}
