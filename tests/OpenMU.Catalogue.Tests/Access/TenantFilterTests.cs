using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Access;

public sealed class TenantFilterTests
{
    // What is nobody's, or the operator's: the other programs need it for all.
    private static readonly string[] Shared = ["Provenance", "Sweep", "Tenant", "UnknownPrefix"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CatalogueProvider.Sqlite, "Data Source=nowhere.db")]
    [InlineData(CatalogueProvider.SqlServer, "Server=nowhere;Database=catalogue")]
    public void Every_table_is_filtered_by_the_tenant_unless_it_is_named_here(
        CatalogueProvider provider, string connectionString)
    {
        var factory = new CatalogueDbFactory(
            new CatalogueSettings { Provider = provider, ConnectionString = connectionString });
        using (var all = factory.CreateDbContext())
            all.Model.GetEntityTypes().Should().OnlyContain(type => type.GetDeclaredQueryFilters().Count == 0);

        using var scope = TenantScope.Enter("north");
        using var one = factory.CreateDbContext();
        one.Model.GetEntityTypes().Where(type => !type.IsOwned() && type.GetDeclaredQueryFilters().Count == 0)
            .Select(type => type.ClrType.Name).Should().BeEquivalentTo(Shared);
    }

    [Fact]
    public async Task A_context_of_one_tenant_reads_changes_and_deletes_nothing_of_another()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var (north, south) = (await AddAsync(file, "north"), await AddAsync(file, "south"));

        using (TenantScope.Enter("north"))
        {
            await using var db = file.Open();
            (await db.Tracks.Include(t => t.Job.Analysis).SingleAsync(Cancel)).Job.Analysis!.Title.Should().Be("north");
            (await db.Tracks.FindAsync([south], Cancel)).Should().BeNull();
            (await db.SearchRows.Select(row => row.TrackId).ToListAsync(Cancel)).Should().Equal(north);
            (await db.Analyses.Select(analysis => analysis.Title).ToListAsync(Cancel)).Should().Equal("north");
            (await db.TrackLyrics.CountAsync(Cancel)).Should().Be(1);
            (await db.Corrections.ExecuteUpdateAsync(set => set.SetProperty(c => c.By, "north"), Cancel)).Should().Be(1);
            (await db.TrackLyrics.ExecuteDeleteAsync(Cancel)).Should().Be(1);
            (await db.Analyses.ExecuteDeleteAsync(Cancel)).Should().Be(1);
        }

        await using var all = file.Open();
        (await all.Corrections.SingleAsync(c => c.Tenant == "south", Cancel)).By.Should().Be("south");
        (await all.TrackLyrics.SingleAsync(Cancel)).TrackId.Should().Be(south);
        (await all.Analyses.SingleAsync(Cancel)).Title.Should().Be("south");
    }

    [Fact]
    public async Task A_context_of_one_tenant_writes_no_row_of_another()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await AddAsync(file, "south");
        using var scope = TenantScope.Enter("north");
        await using var db = file.Open();
        db.Corrections.Add(new Correction { Tenant = "south", ContentId = "sha256:x", By = "north" });

        await db.Invoking(d => d.SaveChangesAsync(Cancel)).Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*not of the tenant*");
    }

    [Fact]
    public async Task A_question_about_a_track_of_another_tenant_leads_to_nothing()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await AddAsync(file, "north");
        var south = await AddAsync(file, "south");
        long question;
        await using (var all = file.Open())
        {
            // As a defect somewhere else might leave it.
            var asked = all.Questions.Add(new Question
            {
                Tenant = "north",
                TrackId = south,
                Text = "What is it?",
                Selection = { new QuestionTrack { Position = 1, TrackId = south } },
                Job = new Job
                {
                    Tenant = "north",
                    ContentId = "question:1",
                    Kind = JobKind.Question,
                    ModelVersion = Job.AnyModel,
                },
            }).Entity;
            await all.SaveChangesAsync(Cancel);
            question = asked.Id;
        }

        using var scope = TenantScope.Enter("north");
        await using var db = file.Open();
        (await db.Questions.Include(q => q.Track!.Job).Where(q => q.Id == question).ToListAsync(Cancel))
            .Should().OnlyContain(q => q.Track == null);
        (await db.Questions.Where(q => q.Id == question).SelectMany(q => q.Selection).Include(s => s.Track.Job)
            .ToListAsync(Cancel)).Should().BeEmpty();
        (await new QuestionStore(file.Factory, null!, TimeProvider.System).OfTrackAsync("south", south, Cancel))
            .Should().BeNull("not even a call that names the other tenant finds it");
    }

    [Fact]
    public async Task Earlier_measurements_of_the_same_bytes_are_not_another_tenants()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await AddAsync(file, "south", content: "sha256:same");
        await AddAsync(file, "north", content: "sha256:same");

        using var scope = TenantScope.Enter("north");
        await using var db = file.Open();
        var found = from job in db.Jobs
                    join analysis in db.Analyses on job.Id equals analysis.JobId
                    where job.ContentId == "sha256:same"
                    select analysis.Title;
        (await found.ToListAsync(Cancel)).Should().Equal("north");
    }

    [Fact]
    public async Task Scopes_follow_the_work_and_end()
    {
        TenantScope.Current.Should().BeNull();
        using (TenantScope.Enter("north"))
        {
            await Task.Yield();
            TenantScope.Current.Should().Be("north");
            using (TenantScope.Enter("south")) TenantScope.Current.Should().Be("south");
            TenantScope.Current.Should().Be("north");
        }

        TenantScope.Current.Should().BeNull();
    }

    private static async Task<long> AddAsync(CatalogueFile file, string tenant, string? content = null)
    {
        content ??= $"sha256:{tenant}";
        await using var db = file.Open();
        var track = db.Tracks.Add(new Track
        {
            Tenant = tenant,
            BlobName = $"{tenant}/a.wav",
            ETag = "\"1\"",
            FileName = "a.wav",
            Job = new Job
            {
                Tenant = tenant,
                ContentId = content,
                ModelVersion = "none",
                State = JobState.Ready,
                Analysis = new Analysis { Codec = "pcm", Title = tenant },
            },
        }).Entity;
        db.Corrections.Add(new Correction { Tenant = tenant, ContentId = content, By = tenant });
        await db.SaveChangesAsync(Cancel);
        db.TrackLyrics.Add(new TrackLyrics { TrackId = track.Id, Origin = tenant });
        await db.SaveChangesAsync(Cancel);
        return track.Id;
    }
}
