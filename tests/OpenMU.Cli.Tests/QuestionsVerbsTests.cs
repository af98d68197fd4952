using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music.Questions;

namespace OpenMU.Cli.Tests;

/// <summary>Questions in bulk at a terminal, with real storage.</summary>
public sealed class QuestionsVerbsTests : IAsyncDisposable
{
    private static readonly Answer Reply = new(
        "In A minor.", AnswerOutcome.Answered, 0, [], "tiny-1", "2", "open", 10, DateTime.UnixEpoch);

    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-questions-");

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
    public async Task Questions_about_chosen_tracks_are_asked_once_and_their_answers_read_as_they_come()
    {
        await SeedAsync(JobState.Ready, JobState.Ready, JobState.Queued);
        string[] ask = ["ask", "--all", "--ask", "Which key?", "--ask", "Is it fast?", "--once", "night"];
        var batch = (await LinesAsync(ask)).Single();
        batch.GetProperty("total").GetInt32().Should().Be(6);
        var id = $"{batch.GetProperty("id")}";
        (await LinesAsync(ask)).Single().GetProperty("id").ToString().Should().Be(id, "it is the same request");
        (await RunAsync(["ask", "1", "--ask", "Other?", "--once", "night"])).Error
            .Should().Be("openmu: The key was another request's.\n");
        (await LinesAsync(["answers", id])).Should().BeEmpty();

        var jobs = await AnswerAsync(2);
        var first = await LinesAsync(["answers", id]);
        first.Select(line => line.GetProperty("answer").GetProperty("text").GetString())
            .Should().Equal("In A minor.", "In A minor.");
        await AnswerAsync(1);
        var cursor = first[^1].GetProperty("cursor").GetString()!;
        (await LinesAsync(["answers", id, "--after", cursor])).Should().ContainSingle()
            .Which.GetProperty("state").GetString().Should().Be("Ready");

        (await LinesAsync(["cancel", id])).Single().GetRawText().Should().Be("""{"Ready":3,"Cancelled":3}""");
        (await LinesAsync(["answers", id, "--follow"])).Should().HaveCount(6, "all have ended");
        (await LinesAsync(["list"])).Single().GetProperty("finishedAt").ValueKind.Should().Be(JsonValueKind.String);
    }

    [Theory]
    [InlineData("[0]: Ask something.", "ask", "1", "--ask", " ")]
    [InlineData("There is no track 99.", "ask", "99", "--ask", "Which key?")]
    [InlineData("Name tracks by their ids, or by the options of `openmu search` with --text WORDS; --all means all.",
        "ask", "--ask", "Which key?")]
    [InlineData("There is no batch 7.", "answers", "7")]
    [InlineData("There is no batch 7.", "cancel", "7")]
    [InlineData("--after x is no cursor of an answer.", "answers", "7", "--after", "x")]
    public async Task What_cannot_be_is_said_in_one_line(string said, params string[] arguments)
    {
        await SeedAsync(JobState.Ready);
        var (code, _, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Usage);
        error.Should().Contain($"openmu: {said}");
    }

    private async Task<IReadOnlyList<long>> AnswerAsync(int count)
    {
        var factory = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
        await using var db = factory.CreateDbContext();
        var jobs = await db.Jobs.Where(j => j.Kind == JobKind.Question && j.State == JobState.Queued)
            .OrderBy(j => j.Id).Select(j => j.Id).Take(count).ToListAsync(Cancel);
        jobs.Should().HaveCount(count);
        var ledger = new JobLedger(factory, TimeProvider.System, JobKind.Question);
        foreach (var job in jobs)
        {
            var claim = await ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), Cancel);
            await ledger.CommitAsync(claim.Should().BeOfType<ClaimAnswer.Granted>().Which.Claim, Reply, Cancel);
        }
        return jobs;
    }

    private async Task SeedAsync(params JobState[] states)
    {
        system = await HomeSystem.OpenAsync(data, Cancel);
        await using var db = system.Catalogue.CreateDbContext();
        foreach (var (i, state) in states.Index())
        {
            db.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"default/{i}.wav",
                ETag = $"\"{i}\"",
                FileName = $"{i}.wav",
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{i}",
                    ModelVersion = "tiny",
                    State = state,
                    Analysis = state == JobState.Ready ? new Analysis { Codec = "flac" } : null,
                },
            });
        }
        await db.SaveChangesAsync(Cancel);
    }

    private async Task<List<JsonElement>> LinesAsync(string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    private Task<(int Code, string Output, string Error)> RunAsync(string[] arguments) =>
        OpenMuVerb.RunAsync(["questions", .. arguments, "--data", data.FullName]);
}
