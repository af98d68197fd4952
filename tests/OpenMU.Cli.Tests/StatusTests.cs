using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

/// <summary>The verbs that look at a catalogue, at home and as the environment names one.</summary>
public sealed class StatusTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-status-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task The_books_of_a_catalogue_in_which_nothing_is_open_close()
    {
        await using (var system = await HomeSystem.OpenAsync(data, Cancel))
        {
            await AddAsync(system, "default/a.wav", JobState.Ready);
            await AddAsync(system, "default/b.wav", JobState.Rejected, "The file holds no audio.");
        }

        var (code, output, error) = await OpenMuVerb.RunAsync("status", "--data", data.FullName);

        code.Should().Be(ExitCode.Done, output + error);
        output.Should().Contain("Tracks     default: 2 (Ready 1, Rejected 1)").And.Contain("Analysis Rejected: 1")
            .And.Contain("Files      2, tracks that have one 2").And.EndWith("The books close; nothing is open.\n");
    }

    [Fact]
    public async Task All_that_is_open_or_wrong_is_named_and_a_running_system_may_be_asked()
    {
        await using var system = await HomeSystem.OpenAsync(data, Cancel);
        await AddAsync(system, "default/waits.wav", JobState.Queued, enqueue: true);
        await AddAsync(system, "default/lost.wav", JobState.Queued);
        await AddAsync(system, "default/failed.wav", JobState.Failed, JobLedger.TriesFailed + "The disk is full.");
        await AddAsync(system, "default/gone.wav", JobState.Ready);
        await AddAsync(system, "default/mute.wav", JobState.Ready, problem: Analysis.ModelFailed + "CUDA error");
        await system.Storage.Tracks.DeleteBlobIfExistsAsync("default/gone.wav", cancellationToken: Cancel);
        await system.Storage.Tracks.UploadBlobAsync("default/new.wav", new BinaryData([1]), Cancel);
        await system.Storage.AnalysisPoison.SendMessageAsync("{\"JobId\":9}", Cancel);
        await system.Storage.Uploads.SendMessageAsync("default/new.wav", Cancel);

        var (code, output, error) = await OpenMuVerb.RunAsync("status", "--data", data.FullName);

        code.Should().Be(ExitCode.NotDone, error);
        foreach (var line in (string[])
        [
            "Analysis Queued: 2, the oldest 60 min old", "Messages   analysis: about 1, the oldest in front",
            "Messages   analysis-poison: about 1", "Open       uploads: names that nobody has looked at yet",
            "Wrong      Analysis failed: job 3, default/failed.wav", "The disk is full.",
            "Wrong      Analysis without a message (the sweep sends it again): job 2, default/lost.wav",
            "Wrong      1 track lacks the model's words", "analysis-poison holds messages",
            "Wrong      Files that the catalogue does not know as they are: default/new.wav",
            "Wrong      Tracks whose file is not there: default/gone.wav",
        ])
        {
            output.Should().Contain(line);
        }

        output.Should().EndWith("The books do not close.\n");
        var (redriven, said, _) = await OpenMuVerb.RunAsync("redrive", "--data", data.FullName);
        (redriven, said.Trim()).Should().Be((ExitCode.Done, "1 track or question is queued again."));
    }

    [Fact]
    public async Task A_catalogue_that_the_environment_names_is_searched_and_exported()
    {
        await using var system = await HomeSystem.OpenAsync(data, Cancel);
        foreach (var name in (string[])["default/dawn.wav", "default/dusk.wav", "other/dawn.wav"])
            await AddAsync(system, name, JobState.Ready);
        var environment = new Dictionary<string, string>
        {
            ["Catalogue__connectionString"] = $"Data Source={Path.Combine(data.FullName, HomeSystem.CatalogueFile)}",
            ["Storage__connectionString"] = system.Services.GetRequiredService<StorageSettings>().ConnectionString!,
        };

        var found = await OpenMuProgram.RunInAsync(environment, "search", "dawn");
        found.Should().Match<(int Code, string Output, string Error)>(ran =>
            ran.Code == ExitCode.Done && ran.Output.Trim() == "1  dawn.wav  Ready  1 s"
            && ran.Error.Trim() == "1 found, 1 shown");
        var csv = await OpenMuProgram.RunInAsync(environment, "export", "--sort", "FileName", "--descending");
        csv.Output.Split("\r\n").Skip(1).Select(line => line.Split(',').ElementAtOrDefault(1))
            .Should().Equal("dusk.wav", "dawn.wav", null);
        var other = await OpenMuProgram.RunInAsync(environment, "export", "--tenant", "other", "--format", "jsonl");
        other.Output.Should().Contain("\"fileName\":\"dawn.wav\"").And.HaveLength(other.Output.TrimEnd().Length + 1);
        (await OpenMuProgram.RunInAsync(environment, "status")).Output.Should().Contain("Tracks     other: 1 (Ready 1)");
        (await OpenMuProgram.RunInAsync(environment, "redrive")).Code.Should().Be(ExitCode.Done);
    }

    // The client of SQL Server refuses to work in a program that knows no cultures; it must get as far as the network.
    [Fact]
    public async Task A_SQL_Server_that_nobody_runs_is_said_to_be_out_of_reach()
    {
        var environment = new Dictionary<string, string>
        {
            ["Catalogue__provider"] = "SqlServer",
            ["Catalogue__connectionString"] = "Server=127.0.0.1,1;Database=catalogue;Connect Timeout=1;Encrypt=false;"
                + "User Id=nobody;Password=none",
            ["Storage__connectionString"] = "UseDevelopmentStorage=true",
        };

        var (code, _, error) = await OpenMuProgram.RunInAsync(environment, "search", "dawn");

        code.Should().Be(ExitCode.NotDone);
        error.Trim().Should().StartWith("openmu: The catalogue cannot be used:").And.NotContain("\n")
            .And.Contain("connection to SQL Server");
    }

    [Theory]
    [InlineData("search", "--key", "H minor", "There is no key 'H minor'")]
    [InlineData("export", "--state", "Lost", "Lost")]
    [InlineData("status", "--data", "nowhere", "There is no catalogue in")]
    public async Task What_cannot_be_done_is_said_in_one_line(string verb, string option, string value, string said)
    {
        var (code, output, error) = await OpenMuVerb.RunAsync(verb, option, value);

        (code, output).Should().Be((ExitCode.Usage, ""));
        error.Trim().Should().Contain(said).And.NotContain("\n");
    }

    private static async Task AddAsync(
        HomeSystem system, string name, JobState state, string? reason = null, string? problem = null,
        bool enqueue = false)
    {
        var blob = system.Storage.Tracks.GetBlobClient(name);
        var etag = (await blob.UploadAsync(new BinaryData(name), overwrite: true, Cancel)).Value.ETag;
        await using var db = system.Catalogue.CreateDbContext();
        var job = new Job
        {
            Tenant = name.Split('/')[0],
            ContentId = $"sha256:{name}",
            ModelVersion = "none",
            State = state,
            Reason = reason,
            CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1),
            Analysis = state == JobState.Ready
                ? new Analysis { Codec = "wav", DurationSeconds = 1, ModelProblem = problem } : null,
        };
        db.Add(new Track
        {
            Tenant = job.Tenant,
            BlobName = name,
            ETag = etag.ToString("H"),
            FileName = name.Split('/')[1],
            Job = job
        });
        await db.SaveChangesAsync(Cancel);
        if (enqueue) await system.Services.GetRequiredService<JobQueues>().Analyses.EnqueueAsync(job.Id, Cancel);
    }
}
