using System.Globalization;
using System.Runtime.InteropServices;

namespace OpenMU.Cli.Drills;

/// <summary>
/// A call into a native library that never comes back, as of a driver that hangs: one thread of another process is
/// stopped in it through ptrace(2), until that process ends; never the first thread. Linux on x86-64 only.
/// </summary>
internal static partial class FrozenThread
{
    private const int Seize = 0x4206, Interrupt = 0x4207, Detach = 17, GetRegisters = 12;
    private const int AllThreads = 0x40000000;     // __WALL
    private const int Registers = 27, InstructionPointer = 16;      // user_regs_struct
    private const int StoppedLow = 0x7f;
    private const int BusiestThreads = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Why it cannot be done here, or null.</summary>
    public static string? Unsupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? null : "stopping one thread needs Linux on x86-64";

    /// <summary>Waits until a thread of a child process is in a library, and stops it there for good.</summary>
    /// <param name="processId">A child of this process.</param>
    /// <param name="library">The file name of the library.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False if the process ended before, or may not be traced.</returns>
    public static async Task<bool> FreezeAsync(int processId, string library, CancellationToken cancel)
    {
        var frozen = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        // All requests of a tracer must come from one thread, and its end would let the traced one go on.
        var tracer = new Thread(() => Trace(processId, library, frozen, cancel)) { IsBackground = true };
        tracer.Start();
        return await frozen.Task;
    }

    private static void Trace(
        int processId, string library, TaskCompletionSource<bool> frozen, CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                foreach (var thread in Busiest(processId))
                {
                    if (!TryStopIn(processId, thread, library)) continue;
                    frozen.SetResult(true);
                    // Taken notice of, or its process would never be quite gone.
                    _ = WaitFor(thread, out _, AllThreads);
                    return;
                }

                Thread.Sleep(Pause);
            }

            frozen.SetCanceled(cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            frozen.TrySetResult(false);     // its files in /proc are gone
        }
    }

    private static bool TryStopIn(int processId, int thread, string library)
    {
        if (Request(Seize, thread, 0, 0) != 0) return false;
        _ = Request(Interrupt, thread, 0, 0);
        if (WaitFor(thread, out var status, AllThreads) != thread || (status & 0xff) != StoppedLow) return false;
        var registers = new ulong[Registers];
        if (ReadRegisters(GetRegisters, thread, 0, registers) == 0
            && IsIn(processId, library, registers[InstructionPointer]))
        {
            return true;
        }

        _ = Request(Detach, thread, 0, 0);
        return false;
    }

    private static bool IsIn(int processId, string library, ulong address) =>
        File.ReadLines($"/proc/{processId}/maps")
            .Where(line => line.EndsWith("/" + library, StringComparison.Ordinal))
            .Select(line => line[..line.IndexOf(' ')].Split('-'))
            .Any(range => address >= Hexadecimal(range[0]) && address < Hexadecimal(range[1]));

    private static ulong Hexadecimal(string text) =>
        ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IEnumerable<int> Busiest(int processId)
    {
        var before = Ticks(processId);
        Thread.Sleep(Pause);
        // Not the first thread: whoever takes notice of its end takes that of the process from .NET.
        return Ticks(processId)
            .Where(thread => thread.Key != processId && thread.Value > before.GetValueOrDefault(thread.Key))
            .OrderByDescending(thread => thread.Value - before.GetValueOrDefault(thread.Key))
            .Take(BusiestThreads).Select(thread => thread.Key);
    }

    private static Dictionary<int, long> Ticks(int processId)
    {
        var ticks = new Dictionary<int, long>();
        foreach (var folder in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                // proc(5): what follows the name in brackets begins with field 3; 14 is the time in user mode.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                ticks[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] =
                    long.Parse(fields[11], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return ticks;
    }

    [LibraryImport("libc", EntryPoint = "ptrace")]
    private static partial nint Request(int request, int thread, nint address, nint data);

    [LibraryImport("libc", EntryPoint = "ptrace")]
    private static partial nint ReadRegisters(int request, int thread, nint address, [Out] ulong[] registers);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitFor(int thread, out int status, int options);
}
