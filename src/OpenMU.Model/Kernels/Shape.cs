using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>Shape checks at the entry of public methods. Elsewhere shapes are comments at the ends of lines.</summary>
internal static class Shape
{
    /// <summary>Requires these sizes; a negative one matches any.</summary>
    /// <exception cref="ArgumentException">The shape differs; the message names <paramref name="what"/> and
    /// both shapes.</exception>
    public static void Require(Tensor tensor, string what, params ReadOnlySpan<long> sizes)
    {
        var shape = tensor.shape;
        var fits = shape.Length == sizes.Length;
        for (var i = 0; fits && i < sizes.Length; i++) fits = sizes[i] < 0 || sizes[i] == shape[i];
        if (!fits)
        {
            throw new ArgumentException(
                $"{what} has the shape [{string.Join(", ", shape)}]; expected [{string.Join(", ", sizes.ToArray())}].");
        }
    }
}
