using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;

namespace OpenMU.Cli.Drills;

/// <summary>What every round of a drill works with.</summary>
/// <param name="Seed">Of files and moments.</param>
/// <param name="Files">How many.</param>
/// <param name="Workers">Tracks in flight at a time.</param>
/// <param name="Limit">The longest that a round may take.</param>
/// <param name="ModelFolder">The model that listens; null only measures.</param>
/// <param name="ModelThreads">Threads that compute for it; null for one per processor.</param>
/// <param name="ModelType">The type of its weights in memory; null leaves it to the device.</param>
internal sealed record DrillSettings(
    int Seed, int Files, int Workers, TimeSpan Limit, string? ModelFolder, int? ModelThreads, string? ModelType = null);

/// <summary>
/// One round: <c>openmu up --once</c> on new files in a process of its own, started again whenever it ends too early,
/// while one fault is made; then the books are closed.
/// </summary>
internal sealed class DrillRound
{
    private const string Tenant = TrackBlob.DefaultTenant;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TimeToSettle = TimeSpan.FromMinutes(4);

    private readonly DrillSettings settings;
    private readonly TimeProvider time;
    private readonly Action<string> say;
    private readonly DirectoryInfo music, data;
    private readonly DrillBooks books;
    private readonly List<DrillFinding> findings = [];
    private readonly List<DrillFile> files;
    private DrillProgram? program;
    private int starts;

    /// <summary>Makes the files.</summary>
    /// <param name="fault">What is tried.</param>
    /// <param name="settings">Of the drill.</param>
    /// <param name="folder">The round's own; it exists and is empty.</param>
    /// <param name="time">Measures how long it takes.</param>
    /// <param name="say">Receives the progress in lines.</param>
    public DrillRound(
        DrillFault fault, DrillSettings settings, DirectoryInfo folder, TimeProvider time, Action<string> say)
    {
        (Fault, this.settings, this.time, this.say) = (fault, settings, time, say);
        Folder = folder.FullName;
        Random = new Random(settings.Seed);
        music = folder.CreateSubdirectory("music");
        data = folder.CreateSubdirectory("data");
        Decoder = new DecoderPrograms(new DirectoryInfo(At("bin")));
        books = new DrillBooks(Path.Combine(data.FullName, HomeSystem.CatalogueFile));
        files = [.. DrillMusic.Write(music, settings.Files, fault.MostTries, fault.Marks, Random)];
    }

    public DrillFault Fault { get; }

    public string Folder { get; }

    public Random Random { get; }

    public DecoderPrograms Decoder { get; }

    public int FileCount => files.Count;

    public int Workers => settings.Workers;

    public bool HasModel => settings.ModelFolder is not null;

    /// <summary>Where the worker's downloads lie.</summary>
    public DirectoryInfo WorkFolder => new(Path.Combine(data.FullName, HomeSystem.WorkFolder));

    /// <summary>How often the fault was made.</summary>
    public int Trials { get; set; }

