using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary><c>openmu take-down</c> as a user types it, on a catalogue that <c>openmu up</c> has made.</summary>
public sealed class TakeDownTrackTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-unwanted-");
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-unwanted-data-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Report => Path.Combine(data.FullName, "report.jsonl");

    private CatalogueDbFactory Catalogue =>
        CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        data.Delete(recursive: true);
    }

    // Without the folder's own part, which tells folders of one name apart.
    private static string Plain(string line) => Regex.Replace(line, "default/[^/]+/", "default/");

    [Fact]
    public async Task Audio_rows_index_and_lyrics_are_gone_the_record_stays_and_the_same_file_is_rejected_from_then_on()
    {
        File.WriteAllBytes(In("unwanted.wav"), TestSound.Tone(3, 220));
        await File.WriteAllTextAsync(In("unwanted.lrc"), "[00:01.00]We sang of the quokka by the river\n", Cancel);
        File.WriteAllBytes(In("kept.wav"), TestSound.Tone(3, 330));
        await UpAsync(ExitCode.Done);
        (await FoundAsync("quokka")).Should().Equal("unwanted.wav");
        var track = await IdAsync("unwanted.wav");

        var (code, output, error) = await TakeDownAsync($"{track}", "--reason", "Demand 7.");

        (code, error).Should().Be((ExitCode.Done, ""));
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Plain).Should().Equal(
            "Deleted default/unwanted.wav", "Deleted default/unwanted.lrc",
            "Taken down. The same file is rejected from now on.");
        (await BlobsAsync()).Select(Plain).Should().Equal("default/kept.wav");
        (await FoundAsync("quokka")).Should().BeEmpty();
        (await FoundAsync("unwanted")).Should().BeEmpty();
        await ShouldBeOneTracksAsync();
        (await RecordAsync()).Should().StartWith(JobLedger.TakenDown).And.EndWith(": Demand 7.");

        // The folder is its owner's and still has both files.
        await UpAsync(ExitCode.Rejected);
        var reasons = await ReasonsAsync();
        reasons["unwanted.wav"].Should().StartWith(JobLedger.TakenDown).And.EndWith(": Demand 7.");
        reasons["kept.wav"].Should().BeNull();
        (await FoundAsync("quokka")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_track_that_is_not_there_or_a_demand_without_a_reason_takes_nothing_down()
    {
        File.WriteAllBytes(In("kept.wav"), TestSound.Tone(3, 330));
        await UpAsync(ExitCode.Done);

        foreach (var (arguments, says) in (IEnumerable<(string[], string)>)
        [
            (["99", "--reason", "Demand 7."], "There is no track 99 in"),
            ([$"{await IdAsync("kept.wav")}", "--reason", " "], "--reason must have 1 to 500 characters."),
            ([$"{await IdAsync("kept.wav")}"], "--reason"),
        ])
        {
            var (code, output, error) = await TakeDownAsync(arguments);
            (code, output).Should().Be((ExitCode.Usage, ""));
            error.Should().Contain(says);
        }

        (await BlobsAsync()).Select(Plain).Should().Equal("default/kept.wav");
        await ShouldBeOneTracksAsync();
    }

    private string In(string name) => Path.Combine(folder.FullName, name);

    private async Task UpAsync(int code)
    {
        var ran = await OpenMuVerb.RunAsync(
            "up", "--once", "--data", data.FullName, folder.FullName, "--port", "0", "--report", Report, "--model",
            SmallRandomModel.Write(data.FullName), "--model-threads", "1");
        ran.Code.Should().Be(code, ran.Output + ran.Error);
    }

    private Task<(int Code, string Output, string Error)> TakeDownAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync(["take-down", .. arguments, "--data", data.FullName]);

    private async Task<Dictionary<string, string?>> ReasonsAsync() => (await File.ReadAllLinesAsync(Report, Cancel))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .ToDictionary(
            line => line.GetProperty("file").GetString()!,
            line => line.TryGetProperty("reason", out var reason) ? reason.GetString() : null);

    private async Task<IReadOnlyList<string>> FoundAsync(string word)
    {
        var (_, output, _) = await OpenMuVerb.RunAsync("search", word, "--data", data.FullName);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")[1])];
    }

    private async Task<long> IdAsync(string file)
    {
        await using var db = Catalogue.CreateDbContext();
        return await db.Tracks.Where(t => t.FileName == file).Select(t => t.Id).SingleAsync(Cancel);
    }

    private async Task<IReadOnlyList<string>> BlobsAsync()
    {
        await using var system = await HomeSystem.OpenAsync(data, Cancel);
        var names = new List<string>();
        await foreach (var blob in system.Storage.Tracks.GetBlobsAsync(cancellationToken: Cancel)) names.Add(blob.Name);
        return names;
    }

    private async Task ShouldBeOneTracksAsync()
    {
        await using var db = Catalogue.CreateDbContext();
        (await db.Tracks.CountAsync(Cancel)).Should().Be(1);
        (await db.Analyses.CountAsync(Cancel)).Should().Be(1);
        (await db.SearchRows.CountAsync(Cancel)).Should().Be(1);
        (await db.TrackLyrics.CountAsync(Cancel) + await db.ContentLyrics.CountAsync(Cancel)).Should().Be(0);
    }

    private async Task<string?> RecordAsync()
    {
        await using var db = Catalogue.CreateDbContext();
        return await db.Jobs.Where(j => j.State == JobState.Rejected).Select(j => j.Reason).SingleAsync(Cancel);
    }
}
