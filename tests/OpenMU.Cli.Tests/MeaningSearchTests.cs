using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Tests;

public sealed class MeaningSearchTests : IDisposable
{
    private static readonly string[] Captions =
    [
        "An aggressive industrial track with distorted guitars and pounding drums.",
        "A slow, melancholic piece for solo piano, tender and cinematic.",
        "A brass band plays a proud march.",
    ];

    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("openmu-meaning-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_wish_in_free_text_finds_what_it_means_and_texts_that_nobody_has_read_are_read_first()
    {
        await SeedAsync();

        var (code, output, error) = await RunAsync("warm", "sad", "piano", "for", "a", "film", "scene", "--meaning");
        code.Should().Be(ExitCode.Done);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(3)
            .And.Subject.First().Should().StartWith("2  1.flac");
        error.Should().Contain("Reading the texts of 3 tracks.").And.Contain("In the order of their meaning.");

        // They have been read now, so that words which no track has all of find them by meaning too.
        (_, output, error) = await RunAsync("sorrowful piano for the end of a movie");
        output.Should().StartWith("2  1.flac");
        error.Should().NotContain("Reading").And.Contain("these mean the nearest");
        (await RunAsync("proud march")).Output.Trim().Should().Be("3  2.flac  Ready  60 s");
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuVerb.RunAsync(["search", .. arguments, "--data", data.FullName]);

    private async Task SeedAsync()
    {
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
        await catalogue.MigrateAsync(Cancel);
        for (var i = 0; i < Captions.Length; i++)
        {
            await using var db = catalogue.CreateDbContext();
            db.Add(new Track
            {
                Tenant = TrackBlob.DefaultTenant,
                BlobName = $"{TrackBlob.DefaultTenant}/{i}.flac",
                ETag = "1",
                FileName = $"{i}.flac",
                Job = new Job
                {
                    Tenant = TrackBlob.DefaultTenant,
                    ContentId = $"sha256:{i}",
                    ModelVersion = "m",
                    State = JobState.Ready,
                    Analysis = new Analysis { Codec = "flac", DurationSeconds = 60, Caption = Captions[i] },
                },
            });
            await db.SaveChangesAsync(Cancel);
        }
    }
}
