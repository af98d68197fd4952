using System.Runtime.InteropServices;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>
/// Tells failures of the device that computes (the GPU, its driver, memory that cannot be had) from failures on a
/// track. libtorch reports both as text: <see cref="ExternalException"/> with the message of its <c>c10::Error</c>.
/// </summary>
internal static class DeviceFault
{
    // Out of c10, ATen and the CUDA libraries, in lower case.
    private static readonly string[] Signs =
    [
        "cuda error", "cuda out of memory", "cuda driver", "cuda kernel errors", "cublas_status", "cublas error",
        "cudnn_status", "cudnn error", "cusolver_status", "cusparse_status", "cufft_", "cufft error", "nvrtc",
        "nccl error", "hip error", "hip out of memory", "mps backend out of memory", "nvidia driver",
        "no cuda gpus are available", "device-side assert", "no kernel image is available", "unspecified launch failure",
        "illegal memory access", "uncorrectable ecc error", "has fallen off the bus", "device kernel image is invalid",
        "defaultcpuallocator", "can't allocate memory", "cannot allocate memory", "bad_alloc", "not enough memory",
        "out of memory",
    ];

    /// <summary>Whether an exception, or one that caused it, is the device's.</summary>
    public static bool Is(Exception e) => e switch
    {
        // These quote what a stranger wrote.
        ArgumentException or UnreadableAudioException or DecoderUnavailableException => false,
        OutOfMemoryException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException => true,
        AggregateException several when several.InnerExceptions.Any(Is) => true,
        _ => IsNamedIn(e.Message) || (e.InnerException is { } cause && Is(cause)),
    };

    private static bool IsNamedIn(string message) =>
        Signs.Any(sign => message.Contains(sign, StringComparison.OrdinalIgnoreCase));
}
