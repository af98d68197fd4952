using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

public sealed class RedriveTests : IAsyncDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-redrive-");

    // Running while a test does, so that each verb need not start a storage of its own.
    private HomeSystem? system;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (system is not null) await system.DisposeAsync();
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_folder_without_a_catalogue_is_an_error_and_stays_as_it_is()
    {
        var gone = Path.Combine(data.FullName, "wrong");

        foreach (var folder in (string[])[gone, data.FullName])
        {
            var (code, output, error) = await OpenMuVerb.RunAsync("redrive", "--data", folder);
            (code, output).Should().Be((ExitCode.Usage, ""));
            error.Trim().Should().StartWith("openmu: There is no catalogue in").And.NotContain("\n");
        }

        Directory.GetFileSystemEntries(data.FullName).Should().BeEmpty();
    }

    [Fact]
    public async Task Each_kind_of_bad_end_is_sent_back_when_it_is_asked_for()
    {
        await SeedAsync(
            Job("sha256:1", JobState.Failed, "The disk is full."),
            Job("sha256:2", JobState.Rejected, "The Decoder was away."),
            Job("sha256:3", JobState.Rejected, "This is not audio."),
            Job("unread:4", JobState.Rejected, "The file is larger than 2 GiB."),
            Job("sha256:5", JobState.Ready, null, Analysis.ModelFailed + "CUDA error"),
            Job("sha256:6", JobState.Ready, null, "The track is too short for the model."));

        (await RedriveAsync("--rejected", "--reason", "decoder")).Should().StartWith("1 track ");
        (await QueuedAsync()).Should().Equal("sha256:2");
        (await RedriveAsync("--without-words")).Should().StartWith("1 track ");
        (await QueuedAsync()).Should().Equal("sha256:2", "sha256:5");
        (await RedriveAsync()).Should().StartWith("1 track ");
        (await QueuedAsync()).Should().Equal("sha256:1", "sha256:2", "sha256:5");
        (await RedriveAsync("--rejected")).Should().StartWith("1 track ");
        (await QueuedAsync()).Should().Equal("sha256:1", "sha256:2", "sha256:3", "sha256:5");
        (await RedriveAsync("--rejected")).Should().StartWith("There are no such");

        (await system!.Storage.Analysis.PeekMessagesAsync(32, Cancel)).Value.Should().HaveCount(4);
    }

    private static Job Job(string content, JobState state, string? reason, string? modelProblem = null) => new()
    {
        Tenant = "default",
        ContentId = content,
        ModelVersion = "tiny",
        State = state,
        Reason = reason,
        Analysis = state == JobState.Ready ? new Analysis { Codec = "flac", ModelProblem = modelProblem } : null,
        Tracks = { new Track { Tenant = "default", BlobName = $"default/{content}", ETag = "1", FileName = content } },
    };

    private async Task SeedAsync(params Job[] jobs)
    {
        system = await HomeSystem.OpenAsync(data, Cancel);
        await using var db = system.Catalogue.CreateDbContext();
        db.AddRange(jobs.AsEnumerable());
        await db.SaveChangesAsync(Cancel);
    }

    private async Task<List<string>> QueuedAsync()
    {
        await using var db = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, "catalogue.db")).CreateDbContext();
        return await db.Jobs.Where(job => job.State == JobState.Queued && job.EnqueuedAt != null)
            .OrderBy(job => job.ContentId).Select(job => job.ContentId).ToListAsync(Cancel);
    }

    private async Task<string> RedriveAsync(params string[] options)
    {
        var (code, output, error) = await OpenMuVerb.RunAsync(["redrive", "--data", data.FullName, .. options]);
        code.Should().Be(ExitCode.Done, error);
        return output;
    }
}