    /// <summary>Holds the round.</summary>
    /// <param name="cancel">Ends it without a result; nothing that it started goes on.</param>
    public async Task<DrillRow> RunAsync(CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        if (Fault.Prepare(this) is { } why) return Row(started) with { Skipped = why };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(settings.Limit);
            try
            {
                await UnderFaultAsync(limit.Token);
                await SettleAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                findings.Add(Wrong("openmu up", $"did not end within {settings.Limit.TotalMinutes:0} minutes"));
            }

            findings.AddRange(await books.CloseAsync(files, cancel));
            return Row(started);
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Fault.Finish(this);
        }
    }

    /// <summary>A line of progress.</summary>
    public void Say(string line) => say(
        $"[{Fault.Name}] {books.Ended} of {FileCount} ended, {books.InFlight} in flight, {starts} starts: {line}");

    /// <summary>Waits for numbers of ended jobs and of jobs in flight.</summary>
    public async Task UntilAsync(Func<int, int, bool> isReached, CancellationToken cancel)
    {
        while (!isReached(books.Ended, books.InFlight)) await Task.Delay(LookEvery, time, cancel);
    }

    /// <summary>Waits for a seeded number of seconds.</summary>
    public Task WaitAsync(double least, double most, CancellationToken cancel) =>
        Task.Delay(TimeSpan.FromSeconds(least + ((most - least) * Random.NextDouble())), time, cancel);

    /// <summary>SIGKILL to the process; returns when it was started again.</summary>
    /// <param name="withEmulator">Its storage emulator dies with it and has no time to save.</param>
    /// <param name="cancel">Gives up the waiting.</param>
    public async Task KillProgramAsync(bool withEmulator, CancellationToken cancel)
    {
        var killed = program;
        killed?.Kill();
        if (withEmulator) KillEmulator();
        while (program == killed) await Task.Delay(LookEvery, time, cancel);
    }

    /// <summary>Stops one thread of the process in a native library; returns when the process was started again.
    /// </summary>
    public async Task FreezeProgramAsync(string library, CancellationToken cancel)
    {
        var frozen = program;
        while (frozen is null || !await FrozenThread.FreezeAsync(frozen.Id, library, cancel))
        {
            await Task.Delay(LookEvery, time, cancel);
            frozen = program;
        }

        while (program == frozen) await Task.Delay(LookEvery, time, cancel);
    }

    /// <summary>Uploads one more file through the page, and expects it among the others from its answer on.</summary>
    public async Task UploadAsync(CancellationToken cancel)
    {
        string? page;
        while ((page = program?.Page) is null) await Task.Delay(LookEvery, time, cancel);
        var name = $"uploaded-{files.Count}.wav";
        using var client = new HttpClient();
        using var content = new ByteArrayContent(DrillMusic.MakeTune(files.Count, mark: null, Random));
        using var answer = await client.PostAsync($"{page}/v1/tracks?fileName={name}", content, cancel);
        answer.EnsureSuccessStatusCode();
        files.Add(new DrillFile(name, JobState.Ready, Fault.MostTries));
    }

    /// <summary>SIGINT to the process and its storage emulator, as a terminal's Ctrl-C; returns when it was started
    /// again.</summary>
    public async Task InterruptAsync(CancellationToken cancel)
    {
        var interrupted = program!;
        foreach (var id in (int?[])[EmulatorId(), interrupted.Id])
        {
            if (id is not null) Run("kill", "-INT", $"{id}");
        }

        while (program == interrupted) await Task.Delay(LookEvery, time, cancel);
    }

    /// <summary>SIGKILL to the storage emulator, if it runs.</summary>
    public void KillEmulator()
    {
        if (EmulatorId() is { } id) Run("kill", "-KILL", $"{id}");
        else Say("the storage emulator does not run at the moment");
    }

    private int? EmulatorId()
    {
        try
        {
            var pidFile = AzuriteFolder.PidFile(Path.Combine(data.FullName, HomeSystem.StorageFolder));
            using var emulator = Process.GetProcessById(int.Parse(File.ReadAllText(pidFile)));
            return emulator.ProcessName == "node" ? emulator.Id : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private DrillRow Row(long started) =>
        new(Fault.Name, Trials, FileCount, findings, time.GetElapsedTime(started).TotalSeconds);

    private async Task UnderFaultAsync(CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var aside = Task.WhenAll(WatchAsync(over.Token), Fault.InjectAsync(this, over.Token));
        try
        {
            await KeepRunningAsync(cancel);
        }
        finally
        {
            await over.CancelAsync();
            await aside.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        if (aside.IsFaulted) await aside;
    }

    private async Task WatchAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await books.LookAsync(over);
            await Task.Delay(LookEvery, time, over);
        }
    }

    // Until it has ended by itself with everything handled, which its report proves.
    private async Task KeepRunningAsync(CancellationToken cancel)
    {
        var report = At("report.jsonl");
        string[] arguments =
        [
            "up", music.FullName, "--data", data.FullName, "--once", "--report", report, "--port", "0",
            "--workers", $"{settings.Workers}", "--model", settings.ModelFolder ?? ModelOptions.None,
            .. settings.ModelThreads is { } threads ? ["--model-threads", $"{threads}"] : Array.Empty<string>(),
            .. settings.ModelType is { } type ? ["--type", type] : Array.Empty<string>(),
        ];
        var environment = new Dictionary<string, string>(Fault.Settings) { ["PATH"] = Decoder.SearchPath };
        while (true)
        {
            File.Delete(report);
            starts++;
            using var run = DrillProgram.Start(arguments, environment, At("up.log"));
            program = run;
            var code = await run.EndAsync(cancel);
            if (code is DrillProgram.Killed or ExitCode.Interrupted) continue;
            if (File.Exists(report))
            {
                if (code != RightCode)
                    findings.Add(Wrong("openmu up", $"ended with exit code {code} and should have with {RightCode}"));
                return;
            }

            var saidSo = code == ExitCode.NotDone && run.LastLine.StartsWith("openmu: ", StringComparison.Ordinal);
            if (!saidSo || !(Fault.MayEnd || (Fault.MayRefuseToStart && run.Page is null)))
                findings.Add(Wrong("openmu up", $"ended with exit code {code} too early: {run.LastLine}"));
            Say($"ended with exit code {code}: {run.LastLine}");
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancel);
        }
    }

    private int RightCode => files.Any(file => file.Truth == JobState.Failed) ? ExitCode.NotDone
        : files.Any(file => file.Truth == JobState.Rejected) ? ExitCode.Rejected
        : ExitCode.Done;

    /// <summary>A last start, in this process, without any fault: what is done is not done again, and every queue runs
    /// empty.</summary>
    private async Task SettleAsync(CancellationToken cancel)
    {
        Say("the books are closed");
        var home = new HomeSettings(
            data, Tenant, Port: 0, settings.Workers, settings.ModelFolder, settings.ModelThreads,
            settings.ModelType);
        await using var system = await HomeSystem.StartAsync(home, Say, cancel);
        var queues = new[] { JobKind.Analysis, JobKind.Question }
            .SelectMany(kind => new[] { system.Storage.Waiting(kind), system.Storage.Poison(kind) }).ToList();
        var since = time.GetTimestamp();
        while (true)
        {
            var left = new List<DrillFinding>();
            foreach (var queue in queues)
            {
                var count = (await queue.GetPropertiesAsync(cancel)).Value.ApproximateMessagesCount;
                if (count > 0) left.Add(Wrong($"queue {queue.Name}", $"has {count} messages left"));
            }

            await books.LookAsync(cancel);
            if ((left.Count > 0 || books.Ended < files.Count) && time.GetElapsedTime(since) < TimeToSettle)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancel);
                continue;
            }

            findings.AddRange(left);
            return;
        }
    }

    private static DrillFinding Wrong(string subject, string what) => new(DrillWrong.WronglyEnded, subject, what);

    private string At(string name) => Path.Combine(Folder, name);

    /// <summary>Runs a program to its end; returns what it said if it failed, else null.</summary>
    public static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : said.Trim();
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
