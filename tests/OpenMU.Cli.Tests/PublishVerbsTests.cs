using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

/// <summary>A new model's analyses compared, published and rolled back at a terminal, on a home folder.</summary>
public sealed class PublishVerbsTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-publish-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_held_back_is_compared_published_listed_and_rolled_back()
    {
        await SeedAsync(2);

        var diff = await DoneAsync("diff", "--json");
        (Number(diff, "tracks"), Number(diff, "changed"), diff.GetProperty("modelVersion").GetString()).Should()
            .Be((2, 2, "second"));
        var text = await RunAsync("diff", "1");
        text.Output.Should().Contain("second beside what is shown: 1 track").And
            .Contain("caption: 1 track, 0 of them had none").And.Contain("1 1.wav: A waltz. -> A tango.");

        (Number(await DoneAsync("publish", "2", "--by", "Ada"), "moved"), await ShownAsync()).Should()
            .Be((1, "first second"));
        (Number(await DoneAsync("publish"), "moved"), await ShownAsync()).Should().Be((1, "second second"));
        (await RunAsync("publish")).Should().Be((
            ExitCode.Usage, "", "openmu: No analyses are held back; --model VERSION names others.\n"));
        (await RunAsync("publish", "--history")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("by").GetString())
            .Should().Equal(Environment.UserName, "Ada");

        (Number(await DoneAsync("rollback", "--model", "second"), "moved"), await ShownAsync()).Should()
            .Be((2, "first first"));
        (await RunAsync("rollback")).Code.Should().Be(ExitCode.Usage, "it must be said whose are no longer wanted");
        (await RunAsync("publish", "x")).Error.Should().Be("openmu: x is not the id of a track.\n");
    }

    private async Task SeedAsync(int tracks)
    {
        await using var system = await HomeSystem.OpenAsync(data, Cancel);
        await using var db = system.Catalogue.CreateDbContext();
        for (var n = 1; n <= tracks; n++)
        {
            db.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"default/{n}.wav",
                ETag = "\"1\"",
                FileName = $"{n}.wav",
                Job = Job(n, "first", "A waltz."),
            });
        }

        await db.SaveChangesAsync(Cancel);
        for (var n = 1; n <= tracks; n++)
        {
            var job = Job(n, "second", "A tango.");
            job.HeldSince = DateTime.UnixEpoch;
            db.Add(job);
        }

        await db.SaveChangesAsync(Cancel);
    }

    private static Job Job(int n, string model, string caption) => new()
    {
        Tenant = TrackBlob.DefaultTenant,
        ContentId = $"sha256:{n}",
        ModelVersion = model,
        State = JobState.Ready,
        Analysis = new Analysis { Codec = "flac", Caption = caption },
    };

    private async Task<string> ShownAsync()
    {
        await using var system = await HomeSystem.OpenAsync(data, Cancel);
        await using var db = system.Catalogue.CreateDbContext();
        return string.Join(' ', await db.Tracks.OrderBy(t => t.Id).Select(t => t.Job.ModelVersion).ToListAsync(Cancel));
    }

    private static int Number(JsonElement said, string name) => said.GetProperty(name).GetInt32();

    private async Task<JsonElement> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.Should().Be(ExitCode.Done, error);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);
}
