using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Benchmarks;

/// <summary>
/// Many questions over many tracks through the worker in a process of its own, with the small model, the storage
/// emulator and SQLite: how many a second, how its memory grows, and whether each has exactly one answer.
/// </summary>
internal static class QuestionsBenchmark
{
    public const string Usage = "questions [COUNT [TRACKS [MODEL]]], on Linux";

    private const string Tenant = "home";
    private const double Seconds = 4;
    private const int Parts = 10, AskedAtOnce = 4;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private static readonly string[] Texts =
    [
        "What is the tempo?", "Which key is it in?", "Which instruments play?", "What is the mood?",
        "Is there a singer?", "Which genre is it?", "Describe the music.", "Is it loud or quiet?",
        "How long is it?", "Could it be played at a wedding?",
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || arguments.Length > 3)
        {
            Console.Error.WriteLine($"usage: {Usage}");
            return 2;
        }

        var count = Number(arguments, 0, 10_000);
        var tracks = Number(arguments, 1, 1000);
        var model = arguments.Length > 2 ? arguments[2] : "models/openmu-tiny";
        var folder = Directory.CreateTempSubdirectory("openmu-questions-");
        try
        {
            await using var azurite = await Azurite.StartAsync(location: null, CancellationToken.None);
            var catalogue = CatalogueDbFactory.ForFile(Path.Combine(folder.FullName, "catalogue.db"));
            await catalogue.MigrateAsync(CancellationToken.None);
            var storage = MusicStorage.FromConnectionString(azurite.ConnectionString);
            await storage.CreateIfMissingAsync(CancellationToken.None);
            var started = Stopwatch.GetTimestamp();
            var ids = await PrepareAsync(catalogue, storage, tracks);
            Say($"{tracks} tracks of {Seconds} s with their analyses: {Since(started)} s");
            started = Stopwatch.GetTimestamp();
            await AskAsync(catalogue, storage, ids, count);
            var asking = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Say($"{count} questions asked: {asking:0} s, {count / asking:0} a second");
            await WorkAsync(azurite, catalogue, folder.FullName, model, count);
            return await CloseAsync(catalogue, storage, count) ? 0 : 1;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<long[]> PrepareAsync(CatalogueDbFactory catalogue, MusicStorage storage, int tracks)
    {
        var rows = new List<Track>();
        for (var i = 0; i < tracks; i++)
        {
            var bytes = TestSound.Tone(Seconds, 110 * Math.Pow(2, i % 48 / 12.0) * (1 + (i / 48 * 0.001)));
            var name = string.Create(CultureInfo.InvariantCulture, $"{Tenant}/{i}.wav");
            var uploaded = await storage.Tracks.GetBlobClient(name).UploadAsync(new BinaryData(bytes));
            rows.Add(Heard(name, uploaded.Value.ETag.ToString("H"), bytes));
        }

        await using var db = catalogue.CreateDbContext();
        // Counted by the database itself, so that nothing that the ledger says of itself is taken for granted.
        await db.Database.ExecuteSqlRawAsync("""
            CREATE TABLE Answered(JobId INTEGER NOT NULL);
            CREATE TRIGGER NoteAnswered AFTER UPDATE OF State ON Jobs WHEN new.Kind = 'Question' AND new.State = 'Ready'
            BEGIN INSERT INTO Answered VALUES (new.Id); END;
            """);
        db.AddRange(rows);
        await db.SaveChangesAsync();
        return [.. rows.Select(track => track.Id)];
    }

    private static Track Heard(string name, string etag, byte[] bytes) => new()
    {
        Tenant = Tenant,
        BlobName = name,
        ETag = etag,
        FileName = name,
        SizeBytes = bytes.Length,
        UploadedAt = DateTime.UnixEpoch,
        Job = new Job
        {
            Tenant = Tenant,
            ContentId = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}",
            ModelVersion = Job.NoModel,
            State = JobState.Ready,
            CreatedAt = DateTime.UnixEpoch,
            Analysis = new Analysis
            {
                Codec = "pcm_s16le",
                DurationSeconds = Seconds,
                Bpm = 120,
                Key = MusicalKey.Parse("A minor"),
                IntegratedLufs = -14,
                AnalysedAt = DateTime.UnixEpoch,
            },
        },
    };

