using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music;
using OpenMU.Testing;

[assembly: AssemblyFixture(typeof(OpenMU.Web.Tests.Site))]

namespace OpenMU.Web.Tests;

/// <summary>
/// The real site on a free port, over SQLite in a file and Azurite in memory, with a small catalogue. One for all
/// tests of this project.
/// </summary>
public sealed class Site : IAsyncLifetime
{
    public const string Tenant = "default";
    public const string HostileTitle = "<img src=x onerror=\"document.title='owned'\"> & \u202eelttit";
    public const int MaxUploadBytes = 6 << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("openmu-web-").FullName;
    private readonly List<WebApplication> sites = [];
    private Azurite azurite = null!;
    private const int ClickRate = 8000;

    public MusicStorage Storage { get; private set; } = null!;

    public CatalogueDbFactory Catalogue { get; private set; } = null!;

    /// <summary>A client of the site that shows <see cref="Tenant"/>.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>
    /// A client of a site for the tracks that single tests add, so that no list changes under another test.
    /// </summary>
    public HttpClient LooseClient { get; private set; } = null!;

    /// <summary>Tracks by their titles.</summary>
    public Dictionary<string, long> Ids { get; } = [];

    /// <summary>The emulator, for tests with a site of their own that take it away.</summary>
    internal Azurite Emulator => azurite;

    /// <summary>The database's file.</summary>
    public string CataloguePath => Path.Combine(folder, "catalogue.db");

    /// <summary>Generous, because a loaded machine is slow and a right answer does not wait for it.</summary>
    internal int AnswerSeconds { get; init; } = 120;

    /// <summary>The bytes of every Ready track's audio.</summary>
    public byte[] Audio { get; } = TestSound.Clicks(seconds: 4, ClickRate);

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(location: null, TestContext.Current.CancellationToken);
        Storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
        await Storage.CreateIfMissingAsync(CancellationToken.None);
        Catalogue = CatalogueDbFactory.ForFile(CataloguePath);
        await Catalogue.MigrateAsync(CancellationToken.None);
        Client = new HttpClient { BaseAddress = await StartAsync(Tenant) };
        LooseClient = new HttpClient { BaseAddress = await StartAsync("loose") };

