using System.Runtime.InteropServices;
using OpenMU.Catalogue;

namespace OpenMU.Worker;

/// <summary>
/// Asks NVIDIA's driver for the memory of its GPUs, through its management library (NVML), which
/// comes with every driver.
/// </summary>
internal static partial class GpuMemory
{
    private const string Library = "libnvidia-ml.so.1";
    private const int Success = 0;

    private static readonly Lazy<bool> IsThere = new(() =>
    {
        if (!NativeLibrary.TryLoad(Library, out var library)) return false;
        // Some images bring an empty stub of the library.
        return NativeLibrary.TryGetExport(library, "nvmlInit_v2", out _) && Initialise() == Success;
    });

    /// <returns>One reading for each GPU; none without a driver.</returns>
    public static IEnumerable<DeviceMemoryReading> Read()
    {
        if (!IsThere.Value || Count(out var count) != Success) yield break;
        for (var device = 0; device < count; device++)
        {
            if (Handle((uint)device, out var handle) == Success && Memory(handle, out var memory) == Success)
                yield return new(device, (long)memory.Used, (long)memory.Total);
        }
    }

    [LibraryImport(Library, EntryPoint = "nvmlInit_v2")]
    private static partial int Initialise();

    [LibraryImport(Library, EntryPoint = "nvmlDeviceGetCount_v2")]
    private static partial int Count(out uint count);

    [LibraryImport(Library, EntryPoint = "nvmlDeviceGetHandleByIndex_v2")]
    private static partial int Handle(uint index, out nint device);

    [LibraryImport(Library, EntryPoint = "nvmlDeviceGetMemoryInfo")]
    private static partial int Memory(nint device, out MemoryInfo memory);

    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryInfo
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
