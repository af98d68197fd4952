using System.Collections.Concurrent;
using TorchSharp;

namespace OpenMU.Model;

/// <summary>
/// Numbers as libtorch's scalars, each made once and kept. TorchSharp frees a scalar when nothing refers to it any more, and the one that
/// <c>tensor * 0.5f</c> makes is referred to by nothing while libtorch reads it: where other threads make the collector run at that moment, freed memory
/// is read: "Unknown scalar type", or another number, seldom and anywhere. So the conversions and operators that make such a
/// scalar are banned (BannedSymbols.Scalars.txt), and this is used instead. It is also quicker.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    /// <summary>A constant, a setting or a size: what is asked for is kept as long as the program runs.</summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, static number => number.ToScalar());

    /// <inheritdoc cref="Of(double)"/>
    public static Scalar Of(long value) => Integers.GetOrAdd(value, static number => number.ToScalar());
}
