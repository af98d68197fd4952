using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace OpenMU.Model.Kernels;

/// <summary>Whether this processor multiplies bfloat16 numbers itself.</summary>
public static class Bf16Hardware
{
    /// <summary>
    /// AVX512-BF16 or AMX-BF16 is there and neither .NET nor oneDNN, to which libtorch leaves such products, has been
    /// forbidden to use it. Without these instructions libtorch's bfloat16 products are far slower than float32 ones.
    /// </summary>
    public static bool IsNative { get; } = Detect();

    private static bool Detect()
    {
        if (!Avx512F.IsSupported) return false;
        // oneDNN's levels below AVX512_CORE_BF16 widen.
        var limit = Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA");
        if (limit is not null && limit != "ALL" && limit != "DEFAULT"
            && !limit.Contains("BF16", StringComparison.OrdinalIgnoreCase)
            && !limit.Contains("AMX", StringComparison.OrdinalIgnoreCase)
            && !limit.Contains("FP16", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Intel's manual, CPUID leaf 7: sub-leaf 1, EAX bit 5 is AVX512_BF16; sub-leaf 0, EDX bit 22 is AMX-BF16.
        return RuntimeInformation.ProcessArchitecture == Architecture.X64 && X86Base.CpuId(0, 0).Eax >= 7
            && ((X86Base.CpuId(7, 1).Eax >> 5 & 1) == 1 || (X86Base.CpuId(7, 0).Edx >> 22 & 1) == 1);
    }
}
