using System.Diagnostics;
using System.Text;
using FFMpegCore;

namespace OpenMU.Mir.Audio;

/// <summary>
/// One bounded ffmpeg or ffprobe process. FFMpegCore writes the arguments and reads the analysis, but its own process
/// layer keeps all of stderr in memory, knows no memory limit and hands over the caller's environment, so hostile files
/// are given to this one.
/// </summary>
internal sealed class MediaProcess : IAsyncDisposable
{
    // Containers of recorded sound. Playlists, concat scripts and streaming manifests name other files and stay out.
    private const string Formats =
        "3g2,3gp,aac,ac3,aiff,amr,ape,asf,asf_o,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,iff,m4a,matroska,mj2,mlp,"
            + "mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,nut,ogg,oma,rm,sox,spdif,tak,truehd,tta,voc,w64,wav,webm,wsd,wv,xwma";

    /// <summary>Options that both programs take before their input.</summary>
    public const string InputOptions = $"-hide_banner -protocol_whitelist file,pipe -format_whitelist {Formats}";

    private const int KeptErrorCharacters = 2000;

    // Beyond the bound that is watched here; it ends what outlives a killed worker.
    private const int ProcessorTimeMargin = 60;
    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BannerPatience = TimeSpan.FromSeconds(10);

    private static readonly string[] PassedVariables = ["PATH", "LD_LIBRARY_PATH", "SystemRoot", "TEMP"];

    private readonly Process process;
    private readonly string program;
    private readonly ITimer watch;
    private readonly Task errors;
    private readonly CancellationTokenSource deadline;
    private readonly CancellationToken cancel;
    private readonly StringBuilder keptErrors = new();
    private readonly DecoderBanner? banner;
    private readonly string path;
    private TimeSpan left;
    private bool hasExited, isDisposed;
    private volatile bool isOutOfProcessorTime;

    private MediaProcess(Process process, string program, string path, TimeSpan processorTime, DecodeLimits limits,
        DecoderBanner? banner, CancellationToken cancel)
    {
        this.process = process;
        this.banner = banner;
        this.program = program;
        Id = process.Id;
        this.path = path;
        this.cancel = cancel;
        left = limits.Timeout;
        deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.Token.Register(Kill);
        process.StandardInput.Close();
        errors = DrainErrorsAsync();
        watch = TimeProvider.System.CreateTimer(
            _ => WatchProcessorTime(processorTime, limits), null, WatchEvery, WatchEvery);
    }

    public int Id { get; }

    /// <summary>Lines on stderr so far, but for those about the output, which say nothing about the file.</summary>
    public int ErrorLines { get; private set; }

    /// <summary>Those of the lines that miss the header of a frame of MPEG audio.</summary>
    public int MissingHeaders { get; private set; }

    /// <summary>The first of what was said on stderr, without control characters and the file's path.</summary>
    public string Errors
    {
        get
        {
            lock (keptErrors)
            {
                return TagText.Clean(
                    keptErrors.ToString().Replace(path, "", StringComparison.Ordinal), KeptErrorCharacters) ?? "";
            }
        }
    }

    /// <param name="program">ffmpeg or ffprobe.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="path">Full path of the input, to keep it out of messages.</param>
    /// <param name="processorTime">How long it may compute.</param>
    /// <param name="limits">Memory and waiting time.</param>
    /// <param name="cancel">Kills the process.</param>
    /// <param name="banner">Reads what it says, each line with its level; null where all that it says are complaints.
    /// Until the banner ends it may compute no longer than ffprobe.</param>
    /// <exception cref="DecoderUnavailableException">The program could not be started.</exception>
    public static MediaProcess Start(
        string program, string arguments, string path, TimeSpan processorTime, DecodeLimits limits,
        CancellationToken cancel, DecoderBanner? banner = null)
    {
        cancel.ThrowIfCancellationRequested();
        var binary = Path.Combine(limits.ProgramFolder ?? GlobalFFOptions.Current.BinaryFolder, program);
        var start = new ProcessStartInfo(binary, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Prlimit is { } prlimit)
        {
            // No memory beyond the limit, no file written, no core dump.
            start.FileName = prlimit;
            var seconds = (int)Math.Ceiling(processorTime.TotalSeconds) + ProcessorTimeMargin;
            start.Arguments =
                $"--as={limits.MaxDecoderBytes} --cpu={seconds} --fsize=0 --core=0 -- {Quote(binary)} {arguments}";
        }

        foreach (var name in start.Environment.Keys.Except(PassedVariables).ToList()) start.Environment.Remove(name);
        try
        {
            return new MediaProcess(Process.Start(start)!, program, path, processorTime, limits, banner, cancel);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            const int NoSuchFile = 2, NotPermitted = 13;
            throw e.NativeErrorCode is NoSuchFile or NotPermitted
                ? new DecoderUnavailableException(DecoderFault.NotInstalled, $"{program} is not installed.", e)
                : new DecoderUnavailableException(DecoderFault.NotStarted, $"{program} could not be started.", e);
        }
    }

