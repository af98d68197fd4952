using System.Globalization;

namespace OpenMU.Benchmarks;

/// <summary>
/// Memory of this process as Linux counts it, in bytes: everything resident, pages of mapped files included.
/// </summary>
/// <param name="Resident">Resident now.</param>
/// <param name="Peak">The most that ever was resident.</param>
/// <param name="Own">Of the resident, what is not pages of files.</param>
internal readonly record struct ResidentMemory(long Resident, long Peak, long Own)
{
    public static ResidentMemory Now()
    {
        var lines = File.ReadAllLines("/proc/self/status");
        long Of(string name) => 1024 * long.Parse(
            lines.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(Of("VmRSS"), Of("VmHWM"), Of("RssAnon"));
    }
}
