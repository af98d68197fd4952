using System.Buffers.Binary;

namespace OpenMU.Mir.Networks;

/// <summary>One array of a network's weights.</summary>
/// <param name="Name">As torch would name the parameter, such as <c>output.weight</c>.</param>
/// <param name="Shape">Sizes, the slowest first (row-major).</param>
internal sealed record WeightPart(string Name, params int[] Shape)
{
    /// <summary>How many numbers the part has.</summary>
    public int Count => Shape.Aggregate(1, (product, size) => product * size);
}

/// <summary>
/// The weights of one of the three small networks: named arrays in a fixed order. A file of weights holds nothing but
/// the numbers, part after part in the order of the layout, as half-precision little-endian floats.
/// </summary>
internal sealed class NetworkWeights
{
    private readonly Dictionary<string, float[]> arrays = [];
    private readonly IReadOnlyList<WeightPart> layout;

    /// <param name="layout">The parts, in the order of the file.</param>
    /// <param name="numbers">Gives the numbers of a part.</param>
    /// <exception cref="ArgumentException">A part has another count of numbers than its shape says.</exception>
    public NetworkWeights(IReadOnlyList<WeightPart> layout, Func<WeightPart, float[]> numbers)
    {
        this.layout = layout;
        foreach (var part in layout)
        {
            var array = numbers(part);
            if (array.Length != part.Count)
                throw new ArgumentException($"{part.Name}: {array.Length} numbers, not {part.Count}.", nameof(numbers));
            arrays.Add(part.Name, array);
        }
    }

    /// <summary>The numbers of a part, row-major.</summary>
    public float[] this[string name] => arrays[name];

    /// <summary>The weights that ship with the library: <c>Weights/NAME.bin</c>, embedded.</summary>
    public static NetworkWeights Shipped(string name, IReadOnlyList<WeightPart> layout)
    {
        using var stream = typeof(NetworkWeights).Assembly.GetManifestResourceStream($"OpenMU.Mir.Weights.{name}.bin")!;
        return Read(stream, layout);
    }

    /// <summary>Reads a file of weights to its end.</summary>
    /// <exception cref="InvalidDataException">The file is longer or shorter than the layout.</exception>
    public static NetworkWeights Read(Stream stream, IReadOnlyList<WeightPart> layout)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var (at, expected) = (0, sizeof(ushort) * layout.Sum(part => part.Count));
        if (copy.Length != expected)
            throw new InvalidDataException($"The file of weights has {copy.Length} bytes; the network has {expected}.");
        var bytes = copy.GetBuffer();
        return new(layout, part =>
        {
            var array = new float[part.Count];
            for (var i = 0; i < array.Length; i++, at += sizeof(ushort))
                array[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(at));
            return array;
        });
    }

    /// <summary>Writes the file that <see cref="Read"/> reads; numbers are rounded to half precision.</summary>
    public void Write(Stream stream)
    {
        Span<byte> half = stackalloc byte[sizeof(ushort)];
        foreach (var number in layout.SelectMany(part => arrays[part.Name]))
        {
            BinaryPrimitives.WriteHalfLittleEndian(half, (Half)number);
            stream.Write(half);
        }
    }
}
