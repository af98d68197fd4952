using Microsoft.Extensions.Logging;

namespace OpenMU.Worker;

/// <summary>
/// The disk of the work folder, and the room on it that downloads take. A download waits for its room rather than fill
/// the disk.
/// </summary>
/// <param name="folder">The root of work folders.</param>
/// <param name="limit">Bytes of all downloads together; null for as much as there is.</param>
/// <param name="space">Free and total bytes of the folder's disk.</param>
/// <param name="time">Tells how long to wait before the disk is looked at again.</param>
/// <param name="log">Told when the disk is full and when it has room again.</param>
internal sealed class WorkDisk(
    string folder, long? limit, Func<(long Free, long Total)> space, TimeProvider time, ILogger log)
    : MachinePart("The disk for downloads", time, log)
{
    private const int ProbeBytes = 1 << 20;
    private const long MostSpare = 64 << 20;

    // Of errno: input or output, file too big, no space, read only, quota used up. The last is Windows' own "full".
    private static readonly HashSet<int> Errors = [5, 27, 28, 30, 122, unchecked((int)0x80070070)];
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim line = new(1, 1);
    private TaskCompletionSource left = NewSignal();
    private long taken, unwritten, needed;

    /// <summary>The disk of a folder.</summary>
    public static WorkDisk Of(string folder, long? limit, TimeProvider time, ILogger log)
    {
        return new WorkDisk(folder, limit, Space, time, log);

        (long Free, long Total) Space()
        {
            Directory.CreateDirectory(folder);
            var drive = new DriveInfo(Path.GetFullPath(folder));
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
    }

    /// <summary>Waits, in the order of the calls, until there is room for a download.</summary>
    /// <param name="bytes">The download's.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>The room, which its disposal gives back.</returns>
    /// <exception cref="IOException">The disk is too full, and not with downloads.</exception>
    /// <exception cref="InvalidOperationException">The disk is too small, even if it were empty.</exception>
    public async Task<Room> TakeAsync(long bytes, CancellationToken cancel)
    {
        await line.WaitAsync(cancel);
        try
        {
            while (true)
            {
                Task next;
                lock (gate)
                {
                    var (free, total) = space();
                    var spare = Math.Min(MostSpare, total / 20);
                    if (bytes > total - spare)
                        throw new InvalidOperationException(
                            $"The file has {Mebibytes(bytes)}, the worker's disk {Mebibytes(total)} in all.");
                    var fits = free - unwritten - spare >= bytes;
                    if (fits && (limit is null || taken == 0 || taken + bytes <= limit)) return new Room(this, bytes);
                    if (taken == 0) throw Full(bytes, free);
                    next = left.Task;
                }

                await Task.WhenAny(next, Task.Delay(Pause, Time, cancel));
                cancel.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            line.Release();
        }
    }

    public override Task<bool> IsToBlameAsync(Exception failure)
    {
        var isToBlame = failure is UnauthorizedAccessException
            || (failure is IOException && Errors.Contains(failure.HResult));
        if (isToBlame) Note(failure.Message);
        return Task.FromResult(isToBlame);
    }

    protected override async Task<string?> FindProblemAsync(CancellationToken cancel)
    {
        try
        {
            var (free, _) = space();
            var wanted = Interlocked.Read(ref needed);
            if (free < wanted) return Full(wanted, free).Message;
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 0,
            };
            await using var probe = new FileStream(Path.Combine(folder, $"probe-{Guid.NewGuid():N}"), options);
            await probe.WriteAsync(new byte[ProbeBytes], cancel);
            Interlocked.Exchange(ref needed, 0);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private IOException Full(long bytes, long free)
    {
        const int NoSpaceLeft = 28;
        Interlocked.Exchange(ref needed, bytes);
        return new IOException(
            $"A file of {Mebibytes(bytes)} does not fit on the disk, of which {Mebibytes(free)} are free.", NoSpaceLeft);
    }

    private static string Mebibytes(long bytes) => $"{bytes / (double)(1 << 20):0.#} MiB";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Room for one download.</summary>
    public sealed class Room : IDisposable
    {
        private readonly WorkDisk disk;
        private readonly long bytes;
        private long unwritten;

        internal Room(WorkDisk disk, long bytes)
        {
            (this.disk, this.bytes, unwritten) = (disk, bytes, bytes);
            disk.taken += bytes;
            disk.unwritten += bytes;
        }

        /// <summary>So much of it is on the disk now, where its own count of free bytes tells.</summary>
        public void Wrote(long more)
        {
            lock (disk.gate)
            {
                more = Math.Min(more, unwritten);
                unwritten -= more;
                disk.unwritten -= more;
            }
        }

        /// <summary>Call it when the file is deleted.</summary>
        public void Dispose()
        {
            TaskCompletionSource signal;
            lock (disk.gate)
            {
                disk.taken -= bytes;
                disk.unwritten -= unwritten;
                unwritten = 0;
                (signal, disk.left) = (disk.left, NewSignal());
            }

            signal.SetResult();
        }
    }
}
