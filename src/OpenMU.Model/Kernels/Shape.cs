using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>Checks on entry to public methods; inside, shapes are comments.</summary>
internal static class Shape
{
    /// <summary>The tensor has these sizes; a negative one stands for any.</summary>
    public static void Require(Tensor tensor, string what, params ReadOnlySpan<long> sizes)
    {
        var shape = tensor.shape;
        var fits = shape.Length == sizes.Length;
        for (var i = 0; fits && i < sizes.Length; i++) fits = sizes[i] < 0 || sizes[i] == shape[i];
        if (!fits) throw new ArgumentException($"{what} has the shape [{string.Join(", ", shape)}]; expected [{string.Join(", ", sizes.ToArray())}].");
    }
}
