using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Pages of 2 MB under the weights: decoding reads them all for each token, and with pages of 4 kB a core reads a tenth
/// slower. Only weights get them: a KV cache would be resident before it is filled.
/// </summary>
internal static partial class HugePages
{
    private const long Size = 2 << 20;
    private const int Collapse = 25;    // MADV_COLLAPSE of Linux 6.1

    /// <summary>Puts a matrix on the CPU into huge pages; where the system cannot, it stays as it is.</summary>
    public static void Use(Tensor matrix)
    {
        if (!OperatingSystem.IsLinux() || matrix.device_type != TorchSharp.DeviceType.CPU) return;
        var start = Bf16Product.DataOf(matrix.Handle);
        var (first, end) = ((start + Size - 1) / Size * Size, start + (matrix.numel() * matrix.element_size()));
        if (end - first >= Size) _ = Advise((nint)first, (nuint)((end - first) / Size * Size), Collapse);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}
