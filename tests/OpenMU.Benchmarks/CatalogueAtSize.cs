using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Benchmarks;

/// <summary>
/// A catalogue of many made-up tracks: names, captions and tags from words as frequent as words are, every tempo and
/// key, lists over time of the usual length, and a few tracks in every other state. The rows go in without triggers and
/// indexes, which are made afterwards as the migration makes them; so a million takes minutes and not hours.
/// </summary>
internal sealed class CatalogueAtSize(string file, int rows)
{
    public const string Tenant = "default";

    private const int Done = 1;
    private const int Seed = 1;

    private static readonly string[] Instruments =
        ["piano", "guitar", "violin", "synthesizer", "drums", "bass", "flute", "voice"];

    private static readonly string[] Moods = ["calm", "bright", "dark", "energetic", "sad", "happy", "epic", "dreamy"];

    private static readonly string[] Genres =
        ["jazz", "rock", "pop", "folk", "electronic", "latin", "metal", "blues", "soul", "orchestral", "bossa nova", "waltz"];

    private static readonly string[] Themes = ["love", "home", "freedom", "hope", "nature", "grief"];
    private static readonly string[] Voices = ["male", "female", "choir", "none"];
    private static readonly string[] Energies = ["low", "medium", "high"];
    private static readonly string[] Eras = ["1960s", "1970s", "1980s", "1990s", "2000s", "2010s"];
    private static readonly string[] Languages = ["en", "de", "fr", "es", "pt", "ja"];

    private static readonly string[] Tables = ["Jobs", "Analyses", "Tracks"];

    private readonly Random random = new(Seed);
    private readonly string[] words = [.. MadeUpWords(new Random(Seed)).Distinct().Take(30_000)];
    private string[] beats = [];
    private string[] chords = [];

    public static string ETag(int number) => $"\"0x{number:X16}\"";

    public static string BlobName(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Tenant}/{number / 1000:0000}/track {number:0000000}.flac");

    /// <summary>Makes the file, unless an earlier run has made it.</summary>
    public async Task<CatalogueDbFactory> MakeAsync()
    {
        var factory = CatalogueDbFactory.ForFile(file);
        if (File.Exists(file) && Number("PRAGMA user_version") == Done)
        {
            await factory.MigrateAsync(CancellationToken.None);
            return factory;
        }

        // What an earlier run has left half done is of no use.
        foreach (var part in (string[])["", "-wal", "-shm"]) File.Delete(file + part);
        await factory.MigrateAsync(CancellationToken.None);
        SqliteConnection.ClearAllPools();
        beats = [.. Enumerable.Range(0, 200).Select(_ => Timeline(60, i => $"{i % 4}"))];
        chords = [.. Enumerable.Range(0, 200).Select(_ => Timeline(25, i => $"{i}.5,\"C:maj\",0.9"))];
        var watch = Stopwatch.StartNew();
        Fill(step => Console.WriteLine($"{watch.Elapsed.TotalSeconds,6:0} s  {step}"));
        return factory;
    }

    private void Fill(Action<string> say)
    {
        using var connection = Open();
        foreach (var pragma in (string[])
            // As much memory as the rows need: what is freed may stay with the process, and would be measured with it.
            ["journal_mode = OFF", "synchronous = OFF", $"cache_size = {Math.Max(-1_500_000, -3 * rows / 2)}", "foreign_keys = OFF"])
        {
            Execute(connection, $"PRAGMA {pragma}");
        }

        var triggers = Objects(connection, "trigger");
        var indexes = Objects(connection, "index");
        foreach (var (name, _) in triggers) Execute(connection, $"DROP TRIGGER {name}");
        foreach (var (name, _) in indexes) Execute(connection, $"DROP INDEX \"{name}\"");
        Execute(connection, "BEGIN");
        var inserts = Tables.ToDictionary(table => table, table => new RowInsert(connection, table));
        for (var i = 1; i <= rows; i++)
        {
            Add(inserts, i);
            if (i % 100_000 == 0) say($"{i:N0} tracks");
        }

        foreach (var insert in inserts.Values) insert.Dispose();
        var columns = string.Join(", ", Query(connection, "SELECT name FROM pragma_table_info('SearchRows')"));
        Execute(connection, $"INSERT INTO SearchRows({columns}) SELECT {columns} FROM SearchSource");
        say("search rows");
        foreach (var (name, sql) in indexes) Execute(connection, sql);
        say("indexes");
        Execute(connection, "INSERT INTO SearchText(SearchText) VALUES ('rebuild')");
        say("full-text index");
        Execute(
            connection,
            "INSERT INTO TrackCounts(Tenant, State, Camelot, Tracks) SELECT Tenant, State, IFNULL(Camelot, ''), "
                + "COUNT(*) FROM SearchRows GROUP BY 1, 2, 3");
        foreach (var (_, sql) in triggers) Execute(connection, sql);
        Execute(connection, "COMMIT");
        Execute(connection, $"PRAGMA user_version = {Done}");
        Execute(connection, "PRAGMA journal_mode = WAL");
        say($"{new FileInfo(file).Length / 1e9:0.0} GB");
    }

