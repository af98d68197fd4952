using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>
/// The threads that compute for the model: libtorch's, and the thread pool of our own matrix kernels. A decode step
/// uses that pool hundreds of times, each time for well under a millisecond, so threads spin for a moment before they
/// sleep; where libtorch computes on several threads they sleep at once, for its threads need the processors. There are
/// more pieces of work than threads: a thread that is descheduled does not hold up the others.
/// </summary>
public static partial class KernelThreads
{
    private const int PiecesPerThread = 4;
    private const int SpinsBeforeSleep = 4000;

    private static readonly Lock OneAtATime = new();
    private static readonly object Gate = new();
    private static readonly List<Thread> Threads = [];
    private static Job? current;
    private static int sleeping;
    private static volatile bool spins = true;
    private static int count = Environment.ProcessorCount;

    /// <summary>Threads for one product, the caller included.</summary>
    public static int Count
    {
        get => count;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            count = value;
        }
    }

    /// <summary>
    /// Lets libtorch and our own kernels compute on this many threads. Called before libtorch's first use it also lets
    /// libtorch's threads sleep between two operations instead of spinning for milliseconds on the processors that our
    /// own threads need. Whoever has set OMP_WAIT_POLICY keeps it.
    /// </summary>
    public static void Use(int threads)
    {
        Count = threads;
        // libgomp reads it once, when it is loaded; .NET's own variables do not reach native code.
        if (OperatingSystem.IsLinux()) _ = SetVariable("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        set_num_threads(threads);
    }

    /// <summary>
    /// Until it is disposed, libtorch computes on the caller's thread alone where there are few rows: its operations on
    /// them take microseconds, less than waking a second thread, which our own kernels' thread keeps busy anyway.
    /// </summary>
    /// <param name="rows">Rows of activations that a step works on.</param>
    internal static FewRows ForRows(long rows) => new(rows);

    /// <summary>
    /// Calls <paramref name="work"/> on several threads with ranges that together cover 0 .. <paramref name="total"/>,
    /// each starting at a multiple of <paramref name="multiple"/>.
    /// </summary>
    internal static void For(int total, int multiple, Action<int, int> work)
    {
        // A second caller at the same time works alone instead of waiting.
        if (count == 1 || total <= multiple || !OneAtATime.TryEnter())
        {
            work(0, total);
            return;
        }
        try
        {
            var job = new Job(total, multiple, count, work);
            StartThreads(count - 1);
            Interlocked.Exchange(ref current, job);
            if (Volatile.Read(ref sleeping) > 0)
            {
                lock (Gate) Monitor.PulseAll(Gate);
            }
            job.Run();
            job.Wait();
        }
        finally
        {
            OneAtATime.Exit();
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    private static void StartThreads(int wanted)
    {
        while (Threads.Count < wanted)
        {
            var index = Threads.Count;
            var thread = new Thread(() => Serve(index)) { IsBackground = true, Name = $"matrix {index}" };
            Threads.Add(thread);
            thread.Start();
        }
    }

    private static void Serve(int index)
    {
        Job? last = null;
        while (true)
        {
            for (var turn = 0; spins && turn < SpinsBeforeSleep && Volatile.Read(ref current) == last; turn++)
                Thread.SpinWait(8);
            if (Volatile.Read(ref current) == last)
            {
                lock (Gate)
                {
                    Interlocked.Increment(ref sleeping);
                    while (Volatile.Read(ref current) == last) Monitor.Wait(Gate);
                    Interlocked.Decrement(ref sleeping);
                }
            }
            last = Volatile.Read(ref current);
            if (index < last!.Threads - 1) last.Run();
        }
    }

    internal readonly struct FewRows : IDisposable
    {
        private readonly int before;

        internal FewRows(long rows)
        {
            before = rows > Bf16Product.MaximumRows ? 0 : get_num_threads();
            if (before > 1) set_num_threads(1);
            // Until the next step, that is: between two of decoding there is one more product.
            spins = before > 0;
        }

        public void Dispose()
        {
            if (before > 1) set_num_threads(before);
        }
    }

    private sealed class Job(int total, int multiple, int threads, Action<int, int> work)
    {
        private readonly int size = Math.Max(1, total / (threads * PiecesPerThread) / multiple) * multiple;
        private int next, finished;
        private Exception? error;

        public int Threads => threads;

        private int Pieces => (total + size - 1) / size;

        public void Run()
        {
            for (var piece = Interlocked.Increment(ref next) - 1; piece < Pieces;
                piece = Interlocked.Increment(ref next) - 1)
            {
                try
                {
                    work(piece * size, Math.Min(total, (piece + 1) * size));
                }
                catch (Exception e)
                {
                    error = e;
                }
                Interlocked.Increment(ref finished);
            }
        }

        public void Wait()
        {
            var wait = new SpinWait();
            while (Volatile.Read(ref finished) < Pieces) wait.SpinOnce(sleep1Threshold: -1);
            if (error is not null) throw new InvalidOperationException("A matrix kernel failed.", error);
        }
    }
}
