using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>How much memory a device has free.</summary>
internal static partial class DeviceMemory
{
    /// <summary>Free bytes; null where they cannot be known.</summary>
    public static long? FreeBytes(Device device) =>
        device.type == TorchSharp.DeviceType.CPU ? FreeOfMachine("/") : FreeOfGpu(device);

    /// <summary>
    /// What the kernel can give without swapping (MemAvailable), or less where a control group (version 2 or 1) of this
    /// process or one above it allows less. File pages that can be dropped count as free.
    /// </summary>
    /// <param name="root">Where the machine's files begin.</param>
    public static long? FreeOfMachine(string root)
    {
        var machine = Field(Path.Combine(root, "proc/meminfo"), "MemAvailable:") * 1024;
        var groups = Groups(root).Select(Free).OfType<long>().ToArray();
        return groups.Length == 0 ? machine : Math.Min(machine ?? long.MaxValue, groups.Min());
    }

    private static IEnumerable<string> Groups(string root)
    {
        var lines = Lines(Path.Combine(root, "proc/self/cgroup"));
        foreach (var line in lines)
        {
            if (line.Split(':', 3) is not [_, var controllers, var path]) continue;
            var isMemory = controllers.Split(',').Contains("memory");
            if (controllers.Length > 0 && !isMemory) continue;
            var top = Path.Combine(root, isMemory ? "sys/fs/cgroup/memory" : "sys/fs/cgroup");
            // Inside of a container the path may be that of the host, of which only the top is to be seen.
            for (var at = path.Trim('/'); ; at = Path.GetDirectoryName(at) ?? "")
            {
                yield return Path.Combine(top, at);
                if (at.Length == 0) break;
            }
        }
    }

    private static long? Free(string group)
    {
        var limit = Number(Path.Combine(group, "memory.max"))
            ?? Number(Path.Combine(group, "memory.limit_in_bytes"));
        var used = Number(Path.Combine(group, "memory.current"))
            ?? Number(Path.Combine(group, "memory.usage_in_bytes"));
        var pages = Field(Path.Combine(group, "memory.stat"), "inactive_file") ?? 0;
        return Math.Max(0, limit - Math.Max(0, used - pages ?? 0) ?? -1) is var free && limit is not null ? free : null;
    }

    /// <summary>The number of a file that holds nothing else; null where it holds none, such as "max".</summary>
    private static long? Number(string path) =>
        long.TryParse(Lines(path).FirstOrDefault(), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static long? Field(string path, string name) =>
        Lines(path).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(words => words.Length > 1 && words[0] == name) is { } found
        && long.TryParse(found[1], CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? FreeOfGpu(Device device)
    {
        try
        {
            // libtorch makes the device's context the current one of this thread.
            using var first = zeros(1, device: device);
            return MemoryOfContext(out var free, out _) == 0 ? (long)free : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libcuda.so.1", EntryPoint = "cuMemGetInfo_v2")]
    private static partial int MemoryOfContext(out nuint free, out nuint total);
}
