// Scalars.cs - libtorch scalars that stay alive while libtorch reads them.
// TorchSharp 0.107 frees a Scalar as soon as nothing refers to it. Nothing refers to the one that `tensor * 0.5f`
// makes, nor to those that `tensor + tensor`, square() and arange() make inside, while native code reads them. If the
// garbage collector runs at that moment, freed memory is read: rarely, anywhere, as "Unknown scalar type" or as a wrong
// number. All of these are therefore compile errors here (BannedSymbols.Scalars.txt), and so is what makes such scalars
// inside TorchSharp: its optimisers, its distributions, linalg's norms and some activations. A test reads TorchSharp's
// code for them, so that a newer one brings no further ones unnoticed.
using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>Numbers as libtorch scalars. Each value is created once and kept until the process ends.</summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    public static Scalar One { get; } = Of(1);

    /// <summary>
    /// For constants, settings and sizes: a value that changes with every step would fill the memory.
    /// </summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, Create);

    /// <inheritdoc cref="Of(double)"/>
    public static Scalar Of(long value) => Integers.GetOrAdd(value, static number =>
    {
        using var holder = tensor(number, int64);
        return holder.ToScalar();
    });

    /// <summary>
    /// For values that change with every step: the caller keeps it until libtorch has read it, then disposes it.
    /// </summary>
    public static Scalar Create(double value)
    {
        using var holder = tensor(value, float64);
        return holder.ToScalar();
    }

    /// <summary>0, 1, ..., end - 1 as a tensor (end).</summary>
    public static Tensor arange(long end, ScalarType? dtype = null, Device? device = null)
        => torch.arange(Of(0), Of(end), One, dtype ?? int64, device);
}