    /// <summary>Fills the buffer from stdout; less than its length only at the end of the output.</summary>
    /// <exception cref="UnreadableAudioException">The process used up its processor time.</exception>
    /// <exception cref="DecoderUnavailableException">The process kept us waiting too long.</exception>
    public Task<int> ReadAsync(Memory<byte> buffer) =>
        BoundedAsync(() => process.StandardOutput.BaseStream
            .ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false).AsTask());

    /// <summary>
    /// Waits for the end of the banner, or of all that the process says, but not much longer than it should take: the
    /// banner stands before the first sample, which has come.
    /// </summary>
    public Task BannerAsync() =>
        BoundedAsync(() => Task.WhenAny(banner!.Completed, errors, Task.Delay(BannerPatience)));

    /// <summary>Waits for the end of the process.</summary>
    /// <returns>Its exit code, which is its own and no signal's.</returns>
    /// <exception cref="UnreadableAudioException">The process used up its processor time.</exception>
    /// <exception cref="DecoderUnavailableException">
    /// It did not run, was ended by a signal, or kept us waiting too long.
    /// </exception>
    public async Task<int> ExitAsync()
    {
        var exitCode = await BoundedAsync(async () =>
        {
            await process.WaitForExitAsync(CancellationToken.None);
            hasExited = true;
            await errors;
            return process.ExitCode;
        });
        if (exitCode == ProgramExit.OutOfProcessorTime) throw TookTooLong();
        return ProgramExit.MachineFault(program, exitCode, Errors) is { } fault ? throw fault : exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        if (!hasExited)
        {
            Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            await errors;
        }

        await watch.DisposeAsync();
        process.Dispose();
        deadline.Dispose();
    }

    /// <summary>The path as one argument within a command line, quotes included.</summary>
    public static string Quote(string path) => $"\"{EscapeInQuotes(path)}\"";

    /// <summary>
    /// The path for use between double quotes: a backslash counts only in front of a quote, where it is doubled.
    /// </summary>
    public static string EscapeInQuotes(string path)
    {
        var escaped = new StringBuilder();
        var backslashes = 0;
        foreach (var c in path)
        {
            if (c == '"') escaped.Append('\\', backslashes + 1);
            backslashes = c == '\\' ? backslashes + 1 : 0;
            escaped.Append(c);
        }

        return escaped.Append('\\', backslashes).ToString();
    }

    private static string? Prlimit { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "prlimit")).FirstOrDefault(File.Exists);

    // Only the waiting counts against the time limit. A kill ends every wait, so none needs a token of its own.
    private async Task<T> BoundedAsync<T>(Func<Task<T>> wait)
    {
        var started = Stopwatch.GetTimestamp();
        deadline.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        var result = await wait();
        left -= Stopwatch.GetElapsedTime(started);
        cancel.ThrowIfCancellationRequested();
        if (isOutOfProcessorTime) throw TookTooLong();
        if (deadline.IsCancellationRequested)
            throw new DecoderUnavailableException(DecoderFault.TimedOut, $"{program} did not answer in time.", Errors);
        deadline.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
        return result;
    }

    private UnreadableAudioException TookTooLong() => new("Decoding the file took too long.", Errors);

    private async Task DrainErrorsAsync()
    {
        var buffer = new char[1024];
        var line = new StringBuilder();
        while (await process.StandardError.ReadAsync(buffer) is var read and > 0)
        {
            foreach (var c in buffer.AsSpan(0, read))
            {
                if (c == '\n') TakeLine(line);
                else if (line.Length < KeptErrorCharacters) line.Append(c);
            }
        }

        if (line.Length > 0) TakeLine(line);
    }

    private void TakeLine(StringBuilder line)
    {
        var text = line.ToString();
        line.Clear();
        if (banner is not null)
        {
            if (banner.Take(text) is not { } complaint) return;
            text = complaint;
        }

        lock (keptErrors)
        {
            var room = Math.Max(0, (2 * KeptErrorCharacters) - keptErrors.Length);
            keptErrors.Append(text.AsSpan(0, Math.Min(text.Length, room))).Append('\n');
        }

        // Time stamps that go back a little are common in sound Vorbis files. They do not reach the samples, and only
        // the writer of the output complains.
        if (!text.Contains("to muxer in stream", StringComparison.Ordinal)) ErrorLines++;
        if (text.Contains("Header missing", StringComparison.Ordinal)) MissingHeaders++;
    }

    private void WatchProcessorTime(TimeSpan limit, DecodeLimits limits)
    {
        if (banner is { Completed.IsCompleted: false }) limit = limits.ProbeProcessorTime;
        try
        {
            if (process.TotalProcessorTime < limit) return;
            isOutOfProcessorTime = true;
            Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
