// Scalars.cs - arithmetic of tensors without temporary scalars.
// TorchSharp frees a Scalar as soon as nothing refers to it any more. The one that `tensor * 0.5f` makes, and the factor 1 inside `tensor + tensor`,
// square() and arange(), are referred to by nothing while libtorch reads them: where the collector runs at that moment, freed memory is read. That
// shows as "Unknown scalar type" or a wrong number, seldom and anywhere. So conversions of numbers and what else this project used of
// that kind are banned here (BannedSymbols.Scalars.txt) and done with these instead, which keep theirs. TorchSharp 0.107 has more such methods, never used
// here: linalg's norms, celu, elu, softplus, leaky_relu, hardtanh, threshold, arange of fewer than three scalars, addcdiv, the optimisers.
using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>Numbers as libtorch's scalars, each made once and kept.</summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    public static Scalar One { get; } = Of(1);

    /// <summary>A constant, a setting or a size: what is asked for is kept as long as the program runs.</summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, static number => number.ToScalar());

    /// <inheritdoc cref="Of(double)"/>
    public static Scalar Of(long value) => Integers.GetOrAdd(value, static number => number.ToScalar());

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + y for a number y.</summary>
    public static Tensor Plus(this Tensor x, Scalar y) => x.add(y, One);

    /// <summary>x * x.</summary>
    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>0 .. count-1.</summary>
    public static Tensor Range(long count, ScalarType? dtype = null, Device? device = null) => arange(Of(0), Of(count), One, dtype ?? int64, device);
}