    private static Task AskAsync(CatalogueDbFactory catalogue, MusicStorage storage, long[] tracks, int count)
    {
        var desk = new QuestionStore(
            catalogue, new JobQueues(catalogue, storage, TimeProvider.System), TimeProvider.System);
        // All that is asked of a track one after another, as somebody does who goes through a list.
        return Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce }, async (i, cancel) =>
            {
                var track = tracks[(int)((long)i * tracks.Length / count)];
                _ = await desk.AskAsync(Tenant, track, Texts[i % Texts.Length], cancel)
                    ?? throw new InvalidOperationException("A track is gone.");
            });
    }

    private static async Task WorkAsync(
        Azurite azurite, CatalogueDbFactory catalogue, string folder, string model, int count)
    {
        var start = MemoryBenchmark.StartOf(azurite, folder, model);
        start.Environment["Worker__pollInterval"] = "00:00:00.1";
        var started = Stopwatch.GetTimestamp();
        using var worker = Process.Start(start)!;
        var log = worker.StandardOutput.ReadToEndAsync();
        var (part, cpu, begun, first) = (1, 0.0, TimeSpan.Zero, 0);
        Say("done       wall s     CPU s    a second    memory MiB (RssAnon of the worker)");
        while (!worker.HasExited)
        {
            await Task.Delay(Look);
            var own = ProcessTree.ProcessorSeconds(worker.Id);
            cpu = Math.Max(cpu, own.Own + own.Children);
            var done = count - await OpenAsync(catalogue);
            if (begun == TimeSpan.Zero && done > 0) (begun, first) = (Stopwatch.GetElapsedTime(started), done);
            for (; part <= Parts && done >= (long)count * part / Parts; part++)
            {
                var wall = Stopwatch.GetElapsedTime(started);
                var rate = done > first ? (done - first) / (wall - begun).TotalSeconds : 0;
                Say($"{done,6} {wall.TotalSeconds,10:0.0} {cpu,9:0.0} {rate,11:0.0} {OwnMib(worker.Id),13:0}");
            }
        }

        await worker.WaitForExitAsync();
        if (worker.ExitCode != 0) Say(await log);
        Say($"The worker ended with {worker.ExitCode} after {Since(started)} s; {cpu:0} s of processors, "
            + $"{1000 * cpu / count:0} ms a question");
    }

    private static async Task<int> OpenAsync(CatalogueDbFactory catalogue)
    {
        await using var db = catalogue.CreateDbContext();
        return await db.TenantQueues.Where(queue => queue.Kind == JobKind.Question && queue.Tenant == Tenant)
            .SumAsync(queue => queue.Waiting + queue.Sent);
    }

    private static async Task<bool> CloseAsync(CatalogueDbFactory catalogue, MusicStorage storage, int count)
    {
        await using var db = catalogue.CreateDbContext();
        var questions = await db.Questions.AsNoTracking().Include(question => question.Job).ToListAsync();
        var answered = questions.Count(question =>
            question.State == JobState.Ready && question.Answer is { Text.Length: > 0 });
        var ends = await db.Database.SqlQueryRaw<long>("SELECT JobId AS Value FROM Answered").ToListAsync();
        var twice = ends.Count - ends.Distinct().Count();
        var left = (await storage.Questions.GetPropertiesAsync()).Value.ApproximateMessagesCount;
        Say($"{questions.Count} questions, {answered} answered, {twice} answered twice, "
            + $"{questions.Count(question => question.Job.Fence != 1)} claimed more than once, {left} messages left");
        return questions.Count == count && answered == count && twice == 0 && left == 0;
    }

    private static double OwnMib(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .First(one => one.StartsWith("RssAnon:", StringComparison.Ordinal));
            var kib = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
            return long.Parse(kib, CultureInfo.InvariantCulture) / 1024.0;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static int Number(string[] arguments, int place, int otherwise) =>
        arguments.Length > place ? int.Parse(arguments[place], CultureInfo.InvariantCulture) : otherwise;

    private static string Since(long started) =>
        Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);

    private static void Say(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    private static void Say(string line) => Console.WriteLine(line);
}
