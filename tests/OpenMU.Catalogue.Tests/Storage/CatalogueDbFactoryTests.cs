using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Storage;

public sealed class CatalogueDbFactoryTests
{
    private static readonly DateTime Noon = new(2026, 1, 2, 12, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_of_another_version_is_refused_and_says_what_it_lacks()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        await db.Database.ExecuteSqlAsync($"ALTER TABLE Analyses DROP COLUMN Sections", Cancel);

        var open = () => db.MigrateAsync(Cancel);

        (await open.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should()
            .Contain("Analyses.Sections").And.Contain("another version");
    }

    [Fact]
    public async Task Only_a_program_that_searches_keeps_much_of_the_file_in_each_connection_and_all_are_bounded()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var settings = new CatalogueSettings { ConnectionString = $"Data Source={file.Path}" };
        foreach (var (isSearched, kilobytes) in new[] { (true, 16_384), (false, 2048), (true, 16_384) })
        {
            await using var db = new CatalogueDbFactory(settings, isSearched).CreateDbContext();
            (await db.Database.SqlQueryRaw<long>("SELECT cache_size AS Value FROM pragma_cache_size").SingleAsync(Cancel))
                .Should().Be(-kilobytes);
            (await db.Database.SqlQueryRaw<long>(
                "SELECT soft_heap_limit AS Value FROM pragma_soft_heap_limit").SingleAsync(Cancel)).Should().Be(128 << 20);
        }
    }

    [Fact]
    public async Task An_analysis_comes_back_as_it_was_stored()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var stored = Full();
        await using (var db = file.Open())
        {
            db.Add(new Track
            {
                Tenant = "home",
                BlobName = "home/a.flac",
                ETag = "1",
                FileName = "a.flac",
                SizeBytes = 7,
                UploadedAt = Noon,
                Job = new Job
                {
                    Tenant = "home",
                    ContentId = "sha256:00",
                    ModelVersion = "mir-1",
                    State = JobState.Ready,
                    CreatedAt = Noon,
                    Analysis = stored,
                },
            });
            await db.SaveChangesAsync(Cancel);
        }

