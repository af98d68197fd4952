using System.Text.Json;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

public sealed class SimilarTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-similar-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Similar_tracks_are_lines_with_reasons_or_json()
    {
        await SeedAsync([1, 0], [0.9f, 0.2f], [0, 1]);

        var (code, output, error) = await RunAsync("similar", "1", "--limit", "2");
        (code, error).Should().Be((ExitCode.Done, ""));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(2);
        lines[0].Should().StartWith("2  0.").And.EndWith("1.flac  sound 0.98; same tempo");

        var json = (await RunAsync("similar", "1", "--json", "--tempo", "0")).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        json.Select(track => track.GetProperty("id").GetInt64()).Should().Equal(2, 3);
        json[0].GetProperty("reasons")[0].GetString().Should().Be("sound 0.98");
    }

    [Fact]
    public async Task A_path_and_near_duplicates_are_shown()
    {
        await SeedAsync([1, 0], [0.7f, 0.7f], [0, 1], [0.01f, 1]);

        (await RunAsync("path", "1", "3", "--steps", "1")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[0]).Should().Equal("1", "2", "3");
        var (code, output, error) = await RunAsync("similar", "--duplicates");
        code.Should().Be(ExitCode.Done);
        output.Trim().Should().Be("1.000  3 2.flac  4 3.flac");
        error.Trim().Should().Be("1 pair that may be the same recording; nothing was changed");
    }

    [Theory]
    [InlineData(ExitCode.Usage, "Give a track, or --file, or --duplicates.", "similar")]
    [InlineData(ExitCode.Usage, "Give a track, or --file, or --duplicates.", "similar", "1", "--duplicates")]
    [InlineData(ExitCode.Usage, "There is no such track", "similar", "99")]
    [InlineData(ExitCode.Usage, "One weight must be above 0.", "similar", "1", "--sound", "0", "--tempo", "0", "--key",
        "0", "--mood", "0", "--instruments", "0")]
    [InlineData(ExitCode.NotDone, "No model has heard this track", "similar", "2")]
    public async Task What_cannot_be_done_is_said(int code, string why, params string[] arguments)
    {
        await SeedAsync([1, 0], null);

        var (ended, _, error) = await RunAsync(arguments);

        ended.Should().Be(code);
        error.Should().Contain(why);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync([.. arguments, "--data", data.FullName]);

    private async Task SeedAsync(params float[]?[] vectors)
    {
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
        await catalogue.MigrateAsync(Cancel);
        await using var db = catalogue.CreateDbContext();
        for (var i = 0; i < vectors.Length; i++)
        {
            db.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"default/{i}.flac",
                ETag = "1",
                FileName = $"{i}.flac",
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{i}",
                    ModelVersion = "m",
                    State = JobState.Ready,
                    Analysis = new Analysis
                    {
                        Codec = "flac",
                        Bpm = 120,
                        DurationSeconds = 60,
                        Embedding = vectors[i] is { } vector ? TrackEmbedding.Of("m", vector) : null
                    },
                },
            });
            await db.SaveChangesAsync(Cancel);
        }
    }
}