    private void Add(Dictionary<string, RowInsert> inserts, int number)
    {
        var chance = random.Next(1000);
        var state = chance switch
        {
            < 5 => "Failed",
            < 10 => "Rejected",
            < 11 => "Queued",
            < 12 => "Analysing",
            _ => "Ready",
        };
        var at = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(number * 60L);
        inserts["Jobs"].Run(new()
        {
            ["Id"] = number,
            ["Tenant"] = Tenant,
            ["ContentId"] = $"sha256:{number:x64}",
            ["Kind"] = "Analysis",
            ["ModelVersion"] = "none",
            ["State"] = state,
            ["Fence"] = 1,
            ["Attempts"] = 1,
            ["IsSuspect"] = 0,
            ["IsFromScratch"] = 0,
            ["Reason"] = state is "Failed" or "Rejected" ? "The file holds no audio." : null,
            ["CreatedAt"] = at,
            ["EnqueuedAt"] = at,
            ["FinishedAt"] = at.AddMinutes(2),
        });
        var track = new Track
        {
            Tenant = Tenant,
            BlobName = BlobName(number),
            ETag = ETag(number),
            FileName = $"{Words(1)}/{Words(2)} {number}.flac"
        };
        inserts["Tracks"].Run(new()
        {
            ["Id"] = number,
            ["Tenant"] = Tenant,
            ["BlobName"] = BlobName(number),
            ["BlobKey"] = TrackBlob.Key(BlobName(number)),
            ["ETag"] = ETag(number),
            ["FileName"] = track.FileName,
            ["FileNameWords"] = track.FileNameWords,
            ["FileNameOrder"] = track.FileNameOrder,
            ["SizeBytes"] = 30_000_000,
            ["UploadedAt"] = at,
            ["JobId"] = number,
        });
        if (state != "Ready") return;
        AddAnalysis(inserts["Analyses"], Heard(number, at));
    }

    // A third of the files say what genre they are, and who composed it; some say another tempo than is measured.
    private Analysis Heard(int number, DateTime at)
    {
        TagScore[] tags =
        [
            new("genre", Of(Genres), 1), new("instrument", Of(Instruments), 1), new("instrument", Of(Instruments), 1),
            new("mood", Of(Moods), 1), new("theme", Of(Themes), 1), new("voice", Of(Voices), 1), new("energy", Of(Energies), 1),
            new("era", Of(Eras), 1),
        ];
        var bpm = Math.Round(60 + (random.NextDouble() * 130), 1);
        var fields = number % 3 > 0 ? FieldSet.Empty : FieldSet.Empty
            .With("genres", [Of(Genres), Words(1)]).With("composers", [Words(2)]).With("language", [Of(Languages)])
            .With("bpm", [(number % 2 == 0 ? bpm : bpm / 2).ToString("0.#", CultureInfo.InvariantCulture)]);
        return new Analysis
        {
            JobId = number,
            Title = Words(1 + random.Next(4)),
            Artist = Words(2),
            Album = Words(2),
            DurationSeconds = 60 + (random.NextDouble() * 400),
            Codec = "flac",
            Bpm = bpm,
            Metre = random.Next(5) == 0 ? 3 : 4,
            Key = MusicalKey.All[random.Next(MusicalKey.All.Count)],
            IntegratedLufs = Math.Round(-30 + (random.NextDouble() * 25), 1),
            QualityFlags = random.Next(50) == 0 ? ["clipped"] : [],
            Caption = $"A {Of(Moods)} piece with {tags[1].Tag}, {tags[2].Tag}: {Words(12)}.",
            Tags = [.. tags.DistinctBy(tag => tag.Tag)],
            FileFields = fields,
            AnalysedAt = at,
        };
    }

