using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Drills;

namespace OpenMU.Cli.Tests.Drills;

/// <summary>Faults that are planted in a catalogue must be found, each as what it is.</summary>
public sealed class DrillBooksTests : IDisposable
{
    private static readonly DrillFile[] Files =
    [
        new("a.wav", JobState.Ready, 1), new("b.wav", JobState.Ready, 1), new("bad.mp3", JobState.Rejected, 1),
        new("hung.wav", JobState.Failed, JobLedger.MaxAttempts),
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-books-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(folder.FullName, "catalogue.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Where_every_file_has_its_end_nothing_is_found() => (await FindAsync(_ => { })).Should().BeEmpty();

    [Fact]
    public async Task Without_a_catalogue_every_file_is_lost() =>
        (await new DrillBooks(Path).CloseAsync(Files, Cancel)).Should().HaveCount(Files.Length)
            .And.OnlyContain(finding => finding.Wrong == DrillWrong.Lost);

    [Fact]
    public async Task A_file_without_a_track_and_one_that_did_not_end_are_lost()
    {
        var found = await FindAsync(jobs =>
        {
            jobs.Remove("a.wav");
            (jobs["bad.mp3"].State, jobs["bad.mp3"].Attempts) = (JobState.Analysing, 1);
        });

        found.Should().Equal((DrillWrong.Lost, "a.wav"), (DrillWrong.Lost, "bad.mp3"));
    }

    [Fact]
    public async Task A_second_job_and_a_track_of_no_file_are_doubled()
    {
        var found = await FindAsync(jobs =>
        {
            jobs["again"] = Job("again.wav", JobState.Ready, 1, "sha256:a.wav", "other");
            jobs["left"] = Job("left.wav", JobState.Ready, 1);
            jobs["left"].Tracks.Clear();
        });

        found.Should().BeEquivalentTo<(DrillWrong, string)>(
        [
            (DrillWrong.Doubled, "again.wav"), (DrillWrong.Doubled, "sha256:a.wav"), (DrillWrong.Doubled, "job 6"),
        ]);
    }

    [Fact]
    public async Task Two_tracks_of_one_file_are_doubled() =>
        (await FindAsync(jobs => jobs["b.wav"].Tracks.Add(Track("b.wav", "default/other/b.wav"))))
            .Should().Equal((DrillWrong.Doubled, "b.wav"));

    [Fact]
    public async Task An_analysis_that_is_made_again_is_doubled()
    {
        await SeedAsync(_ => { });
        var books = new DrillBooks(Path);
        await books.LookAsync(Cancel);
        await using (var db = CatalogueDbFactory.ForFile(Path).CreateDbContext())
        {
            db.Analyses.OrderBy(analysis => analysis.JobId).First().AnalysedAt = new DateTime(2026, 1, 2);
            await db.SaveChangesAsync(Cancel);
        }

        var found = await books.CloseAsync(Files, Cancel);

        books.Ended.Should().Be(4);
        found.Select(finding => (finding.Wrong, finding.Subject)).Should().Equal((DrillWrong.Doubled, "a.wav"));
    }

    [Fact]
    public async Task Another_end_than_the_truth_and_tries_charged_to_the_innocent_are_wrong()
    {
        var found = await FindAsync(jobs =>
        {
            (jobs["a.wav"].State, jobs["a.wav"].Analysis) = (JobState.Failed, null);
            jobs["b.wav"].Attempts = 2;
            (jobs["bad.mp3"].State, jobs["bad.mp3"].Analysis) = (JobState.Rejected, new Analysis { Codec = "mp3" });
            jobs["hung.wav"].Attempts = 3;
        });

        found.Should().Equal(Files.Select(file => (DrillWrong.WronglyEnded, file.Name)));
    }

    private async Task<IEnumerable<(DrillWrong, string)>> FindAsync(Action<Dictionary<string, Job>> plant)
    {
        await SeedAsync(plant);
        return (await new DrillBooks(Path).CloseAsync(Files, Cancel))
            .Select(finding => (finding.Wrong, finding.Subject));
    }

    private async Task SeedAsync(Action<Dictionary<string, Job>> plant)
    {
        var jobs = Files.ToDictionary(file => file.Name, file => Job(file.Name, file.Truth, file.MostTries));
        plant(jobs);
        var catalogue = CatalogueDbFactory.ForFile(Path);
        await catalogue.MigrateAsync(Cancel);
        await using var db = catalogue.CreateDbContext();
        foreach (var job in jobs.Values)
        {
            db.Add(job);
            await db.SaveChangesAsync(Cancel);
        }
    }

    private static Job Job(
        string name, JobState state, int attempts, string? content = null, string model = Catalogue.Jobs.Job.NoModel) =>
        new()
        {
            Tenant = "default",
            ContentId = content ?? $"sha256:{name}",
            ModelVersion = model,
            State = state,
            Attempts = attempts,
            Analysis = state == JobState.Ready ? new Analysis { Codec = "pcm_s16le" } : null,
            Tracks = { Track(name, $"default/{name}") },
        };

    private static Track Track(string name, string blobName) =>
        new() { Tenant = "default", BlobName = blobName, ETag = "1", FileName = name };
}
