using System.Runtime.CompilerServices;

namespace OpenMU.Training.Tests;

/// <summary>Test classes run side by side already; libtorch's own threads on top would wait for each other.</summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Set() => TorchSharp.torch.set_num_threads(1);
}
