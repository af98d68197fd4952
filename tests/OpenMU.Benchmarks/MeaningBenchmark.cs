using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Benchmarks;

/// <summary>
/// How often a track that fits stands among the first ten for twenty wishes in free text, by meaning and by words. The
/// captions are made up of the words that the tags have, as a model writes them; the wishes are in other words, and
/// what fits is told by the tags alone.
/// </summary>
internal static class MeaningBenchmark
{
    private const int Shown = 10;
    private const string Tenant = "default";

    private static readonly string[] Genres =
    [
        "pop", "ballad", "rock", "metal", "blues", "jazz", "latin", "country", "folk", "funk", "electronic", "waltz", "march",
        "gospel", "orchestral",
    ];

    private static readonly string[] Moods =
        ["happy", "sad", "calm", "energetic", "romantic", "dramatic", "dark", "playful", "solemn", "groovy"];

    private static readonly string[] Instruments =
    [
        "piano", "organ", "accordion", "harmonica", "acoustic guitar", "distorted guitar", "strings", "choir", "brass",
        "saxophone", "flute", "synth pad", "banjo", "drums",
    ];

    private static readonly string[] Themes = ["love", "heartbreak", "home", "freedom", "friendship", "grief", "hope"];

    // Each with the tags that fit: one of each group that is named.
    private static readonly (string Wish, string[] Fits)[] Wishes =
    [
        ("warm sad piano for a film scene", ["mood:sad", "instrument:piano"]),
        ("something to cry to after a funeral", ["mood:sad|solemn|dark"]),
        ("background for a yoga class", ["mood:calm"]),
        ("music to get people onto the dance floor", ["mood:groovy|energetic|happy"]),
        ("a horror movie trailer", ["mood:dark|dramatic"]),
        ("candle light dinner for two", ["mood:romantic"]),
        ("funny cartoon chase", ["mood:playful"]),
        ("remembrance ceremony with singers", ["mood:solemn|sad", "instrument:choir"]),
        ("headbanging with heavy riffs", ["genre:metal|rock", "instrument:distorted guitar"]),
        ("smoky night club with a sax", ["genre:jazz|blues", "instrument:saxophone"]),
        ("cowboys around a camp fire", ["genre:country|folk"]),
        ("a church service on Sunday", ["genre:gospel"]),
        ("soldiers on parade", ["genre:march"]),
        ("Viennese ball", ["genre:waltz"]),
        ("salsa party", ["genre:latin"]),
        ("an epic symphony for a battle", ["genre:orchestral", "mood:dramatic|dark|energetic"]),
        ("a song about breaking up", ["theme:heartbreak"]),
        ("missing the place where I grew up", ["theme:home"]),
        ("lyrics about buddies sticking together", ["theme:friendship"]),
        ("Parisian street musician", ["instrument:accordion"]),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var tracks = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 3000;
        var folder = Directory.CreateTempSubdirectory("openmu-meaning-");
        try
        {
            var catalogue = CatalogueDbFactory.ForFile(Path.Combine(folder.FullName, "catalogue.db"));
            await catalogue.MigrateAsync(default);
            var made = await FillAsync(catalogue, tracks);
            using var model = new SentenceModel(NullLogger<SentenceModel>.Instance);
            if (model.Encoder is null) return 1;
            await ReadAsync(catalogue, model, tracks);
            await AskAsync(catalogue, model, made);
            return 0;
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task ReadAsync(CatalogueDbFactory catalogue, SentenceModel model, int tracks)
    {
        var embedder = new TextEmbedder(catalogue, model);
        var before = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        for (long? last = 0; last is { } after;) last = await embedder.TakeAsync(after, default);
        var processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tracks:N0} texts read in {watch.Elapsed.TotalSeconds:0} s, {processor / tracks:0.0} ms of a processor each"));
    }

    private static async Task AskAsync(
        CatalogueDbFactory catalogue, SentenceModel model, Dictionary<long, HashSet<string>> made)
    {
        var search = new MeaningSearch(catalogue, model);
        Console.WriteLine($"{"fitting among the first ten:",-50}{"meaning",9}{"words",9}{"of all",9}");
        var (byMeaning, byWords, found, foundByWords, chance) = (0, 0, 0, 0, 0.0);
        foreach (var (wish, fits) in Wishes)
        {
            var query = new TrackQuery { Text = wish, PageSize = Shown, Relax = true, CountFacets = false };
            await using var db = catalogue.CreateDbContext();
            var meant = Fitting(await search.FindAsync(Tenant, query with { ByMeaning = true }, default));
            var worded = Fitting(await new TrackSearch(db).FindAsync(Tenant, query, default));
            var share = (double)made.Values.Count(tags => Fit(tags, fits)) / made.Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{wish,-50}{meant,9}{worded,9}{share,9:0.0%}"));
            (byMeaning, byWords, chance) = (byMeaning + meant, byWords + worded, chance + share);
            (found, foundByWords) = (found + Math.Sign(meant), foundByWords + Math.Sign(worded));

            int Fitting(TrackPage page) => page.Tracks.Count(track => Fit(made[track.Id], fits));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{"mean",-50}{(double)byMeaning / Wishes.Length,9:0.0}{(double)byWords / Wishes.Length,9:0.0}"
                + $"{chance / Wishes.Length,9:0.0%}"));
        Console.WriteLine($"{"wishes with one at least",-50}{found,9}{foundByWords,9}");
    }

    private static bool Fit(HashSet<string> tags, string[] fits) => fits.All(group =>
    {
        var (name, values) = (group.Split(':')[0], group.Split(':')[1].Split('|'));
        return values.Any(value => tags.Contains($"{name}:{value}"));
    });

    private static async Task<Dictionary<long, HashSet<string>>> FillAsync(CatalogueDbFactory catalogue, int tracks)
    {
        var random = new Random(1);
        var at = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc);
        var made = new List<Track>();
        for (var i = 0; i < tracks; i++)
        {
            var tags = new List<TagScore>
            {
                new("genre", Of(Genres), 1), new("mood", Of(Moods), 1), new("instrument", Of(Instruments), 1),
                new("instrument", Of(Instruments), 1),
            };
            if (i % 3 == 0) tags.Add(new TagScore("theme", Of(Themes), 1));
            made.Add(new Track
            {
                Tenant = Tenant,
                BlobName = $"{Tenant}/{i}",
                ETag = "1",
                FileName = $"{i}.flac",
                UploadedAt = at,
                Job = new Job
                {
                    Tenant = Tenant,
                    ContentId = $"sha256:{i:x64}",
                    ModelVersion = "m",
                    State = JobState.Ready,
                    CreatedAt = at,
                    Analysis = new Analysis
                    {
                        Codec = "flac",
                        DurationSeconds = 100,
                        AnalysedAt = at,
                        Caption = $"This is a {tags[1].Tag} {tags[0].Tag} piece with {tags[2].Tag} and {tags[3].Tag}.",
                        Tags = [.. tags.DistinctBy(tag => tag.Tag)],
                    },
                },
            });
        }

        foreach (var some in made.Chunk(500))
        {
            await using var db = catalogue.CreateDbContext();
            db.AddRange(some.AsEnumerable());
            await db.SaveChangesAsync();
        }

        return made.ToDictionary(
            track => track.Id, track => track.Job.Analysis!.Tags.Select(tag => $"{tag.Group}:{tag.Tag}").ToHashSet());

        string Of(string[] values) => values[random.Next(values.Length)];
    }
}
