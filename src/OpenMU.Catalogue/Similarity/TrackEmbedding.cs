using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Similarity;

/// <summary>
/// How a content sounds to a model: the vector that its tags are read from. Vectors of one version of a model can be
/// compared, those of two versions mean nothing to each other. It comes and goes with its analysis.
/// </summary>
public sealed class TrackEmbedding
{
    /// <summary>
    /// Rises with each one that is stored, also where an analysis takes the place of another: who has seen the last
    /// has seen all.
    /// </summary>
    public long Id { get; set; }

    /// <summary>The analysis that it belongs to.</summary>
    public long JobId { get; set; }

    /// <summary>As <see cref="Job.ModelVersion"/>.</summary>
    public required string ModelVersion { get; set; }

    /// <summary>How many numbers it has.</summary>
    public int Dimensions { get; set; }

    /// <summary>The numbers as little-endian IEEE 754 halves, of length 1 together.</summary>
    public required byte[] Vector { get; set; }

    /// <summary>Stores a vector.</summary>
    /// <param name="modelVersion">The model that it is from.</param>
    /// <param name="vector">Of any length but 0; it is scaled to 1.</param>
    /// <returns>Null for one that says nothing: of no length, or with a number that is none.</returns>
    public static TrackEmbedding? Of(string modelVersion, ReadOnlySpan<float> vector)
    {
        var unit = vector.ToArray();
        if (!Normalise(unit)) return null;
        return new TrackEmbedding { ModelVersion = modelVersion, Dimensions = unit.Length, Vector = Pack(unit) };
    }

    /// <summary>Little-endian halves.</summary>
    internal static byte[] Pack(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[sizeof(ushort) * vector.Length];
        for (var i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(sizeof(ushort) * i), (Half)vector[i]);
        return bytes;
    }

    /// <summary>The numbers, of length 1 together.</summary>
    public float[] ToArray() => Unpack(Vector);

    internal static float[] Unpack(ReadOnlySpan<byte> bytes)
    {
        var vector = new float[bytes.Length / sizeof(ushort)];
        if (BitConverter.IsLittleEndian)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), vector);
        }
        else
        {
            for (var i = 0; i < vector.Length; i++)
                vector[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(sizeof(ushort) * i)..]);
        }

        // Rounding has changed the length a little.
        Normalise(vector);
        return vector;
    }

    /// <summary>Scales to length 1.</summary>
    /// <returns>False for what has no direction.</returns>
    internal static bool Normalise(Span<float> vector)
    {
        // Scaled by the largest first, so that squares neither overflow nor vanish.
        if (vector.IsEmpty) return false;
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(vector));
        if (!(largest > 0) || !float.IsFinite(largest)) return false;
        TensorPrimitives.Divide(vector, largest, vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return true;
    }

    internal sealed class Configuration : IEntityTypeConfiguration<TrackEmbedding>
    {
        public void Configure(EntityTypeBuilder<TrackEmbedding> embedding)
        {
            embedding.ToTable("TrackEmbeddings");
            embedding.Property(e => e.ModelVersion).HasMaxLength(Job.MaxModelVersionLength);
            embedding.HasOne<Analysis>().WithOne(a => a.Embedding).HasForeignKey<TrackEmbedding>(e => e.JobId);
            embedding.HasIndex(e => new { e.ModelVersion, e.Id });
        }
    }
}
