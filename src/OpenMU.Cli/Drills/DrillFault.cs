using OpenMU.Catalogue.Jobs;

namespace OpenMU.Cli.Drills;

/// <summary>A fault of the machine, and how often and when a round makes it.</summary>
/// <param name="Name">For the table and <c>--only</c>.</param>
/// <param name="What">What is done, for the help.</param>
/// <param name="InjectAsync">Makes the fault until it was made often enough; counts in <see cref="DrillRound.Trials"/>.
/// Ends early when its token does, which is when every file has ended.</param>
internal sealed record DrillFault(string Name, string What, Func<DrillRound, CancellationToken, Task> InjectAsync)
{
    private const int LargestDisk = 16 << 20;
    private const string Hangs = "openmu-drill-hangs-always", HangsOnce = "openmu-drill-hangs-once";
    private const string Deadly = "openmu-drill-kills-its-worker";

    // What a file costs whose every try fails, and one whose first try fails.
    private const int AllTries = JobLedger.MaxAttempts, TwoTries = 2;

    private const int HangsOfModel = 2;
    private const string ModelLibrary = "libtorch_cpu.so";

    // So that five tries do not take an hour.
    private static readonly Dictionary<string, string> ShortStall = new()
    {
        ["Worker__StallAfter"] = "00:00:30",
        ["Worker__RetryDelay"] = "00:00:01"
    };

    /// <summary>All that a drill tries, in this order.</summary>
    public static readonly IReadOnlyList<DrillFault> All =
    [
        new("kills", "SIGKILL to the process while tracks are in flight, 15 times", KillAsync) { MostTries = AllTries },
        new("power", "SIGKILL to the process and to the storage emulator at once, 5 times", CutPowerAsync)
        {
            MostTries = AllTries
        },
        new("decoder", "ffmpeg and ffprobe missing, broken (exit code 127), and missing at a start", DecoderAsync)
        {
            MayRefuseToStart = true
        },
        new("emulator", "SIGKILL to the storage emulator, 5 times", EmulatorAsync),
        new("uploads", "Ctrl-C to everything right after the page took an upload, 5 times", UploadAsync),
        new("disk", "the disk of the work folder full (a small tmpfs; needs root), 2 times", DiskAsync)
        {
            Prepare = MountSmallDisk, Finish = Unmount
        },
        new("work-folder", "the work folder deleted under the worker, 3 times", WorkFolderAsync),
        new("hang", "a decoder that hangs: for one file at every try, for another at its first", DoNothingAsync)
        {
            Marks = [new(Hangs, JobState.Failed, AllTries), new(HangsOnce, JobState.Ready, TwoTries)],
            Prepare = HangDecoder,
            Settings = ShortStall,
        },
        new("model", "a call into the model's library that never comes back, 2 times", HangModelAsync)
        {
            MostTries = HangsOfModel + 1, MayEnd = true, Prepare = round => round.HasModel
                ? FrozenThread.Unsupported : "without a model there is nothing to hang",
            Settings = ShortStall,
        },
        new("deadly", "a file whose decoding kills the process, at every try", DoNothingAsync)
        {
            Marks = [new(Deadly, JobState.Failed, AllTries)], Prepare = KillWorker, MostTries = AllTries - 1
        },
    ];

    /// <summary>The most tries that a file without a mark may be charged.</summary>
    public int MostTries { get; private init; } = 1;

    /// <summary>Whether the program may say at its start that it cannot work.</summary>
    public bool MayRefuseToStart { get; private init; }

    /// <summary>Whether the program may say that it cannot go on, and end.</summary>
    public bool MayEnd { get; private init; }

    /// <summary>The files that it is about, if not all are.</summary>
    public IReadOnlyList<DrillMark> Marks { get; private init; } = [];

    /// <summary>Environment variables of the program.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private init; } = new Dictionary<string, string>();

    /// <summary>Called before the program starts; returns why the round cannot be held here, or null.</summary>
    public Func<DrillRound, string?> Prepare { get; private init; } = _ => null;

    /// <summary>Called at the end of a round that was prepared.</summary>
    public Action<DrillRound> Finish { get; private init; } = _ => { };

    private static Task DoNothingAsync(DrillRound round, CancellationToken over)
    {
        round.Trials = round.Fault.Marks.Count;
        return Task.CompletedTask;
    }

