using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Requests;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tracks;
using OpenMU.Catalogue.Webhooks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Storage;

/// <summary>
/// The catalogue's tables and their configuration; the providers' own contexts add what only they have.
/// </summary>
public abstract class CatalogueDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>Of a title, an artist and an album in search: as much as fits an index key.</summary>
    internal const int MaxNameLength = 512;

    /// <summary>The index of SearchRows that holds all that facets need.</summary>
    internal const string NarrowIndex = "IX_SearchRows_Narrow";

    /// <summary>The index of SearchRows that finds rare states and keys.</summary>
    internal const string StateIndex = "IX_SearchRows_State";

    public DbSet<Track> Tracks => Set<Track>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<TenantQueue> TenantQueues => Set<TenantQueue>();

    public DbSet<TenantLimits> TenantLimits => Set<TenantLimits>();

    public DbSet<TenantUsage> TenantUsages => Set<TenantUsage>();

    public DbSet<Analysis> Analyses => Set<Analysis>();

    public DbSet<Question> Questions => Set<Question>();

    public DbSet<QuestionBatch> QuestionBatches => Set<QuestionBatch>();

    public DbSet<KeyedRequest> KeyedRequests => Set<KeyedRequest>();

    public DbSet<Correction> Corrections => Set<Correction>();

    public DbSet<CorrectionChange> CorrectionChanges => Set<CorrectionChange>();

    public DbSet<OwnerRecord> OwnerRecords => Set<OwnerRecord>();

    public DbSet<DeclaredField> DeclaredFields => Set<DeclaredField>();

    public DbSet<ImportRun> ImportRuns => Set<ImportRun>();

    public DbSet<PendingOwnerRow> PendingOwnerRows => Set<PendingOwnerRow>();

    public DbSet<StoredTaxonomy> Taxonomies => Set<StoredTaxonomy>();

    public DbSet<TaxonomyPublication> TaxonomyPublications => Set<TaxonomyPublication>();

    public DbSet<TrackLyrics> TrackLyrics => Set<TrackLyrics>();

    public DbSet<ContentLyrics> ContentLyrics => Set<ContentLyrics>();

    public DbSet<TrackEmbedding> TrackEmbeddings => Set<TrackEmbedding>();

    public DbSet<TextEmbedding> TextEmbeddings => Set<TextEmbedding>();

    public DbSet<StaleText> StaleTexts => Set<StaleText>();

    public DbSet<SearchRow> SearchRows => Set<SearchRow>();

    public DbSet<TrackCount> TrackCounts => Set<TrackCount>();

    public DbSet<Publication> Publications => Set<Publication>();

    public DbSet<Sweep> Sweeps => Set<Sweep>();

    public DbSet<UrlUpload> UrlUploads => Set<UrlUpload>();

    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<Tenant> Tenants => Set<Tenant>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<UnknownPrefix> UnknownPrefixes => Set<UnknownPrefix>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>Whose rows alone are seen and written; null for all. See <see cref="TenantScope"/>.</summary>
    public string? OnlyTenant { get; internal init; }

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(
        bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        TenantFilter.Guard(this);
        // A provenance comes with the first analysis that has it. Of two that come at once, the second fails, as its
        // caller's try does, and finds it there the next time.
        var named = ChangeTracker.Entries<Analysis>()
            .Where(entry => entry.State is EntityState.Added or EntityState.Modified)
            .Select(entry => entry.Entity.Sources).Where(sources => sources.Count > 0)
            .Select(sources => Provenance.Of(sources)).DistinctBy(provenance => provenance.Id);
        foreach (var provenance in named.ToList())
        {
            if (await Set<Provenance>().FindAsync([provenance.Id], cancellationToken) is null) Add(provenance);
        }

        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <summary>Brings the database to this program's schema; several programs may do so at once.</summary>
    public virtual Task MigrateAsync(CancellationToken cancel) => Database.MigrateAsync(cancel);

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction: all of it is committed, or none.
    /// Azure SQL may break a connection at any time, even while it commits. Then all of the work is done again on a
    /// cleared change tracker, so it must load inside what it changes, leave nothing outside the database changed, and
    /// be right when its first run was committed after all (a fence, a state or a unique key tells).
    /// </summary>
    public Task<T> InTransactionAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel) =>
        Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                ChangeTracker.Clear();
                await using var transaction = await Database.BeginTransactionAsync(token);
                var result = await work(token);
                await transaction.CommitAsync(token);
                return result;
            },
            cancel);

    /// <summary>
    /// The tenant's rows that have words, as little of them as facets need, in the order in which the tracks came.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="condition">Null: all rows.</param>
    /// <param name="withRanges">Whether tempo, loudness and length are needed; else they may be null.</param>
    /// <param name="withFacets">Whether facets are needed; else they may be empty.</param>
    internal abstract IQueryable<SearchHit> Hits(
        string tenant, SearchCondition? condition, bool withRanges, bool withFacets);

    /// <summary>The tracks of all tenants that have words.</summary>
    internal abstract IQueryable<long> WithWords(SearchCondition condition);

    /// <summary>
    /// The time (UTC) by which leases begin and end. Workers on many machines count by one clock: the database's where
    /// it is a server, and <paramref name="time"/> where it is a file on the machine that all of them share.
    /// </summary>
    internal virtual Task<DateTime> NowAsync(TimeProvider time, CancellationToken cancel) =>
        Task.FromResult(time.GetUtcNow().UtcDateTime);

    /// <summary>
    /// The tracks whose blob's name comes after one and not after another, by the order of the characters' codes.
    /// </summary>
    /// <param name="after">Null: from the first.</param>
    /// <param name="upTo">Null: up to the last.</param>
    public virtual IQueryable<Track> TracksBetween(string? after, string? upTo)
    {
        // A bound in any case, so that there is a stretch of an index to read.
        after ??= "";
        var tracks = Tracks.Where(t => string.Compare(t.BlobName, after) > 0);
        if (upTo is not null) tracks = tracks.Where(t => string.Compare(t.BlobName, upTo) <= 0);
        return tracks;
    }

    /// <summary>The lyrics that stand in blobs, by their names as in <see cref="TracksBetween"/>.</summary>
    public virtual IQueryable<TrackLyrics> LyricsBetween(string? after, string? upTo)
    {
        after ??= "";
        var lyrics = TrackLyrics.Where(l => l.BlobName != null && string.Compare(l.BlobName, after) > 0);
        if (upTo is not null) lyrics = lyrics.Where(l => string.Compare(l.BlobName, upTo) <= 0);
        return lyrics;
    }

    /// <summary>Adds questions of a batch with their jobs.</summary>
    /// <param name="batch">The batch, which has its id.</param>
    /// <param name="rows">A JSON array of <see cref="BatchRow"/>, at most some thousand.</param>
    /// <param name="cancel">Rolls back.</param>
    internal abstract Task AddQuestionsAsync(QuestionBatch batch, string rows, CancellationToken cancel);

    /// <summary>The counts, as they are to be read.</summary>
    internal virtual IQueryable<TrackCount> Counts => TrackCounts;

    /// <summary>
    /// A tenant's endpoints, as a transaction reads them that has an event: one that is created meanwhile comes after
    /// it.
    /// </summary>
    internal virtual IQueryable<WebhookEndpoint> WebhookEndpointsOf(string tenant) =>
        WebhookEndpoints.Where(e => e.Tenant == tenant);

    /// <summary>
    /// All rows, to be found in one way. A database that knows how often each value occurs finds the way by itself.
    /// </summary>
    internal virtual IQueryable<SearchRow> Rows(SearchWay way, TrackSort sort) => SearchRows;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Track>(track =>
        {
            track.Property(t => t.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            track.Property(t => t.BlobName).HasMaxLength(TrackBlob.MaxNameLength);
            track.Property(t => t.BlobKey).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            track.Property(t => t.ETag).HasMaxLength(128).IsConcurrencyToken();
            track.Property(t => t.FileName).HasMaxLength(Track.MaxFileNameLength);
            track.Property(t => t.FileNameOrder).HasMaxLength(Track.MaxFileNameLength);
            track.HasIndex(t => new { t.BlobKey, t.Tenant }).IsUnique();
            track.Property(t => t.NameKey).HasMaxLength(Track.MaxFileNameLength);
            track.HasIndex(t => t.MissingSince);
            track.HasIndex(t => new { t.Tenant, t.NameKey });
            track.HasOne(t => t.Job)
                .WithMany(j => j.Tracks).HasForeignKey(t => t.JobId).OnDelete(DeleteBehavior.Restrict);
        });

        modelBuilder.ApplyConfiguration(new Job.Configuration());

        modelBuilder.Entity<Analysis>(analysis =>
        {
            analysis.HasKey(a => a.JobId);
            analysis.Property(a => a.JobId).ValueGeneratedNever();
            analysis.Property(a => a.Codec).HasMaxLength(64);
            analysis.Property(a => a.Key)
                .HasConversion(key => key!.Value.Name, name => MusicalKey.Parse(name)).HasMaxLength(16);
            analysis.Property(a => a.FileFields).StoredAsJson();
            analysis.Property(a => a.FileOwnId).HasMaxLength(OwnerRecord.MaxOwnIdLength);
            analysis.Property(a => a.FileIsrc).HasMaxLength(12).IsFixedLength().IsUnicode(false);
            analysis.HasIndex(a => a.FileOwnId);
            analysis.HasIndex(a => a.FileIsrc);
            analysis.ComplexProperty(a => a.Work, work => work.Ignore(w => w.Sum));
            analysis.Property(a => a.Camelot).HasMaxLength(4);
            analysis.Property(a => a.OpenKey).HasMaxLength(4);
            analysis.Ignore(a => a.TempoSegments);
            analysis.Property(a => a.Beats).StoredCompactly();
            analysis.Property(a => a.KeySegments).StoredCompactly();
            analysis.Property(a => a.Sections).StoredCompactly();
            analysis.Property(a => a.Chords).StoredCompactly();
            analysis.ComplexCollection(a => a.BpmAlternatives, values => values.ToJson());
            analysis.ComplexCollection(a => a.Tags, values => values.ToJson());
            analysis.Ignore(a => a.Sources);
            analysis.Property(a => a.Heard).UsePropertyAccessMode(PropertyAccessMode.Property);
            analysis.Property(a => a.ProvenanceId).UsePropertyAccessMode(PropertyAccessMode.Property);
            analysis.HasOne(a => a.Provenance).WithMany().HasForeignKey(a => a.ProvenanceId)
                .OnDelete(DeleteBehavior.Restrict);
            analysis.Navigation(a => a.Provenance).AutoInclude();
        });

        modelBuilder.Entity<Provenance>().Property(p => p.Id)
            .HasMaxLength(Provenance.IdLength).IsFixedLength().IsUnicode(false);

        modelBuilder.ApplyConfiguration(new Question.Configuration());
        modelBuilder.ApplyConfiguration(new QuestionBatch.Configuration());
        modelBuilder.ApplyConfiguration(new KeyedRequest.Configuration());
        modelBuilder.Entity<QuestionTrack>(ConfigureQuestionTrack);

        modelBuilder.ApplyConfiguration(new TenantQueue.Configuration());
        modelBuilder.ApplyConfiguration(new TenantLimits.Configuration());
        modelBuilder.ApplyConfiguration(new TenantUsage.Configuration());
        modelBuilder.ApplyConfiguration(new Correction.Configuration());
        modelBuilder.ApplyConfiguration(new CorrectionChange.Configuration());
        modelBuilder.ApplyConfiguration(new OwnerRecord.Configuration());
        modelBuilder.ApplyConfiguration(new DeclaredField.Configuration());
        modelBuilder.ApplyConfiguration(new ImportRun.Configuration());
        modelBuilder.ApplyConfiguration(new PendingOwnerRow.Configuration());
        modelBuilder.ApplyConfiguration(new TrackEmbedding.Configuration());
        modelBuilder.ApplyConfiguration(new StoredTaxonomy.Configuration());
        modelBuilder.ApplyConfiguration(new TaxonomyPublication.Configuration());
        modelBuilder.ApplyConfiguration(new Publication.Configuration());
        modelBuilder.ApplyConfiguration(new TextEmbedding.Configuration());
        modelBuilder.ApplyConfiguration(new StaleText.Configuration());
        modelBuilder.ApplyConfiguration(new UrlUpload.Configuration());
        modelBuilder.ApplyConfiguration(new WebhookEndpoint.Configuration());
        modelBuilder.ApplyConfiguration(new WebhookEvent.Configuration());
        modelBuilder.ApplyConfiguration(new WebhookDelivery.Configuration());
        modelBuilder.ApplyConfiguration(new Tenant.Configuration());
        modelBuilder.ApplyConfiguration(new ApiKey.Configuration());
        modelBuilder.ApplyConfiguration(new UnknownPrefix.Configuration());
        modelBuilder.ApplyConfiguration(new AuditEntry.Configuration());

        modelBuilder.Entity<TrackLyrics>(lyrics =>
        {
            ConfigureLyrics(lyrics);
            lyrics.HasKey(l => new { l.TrackId, l.Source });
            lyrics.Property(l => l.BlobKey).HasMaxLength(64).IsFixedLength().IsUnicode(false);
            lyrics.Property(l => l.BlobName).HasMaxLength(TrackBlob.MaxNameLength);
            lyrics.Property(l => l.ETagOfBlob).HasMaxLength(128);
            lyrics.HasIndex(l => l.BlobKey);
            lyrics.HasOne<Track>().WithMany().HasForeignKey(l => l.TrackId);
        });

        modelBuilder.Entity<ContentLyrics>(lyrics =>
        {
            ConfigureLyrics(lyrics);
            lyrics.HasKey(l => new { l.JobId, l.Source });
            lyrics.HasOne<Analysis>().WithMany(a => a.Lyrics).HasForeignKey(l => l.JobId);
        });

        modelBuilder.Entity<SearchRow>(ConfigureSearchRow);

        modelBuilder.Entity<TrackCount>(count =>
        {
            count.Property(c => c.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
            count.Property(c => c.State).HasConversion<string>().HasMaxLength(16);
            count.Property(c => c.Camelot).HasMaxLength(4);
        });

        modelBuilder.Entity<Sweep>(sweep =>
        {
            sweep.Property(s => s.Id).ValueGeneratedNever();
            sweep.Property(s => s.Marker).HasMaxLength(Sweep.MaxMarkerLength);
            sweep.Property(s => s.After).HasMaxLength(TrackBlob.MaxNameLength);
        });
        if (OnlyTenant is not null) TenantFilter.Apply(modelBuilder, this);
    }

    private static void ConfigureQuestionTrack(EntityTypeBuilder<QuestionTrack> part)
    {
        part.ToTable("QuestionTracks");
        part.HasKey(p => new { p.QuestionId, p.Position });
        part.HasOne<Question>().WithMany(q => q.Selection).HasForeignKey(p => p.QuestionId);
        // A question goes with each of its tracks (MissingTracks), which SQL Server does not do over two ways.
        part.HasOne(p => p.Track).WithMany().HasForeignKey(p => p.TrackId).OnDelete(DeleteBehavior.Restrict);
    }

    private static void ConfigureLyrics<T>(EntityTypeBuilder<T> lyrics)
        where T : StoredLyrics
    {
        lyrics.Property(l => l.Origin).HasMaxLength(StoredLyrics.MaxOriginLength);
        lyrics.Property(l => l.Lines).StoredCompactly();
        lyrics.Property(l => l.Language).HasMaxLength(8);
        lyrics.Property(l => l.ReadBy).HasMaxLength(Job.MaxModelVersionLength);
        lyrics.Property(l => l.Version).IsConcurrencyToken();
        lyrics.Ignore(l => l.ETag);
    }

    private static void ConfigureSearchRow(EntityTypeBuilder<SearchRow> row)
    {
        row.HasKey(r => r.TrackId);
        row.Property(r => r.TrackId).ValueGeneratedNever();
        row.HasOne<Track>().WithOne().HasForeignKey<SearchRow>(r => r.TrackId);
        row.Property(r => r.Tenant).HasMaxLength(TrackBlob.MaxTenantLength);
        row.Property(r => r.FileName).HasMaxLength(Track.MaxFileNameLength);
        row.Property(r => r.State).HasConversion<string>().HasMaxLength(16);
        row.Property(r => r.Reason).HasMaxLength(1000);
        row.Property(r => r.Title).HasMaxLength(MaxNameLength);
        row.Property(r => r.Artist).HasMaxLength(MaxNameLength);
        row.Property(r => r.Album).HasMaxLength(MaxNameLength);
        row.Property(r => r.Key).HasMaxLength(16);
        row.Property(r => r.Camelot).HasMaxLength(4);
        row.Property(r => r.FileNameOrder).HasMaxLength(Track.MaxFileNameLength);
        row.Property(r => r.TitleOrder).HasMaxLength(MaxNameLength);
        row.Property(r => r.ArtistOrder).HasMaxLength(MaxNameLength);

        // The narrow one holds all that facets need, in the order in which the tracks came. Then one for rare states
        // and keys, and one for every order.
        row.HasIndex(r => new { r.Tenant, r.TrackId, r.State, r.Camelot, r.Bpm, r.Lufs, r.Seconds }, NarrowIndex);
        row.HasIndex(r => new { r.Tenant, r.State, r.Camelot }, StateIndex);
        row.HasIndex(r => new { r.Tenant, r.UploadedAt, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.Bpm, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.KeyOrder, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.FileNameOrder, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.TitleOrder, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.ArtistOrder, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.Lufs, r.TrackId });
        row.HasIndex(r => new { r.Tenant, r.Seconds, r.TrackId });
    }

    /// <summary>Every time in the catalogue is UTC; neither database remembers so.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
