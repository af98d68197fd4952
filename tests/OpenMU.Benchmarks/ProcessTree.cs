using System.Globalization;

namespace OpenMU.Benchmarks;

/// <summary>What a running program and its children take, as /proc tells it.</summary>
internal static class ProcessTree
{
    /// <summary>
    /// The most memory that a process had resident, in KiB. The kernel keeps the peak itself, so nothing between two
    /// looks is missed, except for what follows the last one. 0 once it has ended.
    /// </summary>
    public static long PeakKib(int process) => Read(process, "status") is { } status
        && status.Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;

    /// <summary>Its children that run.</summary>
    public static int[] Children(int process)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{process}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children"))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(id => int.Parse(id, CultureInfo.InvariantCulture)))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>The name of its program; empty once it has ended.</summary>
    public static string NameOf(int process) => Read(process, "comm")?.Trim() ?? "";

    /// <summary>
    /// Seconds of processor time: its own, and those of its children that have ended. (0, 0) once it has ended.
    /// </summary>
    public static (double Own, double Children) ProcessorSeconds(int process)
    {
        // proc(5): after the name in parentheses, fields 14 to 17 are utime, stime, cutime and cstime, in hundredths of
        // a second.
        if (Read(process, "stat") is not { Length: > 0 } stat) return (0, 0);
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15]
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture) / 100.0).ToArray();
        return (fields[0] + fields[1], fields[2] + fields[3]);
    }

    private static string? Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