        await using var again = file.Open();
        var track = await again.Tracks.Include(t => t.Job.Analysis).SingleAsync(Cancel);
        track.Job.Analysis.Should().BeEquivalentTo(stored, options => options.WithStrictOrdering());
        track.UploadedAt.Should().Be(Noon);
        track.UploadedAt.Kind.Should().Be(DateTimeKind.Utc);
        again.ChangeTracker.HasChanges().Should().BeFalse("reading changes nothing");
    }

    [Fact]
    public async Task A_changed_list_of_tags_changes_the_words_that_search_sees()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using (var db = file.Open())
        {
            db.Add(new Job
            {
                Tenant = "home",
                ContentId = "sha256:00",
                ModelVersion = "mir-1",
                CreatedAt = Noon,
                Analysis = Full()
            });
            await db.SaveChangesAsync(Cancel);
        }

        await using (var db = file.Open())
        {
            var analysis = await db.Analyses.SingleAsync(Cancel);
            analysis.Tags = [new TagScore("genre", "dub", 0.5), new TagScore("mood", "dark", 0.25)];
            await db.SaveChangesAsync(Cancel);
        }

        await using var again = file.Open();
        var words = await again.Database.SqlQuery<string>($"SELECT TagText AS Value FROM Analyses").SingleAsync(Cancel);
        words.Should().Be("dub, dark");
    }

    [Fact]
    public async Task Programs_that_start_together_migrate_once_even_where_one_was_killed_while_it_did()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using (var db = file.Open())
        {
            // What a killed process leaves: EF's lock row, and migrations still to do.
            await db.GetService<IMigrator>().MigrateAsync("0", Cancel);
            await db.Database.ExecuteSqlRawAsync(
                """
                CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER NOT NULL PRIMARY KEY, Timestamp TEXT NOT NULL);
                INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01');
                """, Cancel);
        }

        await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => Task.Run(() => CatalogueDbFactory.ForFile(file.Path).MigrateAsync(Cancel))));
        await using var again = file.Open();
        (await again.Tracks.CountAsync(Cancel)).Should().Be(0);
    }

    [Fact]
    public async Task Writers_wait_for_each_other_and_none_fails()
    {
        const int writers = 8, rounds = 25;
        await using var file = await CatalogueFile.CreateAsync();
        await using (var db = file.Open())
        {
            db.Add(new Job { Tenant = "home", ContentId = "sha256:00", ModelVersion = "mir-1", CreatedAt = Noon });
            await db.SaveChangesAsync(Cancel);
        }

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                await using var db = file.Open();
                await db.InTransactionAsync(
                    async cancel =>
                    {
                        // Read, then write: the case that SQLite refuses unless the lock is taken first.
                        var job = await db.Jobs.SingleAsync(cancel);
                        job.Fence++;
                        return await db.SaveChangesAsync(cancel);
                    },
                    Cancel);
                await db.Jobs.ExecuteUpdateAsync(
                    set => set.SetProperty(job => job.Attempts, job => job.Attempts + 1), Cancel);
            }
        })));

        await using var again = file.Open();
        var job = await again.Jobs.SingleAsync(Cancel);
        (job.Fence, job.Attempts).Should().Be((writers * rounds, writers * rounds));
    }

    [Fact]
    public async Task A_transaction_whose_work_throws_leaves_nothing()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using (var db = file.Open())
        {
            var work = () => db.InTransactionAsync<int>(
                async cancel =>
                {
                    db.Add(
                        new Job { Tenant = "home", ContentId = "sha256:00", ModelVersion = "mir-1", CreatedAt = Noon });
                    await db.SaveChangesAsync(cancel);
                    throw new InvalidOperationException("half way");
                },
                Cancel);
            await work.Should().ThrowAsync<InvalidOperationException>().WithMessage("half way");
        }

        await using var again = file.Open();
        (await again.Jobs.CountAsync(Cancel)).Should().Be(0);
    }

    [Fact]
    public async Task One_blob_name_is_one_track_within_a_tenant()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        var job = new Job { Tenant = "home", ContentId = "sha256:00", ModelVersion = "mir-1", CreatedAt = Noon };
        Track Named(string blob) =>
            new() { Tenant = "home", BlobName = blob, ETag = "1", FileName = "a", UploadedAt = Noon, Job = job };
        db.AddRange(Named("home/a.mp3"), Named("home/a.MP3"));
        await db.SaveChangesAsync(Cancel);
        db.Add(Named("home/a.mp3"));
        var save = () => db.SaveChangesAsync(Cancel);
        await save.Should().ThrowAsync<DbUpdateException>();
    }

    [Fact]
    public void Settings_without_a_connection_string_are_refused()
    {
        var create = () => new CatalogueDbFactory(new CatalogueSettings());
        create.Should().Throw<ArgumentException>();
    }

    private static Analysis Full() => new()
    {
        Title = "Dämmerung",
        Artist = "A, B",
        Album = "C",
        DurationSeconds = 61.5,
        Codec = "flac",
        SampleRate = 44100,
        Channels = 2,
        Bpm = 120.5,
        BpmConfidence = 0.75,
        BpmAlternatives = [new TempoReading(60.25, 0.25), new TempoReading(241, 0.125)],
        Metre = 4,
        Beats = [new Beat(0.512, 1), new Beat(1.01, 2)],
        Key = MusicalKey.Parse("C# minor"),
        KeyConfidence = 0.5,
        TuningCents = -4.5,
        KeySegments = [new KeySegment(0, 61.5, MusicalKey.Parse("C# minor"), 0.5)],
        Sections = [new Section(0.25, 30, "A", "intro", 0.75), new Section(30, 61.5, "B")],
        Chords = [new ChordSegment(0, 2.25, "C#:min", 0.875), new ChordSegment(2.25, 61.5, "N", 1)],
        IntegratedLufs = -14.25,
        LoudnessRangeLu = 6.5,
        TruePeakDbtp = -0.5,
        QualityFlags = ["clipped", "mono"],
        Caption = "A slow \"piece\".",
        Description = "Longer words.",
        ModelProblem = "None, really.",
        Tags = [new TagScore("genre", "ambient", 0.875), new TagScore("instrument", "piano", 0.5)],
        Sources =
        [
            new FieldSource("Bpm", "mir.tempo", "1", "open", 61.5, 0.75),
            new FieldSource("Key", "mir.key", "1", "open", 61.5, null)
        ],
        AnalysedAt = Noon,
    };
}