        await AddReadyAsync("Battle Epic", artist: "Alva Noren", bpm: 128, key: "A minor", lufs: -9.5, seconds: 4);
        await AddReadyAsync("Quiet River", artist: "Ilse Thorn", bpm: 72, key: "C major", lufs: -21, seconds: 245);
        await AddReadyAsync(
            "Night Train", artist: "Alva Noren", bpm: 124, key: "F# minor", lufs: -12, seconds: 600,
            caption: "A driving track with a walking bass.");
        await AddReadyAsync(HostileTitle, artist: "<b>x</b>", bpm: 100, key: "D minor", lufs: -15, seconds: 60);
        await AddAsync("Broken File", JobState.Rejected, "The file holds no audio.");
        await AddAsync("Hard Case", JobState.Failed, "The worker ran out of memory five times.");
        await AddAsync("Waiting Room", JobState.Queued);
        await AddReadyAsync(
            "Secret Song", artist: "Somebody Else", bpm: 90, key: "A minor", lufs: -10, seconds: 100, tenant: "other");
    }

    /// <summary>Starts another site over the same catalogue for another tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="more">Settings that stand above the others.</param>
    public Task<Uri> StartAsync(string tenant, params string[] more) => StartAsync(tenant, compose: null, more);

    /// <summary>As above.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="compose">Changes how the site is made.</param>
    /// <param name="more">Settings that stand above the others.</param>
    public async Task<Uri> StartAsync(
        string tenant, Action<WebApplicationBuilder>? compose, params string[] more)
    {
        var site = CatalogueSite.Build(
        [
            "--Logging:LogLevel:Default=Critical", $"--Catalogue:ConnectionString=Data Source={CataloguePath}",
            $"--Storage:ConnectionString={azurite.ConnectionString}",
            $"--Site:Tenant={tenant}", "--Site:Url=http://127.0.0.1:0", $"--Site:MaxUploadBytes={MaxUploadBytes}",
            $"--Site:AnswerSeconds={AnswerSeconds}",
            .. more,
        ], compose);
        sites.Add(site);
        await site.StartAsync();
        // A client on this machine, also of a site that answers all.
        return new Uri(site.Urls.Single().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
    }

    /// <summary>Makes a tenant, where there is none yet, and a key for it.</summary>
    public async Task<string> KeyAsync(string tenant, ApiScopes scopes, DateTime? expiresAt = null)
    {
        var author = new CorrectionAuthor("Ada", "cli");
        await new TenantStore(Catalogue, TimeProvider.System).AddAsync(tenant, [], author, CancellationToken.None);
        var made = await new ApiKeyStore(Catalogue, TimeProvider.System).CreateAsync(
            tenant, $"{scopes} of {tenant}", scopes, expiresAt, author, CancellationToken.None);
        return made!.Text;
    }

    /// <summary>A client that sends a key.</summary>
    public static HttpClient ClientOf(Uri address, string key) => new()
    {
        BaseAddress = address,
        DefaultRequestHeaders = { Authorization = new("Bearer", key) },
    };

    public async Task<JsonElement> GetJsonAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Titles that a search finds, in its order.</summary>
    public async Task<List<string?>> TitlesAsync(string query) =>
        [.. (await GetJsonAsync($"/v1/tracks?{query}")).GetProperty("tracks")
            .EnumerateArray()
            .Select(t => t.GetProperty("title").GetString())];

    /// <summary>Adds a track that is not Ready under its own title's name.</summary>
    public async Task<long> AddAsync(
        string title, JobState state, string? reason = null, Analysis? analysis = null, string tenant = Tenant)
    {
        var id = await AddRowAsync(
            tenant, $"music/{title}.wav", $"{tenant}/music/{Convert.ToHexString(Encoding.UTF8.GetBytes(title))}.wav",
            new BinaryData(Audio), state, reason, analysis);
        Ids[title] = id;
        return id;
    }

    /// <summary>Adds a loose track that was measured at 126 BPM in A minor and that a person has put right.</summary>
    public async Task<long> AddCorrectedAsync(string title, string by, double bpm)
    {
        var id = await AddRowAsync(
            "loose", $"{title}.wav", $"loose/{title}.wav", new BinaryData(Audio), JobState.Ready, reason: null,
            Facts(title, "Alva Noren", 126, "A minor", -12, 4, caption: null));
        await using var db = Catalogue.CreateDbContext();
        db.Corrections.Add(new Correction
        {
            Tenant = "loose",
            ContentId = (await db.Tracks.Include(t => t.Job).SingleAsync(t => t.Id == id)).Job.ContentId,
            Fields = FieldSet.Empty.With(FieldNames.Bpm, [bpm.ToString(CultureInfo.InvariantCulture)]),
            By = by,
            At = new DateTime(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc)
        });
        await db.SaveChangesAsync();
        return id;
    }

    /// <summary>Adds a track that a model has listened to, a loose one or of a tenant of its own.</summary>
    public Task<long> AddHeardAsync(string title, string tenant = "loose") =>
        AddRowAsync(
            tenant, $"{title}.wav", $"{tenant}/{title}.wav", new BinaryData(Audio), JobState.Ready, reason: null,
            Facts(title, "Alva Noren", 126, "A minor", -12, 4, caption: "Heard."));

    /// <summary>Adds a newer model's job for the content of a track.</summary>
    public async Task<long> AddNewerJobAsync(long track, JobState state, string? reason)
    {
        await using var db = Catalogue.CreateDbContext();
        var earlier = await db.Tracks.Where(t => t.Id == track).Select(t => t.Job).SingleAsync();
        var job = db.Jobs.Add(new Job
        {
            Tenant = earlier.Tenant,
            ContentId = earlier.ContentId,
            Kind = JobKind.Analysis,
            ModelVersion = "tiny-2",
            State = state,
            Reason = reason,
        });
        await db.SaveChangesAsync();
        return job.Entity.Id;
    }

    /// <summary>Ends a newer model's job, whose result the track shows from now on.</summary>
    public async Task FinishAsync(long track, long job, double bpm)
    {
        var ledger = new JobLedger(Catalogue, TimeProvider.System);
        var claim = (ClaimAnswer.Granted)await ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), CancellationToken.None);
        await ledger.CommitAsync(
            claim.Claim, Facts($"{track}", "Alva Noren", bpm, "A minor", -12, 4, "Heard again."),
            CancellationToken.None);
    }

    /// <summary>Claims a question as a worker does.</summary>
    public async Task<(JobLedger Ledger, JobClaim Claim)> ClaimAsync(long question)
    {
        await using var db = Catalogue.CreateDbContext();
        var job = (await db.Questions.FindAsync(question))!.JobId;
        var ledger = new JobLedger(Catalogue, TimeProvider.System, JobKind.Question);
        return (
            ledger,
            ((ClaimAnswer.Granted)await ledger.ClaimAsync(job, TimeSpan.FromMinutes(1), CancellationToken.None)).Claim);
    }

    /// <summary>Adds a loose track whose blob has exactly this name, or whose blob is missing.</summary>
    public Task<long> AddNamedAsync(string fileName, BinaryData? content) =>
        AddRowAsync("loose", fileName, $"loose/{fileName}", content, JobState.Ready, reason: null, analysis: null);

    /// <summary>Names of the loose files that were uploaded and begin so.</summary>
    public async IAsyncEnumerable<string> LooseBlobsAsync(string prefix)
    {
        await foreach (var blob in Storage.Tracks.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, $"loose/{prefix}", CancellationToken.None))
        {
            yield return blob.Name["loose/".Length..];
        }
    }

    /// <summary>Makes a loose track of a file that was uploaded.</summary>
    public Task<long> CatalogueUploadAsync(string fileName) => AddRowAsync(
        "loose", fileName, $"loose/{fileName}", new BinaryData(Audio), JobState.Ready, reason: null,
        Facts(fileName, "Alva Noren", 126, "A minor", -12, 4, "Heard."));

    private async Task<long> AddRowAsync(
        string tenant, string fileName, string blobName, BinaryData? content, JobState state,
        string? reason, Analysis? analysis)
    {
        var etag = content is null ? "\"gone\"" : (await Storage.Tracks.GetBlobClient(blobName)
            .UploadAsync(content, overwrite: true)).Value.ETag.ToString();
        await using var db = Catalogue.CreateDbContext();
        var track = db.Tracks.Add(new Track
        {
            Tenant = tenant,
            BlobName = blobName,
            ETag = etag,
            FileName = fileName,
            SizeBytes = Audio.Length,
            UploadedAt = new DateTime(2026, 3, 1, 12, Ids.Count, 0, DateTimeKind.Utc),
            Job = new Job
            {
                Tenant = tenant,
                ContentId = $"sha256:{Guid.NewGuid():N}{Guid.NewGuid():N}",
                Kind = JobKind.Analysis,
                ModelVersion = "none",
                State = state,
                Reason = reason,
                Analysis = analysis,
            },
        });
        await db.SaveChangesAsync();
        return track.Entity.Id;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        LooseClient?.Dispose();
        foreach (var site in sites) await site.DisposeAsync();
        if (azurite is not null) await azurite.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private Task<long> AddReadyAsync(
        string title, string artist, double bpm, string key, double lufs, double seconds, string? caption = null,
        string tenant = Tenant) =>
        AddAsync(
            title, JobState.Ready, analysis: Facts(title, artist, bpm, key, lufs, seconds, caption), tenant: tenant);

    private static Analysis Facts(
        string title, string artist, double bpm, string key, double lufs, double seconds, string? caption) => new()
        {
            FileFields = FieldSet.Empty.With(FieldNames.Title, [title]).With(FieldNames.Artists, [artist])
                .With(FieldNames.Album, ["Proofs"]),
            Title = title,
            Artist = artist,
            Album = "Proofs",
            Codec = "pcm_s16le",
            SampleRate = ClickRate,
            Channels = 1,
            DurationSeconds = seconds,
            Bpm = bpm,
            BpmConfidence = 0.9,
            BpmAlternatives = [new TempoReading(bpm / 2, 0.07), new TempoReading(bpm * 2, 0.03)],
            Metre = 4,
            Beats = [.. Enumerable.Range(0, 8).Select(i => new Beat(i * 60 / bpm, (i % 4) + 1))],
            Key = MusicalKey.Parse(key),
            KeyConfidence = 0.8,
            Chords = [new ChordSegment(0, 2, "A:min7", 0.7), new ChordSegment(2, 4, "F:maj", 0.6)],
            IntegratedLufs = lufs,
            TruePeakDbtp = -1.1,
            Caption = caption,
            Tags = caption is null ? [] : [new TagScore("mood", "night", 0.8)],
            Description = caption is null ? null : "A walking bass under brushed drums.",
            Sources =
            [
                new FieldSource("Bpm", "mir.tempo", "1", "open", seconds, 0.9),
                .. caption is null ? [] : (FieldSource[])[new("Caption", "openmu", "tiny-1", "open", 30, null)]
            ],
            AnalysedAt = new DateTime(2026, 3, 1, 13, 0, 0, DateTimeKind.Utc),
        };
}