    private static Task KillAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, AtMost(15, round), _ => round.KillProgramAsync(withEmulator: false, over), over);

    private static Task CutPowerAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, AtMost(5, round), _ => round.KillProgramAsync(withEmulator: true, over), over);

    private static Task EmulatorAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, AtMost(5, round), _ =>
        {
            round.KillEmulator();
            return Task.CompletedTask;
        }, over);

    private static Task UploadAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, AtMost(5, round), async _ =>
        {
            await round.UploadAsync(over);
            await round.InterruptAsync(over);
        }, over);

    private static Task WorkFolderAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, 3, _ =>
        {
            try
            {
                if (round.WorkFolder.Exists) round.WorkFolder.Delete(recursive: true);
            }
            catch (IOException)
            {
                // A download has just begun in what was being deleted: most of it is gone all the same.
            }

            return Task.CompletedTask;
        }, over);

    private static Task DecoderAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, 3, async trial =>
        {
            try
            {
                if (trial == 1) round.Decoder.Break();
                else round.Decoder.Remove();
                if (trial == 2) await round.KillProgramAsync(withEmulator: false, over);
                await round.WaitAsync(5, 10, over);
            }
            finally
            {
                round.Decoder.Restore();
            }
        }, over);

    private static Task DiskAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, 2, async _ =>
        {
            var ballast = Path.Combine(round.WorkFolder.FullName, "ballast");
            try
            {
                Fill(ballast);
                await round.WaitAsync(5, 10, over);
            }
            finally
            {
                File.Delete(ballast);
            }
        }, over);

    private static Task HangModelAsync(DrillRound round, CancellationToken over) =>
        AtMomentsAsync(round, HangsOfModel, _ => round.FreezeProgramAsync(ModelLibrary, over), over);

    // With a few files there is less to spread them over.
    private static int AtMost(int times, DrillRound round) => Math.Clamp(round.FileCount / 4, 1, times);

    /// <summary>Does something at seeded moments, spread over the files as they end.</summary>
    private static async Task AtMomentsAsync(
        DrillRound round, int times, Func<int, Task> doAsync, CancellationToken over)
    {
        // One in each of equal shares of the files, the last early enough to find work in flight.
        var share = Math.Max(0.0, round.FileCount - (2 * round.Workers)) / times;
        var longestWait = Math.Min(1, round.FileCount / 60.0);
        var moments = Enumerable.Range(0, times).Select(trial => (int)(share * (trial + round.Random.NextDouble())));
        foreach (var (moment, trial) in moments.ToList().Select((moment, trial) => (moment, trial)))
        {
            await round.UntilAsync((ended, inFlight) => ended >= moment && inFlight > 0, over);
            await round.WaitAsync(0, longestWait, over);
            round.Say($"the fault is made, time {trial + 1} of {times}");
            await doAsync(trial);
            round.Trials++;
        }
    }

    private static string? HangDecoder(DrillRound round)
    {
        var (sleep, hung) = ($"exec {DecoderPrograms.Real("sleep")} 86400", Path.Combine(round.Folder, "hung"));
        round.Decoder.Trap([(Hangs, sleep), (HangsOnce, $"[ -e '{hung}' ] || {{ : >'{hung}'; {sleep}; }}")]);
        return null;
    }

    private static string? KillWorker(DrillRound round)
    {
        round.Decoder.Trap([(Deadly, "kill -9 $PPID; exit 1")]);
        return null;
    }

    private static string? MountSmallDisk(DrillRound round)
    {
        round.WorkFolder.Create();
        return DrillRound.Run("mount", "-t", "tmpfs", "-o", $"size={LargestDisk}", "tmpfs", round.WorkFolder.FullName) is { } why
            ? $"a small disk cannot be mounted: {why}"
            : null;
    }

    private static void Unmount(DrillRound round)
    {
        if (DrillRound.Run("umount", round.WorkFolder.FullName) is { } why) round.Say($"The small disk stays mounted: {why}");
    }

    private static void Fill(string path)
    {
        var block = new byte[1 << 16];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            while (file.Length < LargestDisk) file.Write(block);
        }
        catch (IOException)
        {
            // As was wanted.
        }
    }
}
