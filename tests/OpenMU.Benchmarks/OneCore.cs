using System.Diagnostics;
using System.Globalization;

namespace OpenMU.Benchmarks;

/// <summary>
/// Runs this program, its threads and its children on a single core, and counts the processor time of them all.
/// </summary>
internal static class OneCore
{
    /// <summary>Starts the program again under taskset where it may use several cores.</summary>
    /// <returns>The exit code of the second run, or null if this is already it.</returns>
    public static async Task<int?> RestartAsync(string[] arguments)
    {
        if (Environment.ProcessorCount == 1 || !OperatingSystem.IsLinux()) return null;
        using var process = Process.Start(
            "taskset", ["-c", $"{Environment.ProcessorCount - 1}", Environment.ProcessPath!, .. arguments]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Seconds of processor time of this process and of the children that have ended.</summary>
    public static double ProcessorSeconds()
    {
        if (!OperatingSystem.IsLinux()) return Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        // proc(5): after the name in parentheses, fields 14 to 17 are utime, stime, cutime and cstime, in
        // hundredths of a second.
        var stat = File.ReadAllText("/proc/self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15]
            .Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) / 100.0;
    }
}