    private void AddAnalysis(RowInsert insert, Analysis heard)
    {
        insert.Run(new()
        {
            ["JobId"] = heard.JobId,
            ["Title"] = heard.Title,
            ["Artist"] = heard.Artist,
            ["Album"] = heard.Album,
            ["DurationSeconds"] = heard.DurationSeconds,
            ["Codec"] = heard.Codec,
            ["SampleRate"] = 44100,
            ["Channels"] = 2,
            ["Bpm"] = heard.Bpm,
            ["Metre"] = heard.Metre,
            ["Key"] = heard.Key!.Value.Name,
            ["Camelot"] = heard.Camelot,
            ["OpenKey"] = heard.OpenKey,
            ["IntegratedLufs"] = heard.IntegratedLufs,
            ["QualityFlags"] = System.Text.Json.JsonSerializer.Serialize(heard.QualityFlags),
            ["Caption"] = heard.Caption,
            ["Tags"] = System.Text.Json.JsonSerializer.Serialize(heard.Tags),
            ["TagText"] = heard.TagText,
            ["FileFields"] = heard.FileFields.ToJson(),
            ["Folded"] = heard.Folded,
            ["AnalysedAt"] = heard.AnalysedAt,
            ["Beats"] = Of(beats),
            ["Chords"] = Of(chords),
            ["KeySegments"] = "[]",
            ["Sections"] = "[]",
        });
    }

    // The first words come most often.
    private string Words(int count) => string.Join(' ', Enumerable.Range(0, count)
        .Select(_ => words[(int)(Math.Pow(random.NextDouble(), 3) * words.Length)]));

    private string Of(string[] values) => values[random.Next(values.Length)];

    private string Timeline(int length, Func<int, string> rest) => "[" + string.Join(',', Enumerable.Range(0, length)
        .Select(i => FormattableString.Invariant($"[{i * 0.5 + random.NextDouble():0.000},{rest(i)}]"))) + "]";

    private static IEnumerable<string> MadeUpWords(Random random)
    {
        const string consonants = "bcdfghjklmnprstvwz", vowels = "aeiou";
        while (true)
        {
            yield return string.Concat(Enumerable.Range(0, 2 + random.Next(3)).Select(_ =>
                $"{consonants[random.Next(consonants.Length)]}{vowels[random.Next(vowels.Length)]}"));
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 0 }.ToString());
        connection.Open();
        return connection;
    }

    private long Number(string query)
    {
        using var connection = Open();
        return long.Parse(Query(connection, query)[0], CultureInfo.InvariantCulture);
    }

    private static List<(string Name, string Sql)> Objects(SqliteConnection connection, string type)
    {
        // No names of types hold a line break, so that it may part name and statement.
        return [.. Query(
                connection,
                $"SELECT name || char(10) || sql FROM sqlite_schema WHERE type = '{type}' AND sql IS NOT NULL")
            .Select(both => (both[..both.IndexOf('\n')], both[(both.IndexOf('\n') + 1)..]))];
    }

    private static List<string> Query(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) values.Add($"{reader.GetValue(0)}");
        return values;
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <summary>One prepared statement for all rows of a table; columns that nobody names are empty.</summary>
    private sealed class RowInsert : IDisposable
    {
        private readonly SqliteCommand command;
        private readonly Dictionary<string, object> empty;

        public RowInsert(SqliteConnection connection, string table)
        {
            empty = Query(
                    connection, $"SELECT name || '|' || type || '|' || \"notnull\" FROM pragma_table_info('{table}')")
                .Select(column => column.Split('|'))
                .ToDictionary(column => column[0], object (column) => column[2] == "0" ? DBNull.Value
                    : column[1] is "INTEGER" or "REAL" ? 0 : "[]");
            command = connection.CreateCommand();
            command.CommandText = $"INSERT INTO {table}(\"{string.Join("\", \"", empty.Keys)}\") "
                + $"VALUES ({string.Join(", ", empty.Keys.Select(column => $"@{column}"))})";
            foreach (var column in empty.Keys) command.Parameters.Add(new SqliteParameter($"@{column}", null));
        }

        public void Run(Dictionary<string, object?> values)
        {
            foreach (var (column, nothing) in empty)
            {
                command.Parameters[$"@{column}"].Value = values.GetValueOrDefault(column) switch
                {
                    null => nothing,
                    DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    var value => value,
                };
            }

            command.ExecuteNonQuery();
        }

        public void Dispose() => command.Dispose();
    }
}
