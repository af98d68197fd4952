using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music;

namespace OpenMU.Testing.Fuzzing;

/// <summary>
/// Two libraries in one database and one storage, with a word in everything of each that occurs nowhere else: names,
/// titles, captions, tags, lyrics, corrections, questions, terms.
/// </summary>
public sealed class TwoLibraries : IAsyncDisposable
{
    private const int TracksAtOnce = 8;

    private readonly string folder = Directory.CreateTempSubdirectory("openmu-fuzz-").FullName;
    private readonly byte[] audio = TestSound.Clicks(seconds: 1, 8000);
    private readonly List<long> ids = [];
    private Azurite azurite = null!;
    private CatalogueDbFactory catalogue = null!;
    private MusicStorage storage = null!;
    private int made;

    private TwoLibraries()
    {
    }

    /// <summary>The libraries, with the word of each.</summary>
    public static IReadOnlyList<(string Tenant, string Word)> All =>
        [("first", "zebrafinch"), ("second", "quokkatail")];

    /// <summary>Numbers of tracks of both.</summary>
    public IReadOnlyList<long> Ids => ids;

    /// <summary>Makes both, empty of tracks.</summary>
    public static async Task<TwoLibraries> OpenAsync(CancellationToken cancel)
    {
        var libraries = new TwoLibraries { azurite = await Azurite.StartAsync(location: null, cancel) };
        libraries.storage = MusicStorage.FromConnectionString(libraries.azurite.ConnectionString);
        await libraries.storage.CreateIfMissingAsync(cancel);
        libraries.catalogue = CatalogueDbFactory.ForFile(Path.Combine(libraries.folder, "catalogue.db"));
        await libraries.catalogue.MigrateAsync(cancel);
        foreach (var (tenant, word) in All) await libraries.AddTracksAsync(tenant, word, cancel);
        return libraries;
    }

    /// <summary>What the site of a library is started with.</summary>
    public string[] Settings(string tenant) =>
    [
        "--Logging:LogLevel:Default=None", $"--Catalogue:ConnectionString=Data Source={folder}/catalogue.db",
        $"--Storage:ConnectionString={azurite.ConnectionString}", $"--Site:Tenant={tenant}",
        "--Site:Url=http://127.0.0.1:0", "--Site:AnswerSeconds=120",
        $"--Site:MaxUploadBytes={1 << 20}", "--RateLimits:RequestsPerMinute=1000000",
        "--RateLimits:HeavyRequestsPerMinute=1000000", "--RateLimits:TenantRequestsPerMinute=1000000",
    ];

    /// <summary>Has a library say its word wherever people can say something.</summary>
    public async Task FurnishAsync(Uri site, string word, CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = site };
        var own = (await client.GetFromJsonAsync<JsonElement>("/v1/tracks", cancel)).GetProperty("tracks")
            .EnumerateArray().Select(track => track.GetProperty("id").GetInt64()).ToList();
        await SendAsync(
            HttpMethod.Patch, $"/v1/tracks/{own[0]}", $$"""{"genres":["{{word}}"],"title":"{{word}} corrected"}""");
        await SendAsync(HttpMethod.Put, $"/v1/tracks/{own[1]}/lyrics", $$"""{"text":"[00:01.00]the {{word}} sings"}""");
        await SendAsync(HttpMethod.Post, $"/v1/tracks/{own[2]}/questions", $$"""{"text":"Is that a {{word}}?"}""");
        await SendAsync(
            HttpMethod.Post, "/v1/taxonomy/versions", $"group,term,aliases\nmood,{word},{word}s\n", "text/csv");
        await SendAsync(HttpMethod.Post, "/v1/import", $"file,genre\n{word} 1.wav,{word}\n", "text/csv");
        await SendAsync(HttpMethod.Post, $"/v1/tracks?fileName={word}%20sent.wav", word, "application/octet-stream");

        async Task SendAsync(HttpMethod method, string path, string body, string type = "application/json")
        {
            using var request = new HttpRequestMessage(method, path);
            if (method == HttpMethod.Patch) request.Headers.TryAddWithoutValidation("If-Match", "*");
            request.Content = new StringContent(body, Encoding.UTF8, type);
            using var answer = await client.SendAsync(request, cancel);
            var said = await answer.Content.ReadAsStringAsync(cancel);
            answer.IsSuccessStatusCode.Should().BeTrue("{0} {1} answered {2}", method, path, said);
        }
    }

    /// <summary>Adds tracks to both libraries, in the place of those that were deleted.</summary>
    public async Task AddTracksAsync(CancellationToken cancel)
    {
        foreach (var (tenant, word) in All) await AddTracksAsync(tenant, word, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await azurite.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task AddTracksAsync(string tenant, string word, CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        for (var i = 0; i < TracksAtOnce; i++)
        {
            var name = $"{word} {++made}.wav";
            var blob = storage.Tracks.GetBlobClient($"{tenant}/{name}");
            var etag = (await blob.UploadAsync(new BinaryData(audio), overwrite: true, cancel)).Value.ETag.ToString();
            var track = new Track
            {
                Tenant = tenant,
                BlobName = blob.Name,
                ETag = etag,
                FileName = name,
                SizeBytes = audio.Length,
                UploadedAt = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc),
                Job = new Job
                {
                    Tenant = tenant,
                    ContentId = $"sha256:{Guid.NewGuid():N}{Guid.NewGuid():N}",
                    Kind = JobKind.Analysis,
                    ModelVersion = "tiny-1",
                    State = i == 0 ? JobState.Failed : JobState.Ready,
                    Reason = i == 0 ? $"The {word} flew away." : null,
                    Analysis = i == 0 ? null : Facts(word),
                },
            };
            db.Tracks.Add(track);
            await db.SaveChangesAsync(cancel);
            ids.Add(track.Id);
            if (i == 0) continue;
            var embedding = TrackEmbedding.Of("tiny-1", [1, (float)i / TracksAtOnce])!;
            embedding.JobId = track.Job.Id;
            db.Add(embedding);
            await db.SaveChangesAsync(cancel);
        }
    }

    private static Analysis Facts(string word) => new()
    {
        FileFields = FieldSet.Empty.With(FieldNames.Title, [word]).With(FieldNames.Artists, [word]),
        Title = word,
        Artist = word,
        Album = word,
        Codec = "pcm_s16le",
        SampleRate = 8000,
        Channels = 1,
        DurationSeconds = 1,
        Bpm = 120,
        BpmConfidence = 0.9,
        Metre = 4,
        Beats = [new Beat(0, 1), new Beat(0.5, 2)],
        Key = MusicalKey.Parse("A minor"),
        KeyConfidence = 0.8,
        Chords = [new ChordSegment(0, 1, "A:min7", 0.7)],
        IntegratedLufs = -12,
        Caption = $"The {word} sings.",
        Description = $"A {word} over brushed drums.",
        Tags = [new TagScore("mood", "night", 0.8), new TagScore("theme", word, 0.7)],
        Sources = [new FieldSource("Bpm", "mir.tempo", "1", "open", 1, 0.9)],
        AnalysedAt = new DateTime(2026, 3, 1, 13, 0, 0, DateTimeKind.Utc),
    };
}
