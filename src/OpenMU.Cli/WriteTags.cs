using System.CommandLine;
using Azure;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Tagging;

namespace OpenMU.Cli;

/// <summary><c>openmu write-tags</c>: what the catalogue knows, written into the tags of the music's files.</summary>
internal sealed class WriteTags
{
    private readonly Search search = new();

    private readonly Option<DirectoryInfo?> output = new("--output")
    {
        Description = "Folder for tagged copies of the files.",
        HelpName = "DIR"
    };

    private readonly Option<string> id3 = new("--id3")
    {
        Description = "Version of ID3 in mp3, wav and aiff.",
        HelpName = "2.3|2.4",
        DefaultValueFactory = _ => "2.4"
    };

    private readonly Option<bool> replace = new("--replace")
    {
        Description = "Also write copies that are there already."
    };

    private readonly Option<bool> inPlace = new("--in-place")
    {
        Description = "Write into the files of your folder instead, which are kept in --backup. To the catalogue they are "
            + "other files then, which it analyses anew."
    };

    private readonly Option<DirectoryInfo?> backup = new("--backup")
    {
        Description = "Folder for the files as they were before --in-place, and for what --undo needs.",
        HelpName = "DIR"
    };

    private readonly Option<bool> undo = new("--undo") { Description = "Put back what --in-place has changed." };

    public static Command Command()
    {
        var write = new WriteTags();
        write.id3.AcceptOnlyFromAmong("2.3", "2.4");
        var command = write.search.AddSelectionTo(new Command(
            "write-tags",
            "Writes what holds for each track (names, identifiers, genres, moods, tempo, key, lyrics) into the tags of "
                + "copies of the files. The sound stays the same, packet by packet, or the copy is deleted again; other "
                + "tags of a file stay.")
        {
            write.output, write.id3, write.replace, write.inPlace, write.backup, write.undo
        });
        command.Validators.Add(result =>
        {
            var isThere = result.GetValue(write.inPlace) || result.GetValue(write.undo);
            if (isThere != (result.GetValue(write.backup) is not null)
                || isThere == (result.GetValue(write.output) is not null))
                result.AddError("Give --output DIR for copies; or --in-place or --undo, and --backup DIR.");
        });
        command.SetAction(write.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var journal = parsed.GetValue(backup) is { } kept ? await JournalAsync(kept, parsed, cancel) : null;
        if (parsed.GetValue(undo)) return await UndoAsync(journal!, cancel);
        await using var access = await CatalogueAccess.OpenAsync(search.Data(parsed), withStorage: false, cancel);
        await using var files = new MusicSource(access.HomeFolder);
        var reader = new ExportReader(access.Catalogue, search.Tenant(parsed));
        await TrackChoice.RequireAsync(access, search.Tenant(parsed), search.Selection(parsed), cancel);
        var tracks = reader.ReadAsync(search.Selection(parsed), [], withTimes: false, cancel);
        var copies = parsed.GetValue(output) is { } folder ? Copies(folder, files) : null;
        var version = (byte)(parsed.GetValue(id3) == "2.3" ? 3 : 4);
        var (written, left, failed) = (0, 0, 0);
        await foreach (var track in tracks)
        {
            // What is no audio has no place for tags, and what is gone is no file.
            if (track.State is TrackState.Rejected or TrackState.Missing)
            {
                left++;
                continue;
            }

            try
            {
                var isWritten = journal is not null
                    ? await InPlaceAsync(track, files, journal, version, cancel)
                    : await CopyAsync(track, files, copies!, parsed.GetValue(replace), version, cancel);
                if (isWritten) written++;
                else left++;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or RequestFailedException
                or UnauthorizedAccessException)
            {
                failed++;
                await Console.Error.WriteLineAsync($"openmu: {track.FileName}: {Outage.FirstLine(e)}");
            }
        }

        Console.WriteLine($"{written} files tagged, {left} left as they are, {failed} failed.");
        return failed == 0 ? ExitCode.Done : ExitCode.NotDone;
    }

    // A copy beside the music could take the place of a file of the same name.
    private static TagCopies Copies(DirectoryInfo folder, MusicSource files)
    {
        var target = RealPath(folder);
        foreach (var music in files.Folders.Select(music => RealPath(new DirectoryInfo(music))))
        {
            if (target.StartsWith(music, StringComparison.Ordinal)
                || music.StartsWith(target, StringComparison.Ordinal))
                throw new UsageException($"{folder} and your music in {music} lie in one another: give another folder.");
        }

        return new TagCopies(folder);
    }

    private static string RealPath(DirectoryInfo folder) => Path.TrimEndingDirectorySeparator(
        (folder.Exists ? folder.ResolveLinkTarget(returnFinalTarget: true) : null)?.FullName ?? folder.FullName)
        + Path.DirectorySeparatorChar;

    private static async Task<bool> CopyAsync(
        ExportedTrack track, MusicSource files, TagCopies copies, bool replaces, byte version, CancellationToken cancel)
    {
        var path = copies.Of(track.Track);
        if (File.Exists(path) && !replaces) return false;
        Require(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = TaggedCopy.Part(path);
        try
        {
            await files.CopyAsync(track.Track, part, cancel);
            await TaggedCopy.TagAsync(part, FileTagValues.Of(track), version, cancel);
            copies.Begin(track.Track, path);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return true;
    }

    private static async Task<bool> InPlaceAsync(
        ExportedTrack track, MusicSource files, TagJournal journal, byte version, CancellationToken cancel)
    {
        if (await files.FileAsync(track.Track, cancel) is not { } path)
        {
            foreach (var place in files.Places(track.Track))
            {
                if (await journal.IsTaggedAsync(place, track.Track.Job.ContentId, cancel)) return false;
            }

            throw new IOException("It is in no folder that was uploaded from here, or is another one by now.");
        }

        Require(path);
        var part = TaggedCopy.Part(path);
        try
        {
            journal.Start(path, part);
            File.Copy(path, part);
            await TaggedCopy.TagAsync(part, FileTagValues.Of(track), version, cancel);
            TaggedCopy.Flush(part);
            await journal.BeginAsync(path, part, cancel);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return true;
    }

    private static async Task<TagJournal> JournalAsync(
        DirectoryInfo folder, ParseResult parsed, CancellationToken cancel)
    {
        folder.Create();
        var journal = new TagJournal(folder.FullName);
        foreach (var file in await journal.FinishAsync(cancel))
            await Console.Error.WriteLineAsync($"openmu: finished {file}, which a run before had begun");
        return journal;
    }

    private static async Task<int> UndoAsync(TagJournal journal, CancellationToken cancel)
    {
        var (restored, left) = await journal.UndoAsync(cancel);
        foreach (var file in left)
            await Console.Error.WriteLineAsync($"openmu: {file} was changed since, or its backup: it is left alone.");
        Console.WriteLine($"{restored} files are as they were, {left.Count} left alone.");
        return left.Count == 0 ? ExitCode.Done : ExitCode.NotDone;
    }

    private static void Require(string path)
    {
        if (!TagWriter.Endings.Contains(Path.GetExtension(path)))
            throw new InvalidDataException($"Tags can be written into {string.Join(", ", TagWriter.Endings.Order())}.");
    }
}
