using System.Globalization;
using System.Numerics.Tensors;
using OpenMU.Catalogue.Fields;
using OpenMU.Music;

namespace OpenMU.Catalogue.Similarity;

/// <summary>All by which a sound is compared with others.</summary>
/// <param name="Vector">Its embedding, of length 1.</param>
/// <param name="Bpm">Its tempo; null where unknown.</param>
/// <param name="Key">Its key; null where unknown.</param>
/// <param name="Moods">Words.</param>
/// <param name="Instruments">Words.</param>
public sealed record SoundFacts(
    IReadOnlyList<float> Vector, double? Bpm, MusicalKey? Key, IReadOnlyList<string> Moods,
    IReadOnlyList<string> Instruments)
{
    // From here on two tempos are not alike: 10 %.
    private static readonly double TempoRange = Math.Log2(1.1);

    private const double NeighbourKey = 0.8;

    /// <summary>As people have put it right, else as it was measured and heard.</summary>
    internal static SoundFacts Of(
        float[] vector, double? bpm, MusicalKey? key, IReadOnlyList<TagScore> tags, Correction? correction) =>
        new(
            vector, correction?.Says(FieldNames.Bpm) == true ? correction.Bpm : bpm,
            correction?.Says(FieldNames.Key) == true ? correction.Key : key,
            correction?.Fields[FieldNames.Moods] ?? Words(tags, MusicTerms.Mood),
            correction?.Fields[FieldNames.Instruments] ?? Words(tags, MusicTerms.Instrument));

    /// <summary>A file outside the catalogue.</summary>
    /// <param name="vector">Its embedding.</param>
    /// <param name="bpm">Its tempo.</param>
    /// <param name="key">Its key.</param>
    /// <param name="tags">What the model tags it with.</param>
    public static SoundFacts OfFile(
        IReadOnlyList<float> vector, double? bpm, MusicalKey? key, IReadOnlyList<TagScore> tags) =>
        Of([.. vector], bpm, key, tags, correction: null);

    /// <summary>How alike another is to this one.</summary>
    public SimilarityParts Compare(SoundFacts other) => new(
        Math.Clamp(TensorPrimitives.Dot<float>([.. Vector], [.. other.Vector]), 0, 1),
        TempoLikeness(Octave(Bpm), Octave(other.Bpm)),
        Key is { } key && other.Key is { } second ? KeyLikeness(key, second) : 0,
        Overlap(Moods, other.Moods),
        Overlap(Instruments, other.Instruments));

    /// <summary>Why another is like this one, in a few words each.</summary>
    public IReadOnlyList<string> Reasons(SoundFacts other, SimilarityWeights weights)
    {
        var parts = Compare(other);
        var reasons = new List<string>();
        if (weights.Sound > 0)
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"sound {parts.Sound:0.00}"));
        if (weights.Tempo > 0 && parts.Tempo > 0) reasons.Add(TempoReason(other.Bpm!.Value / Bpm!.Value));
        if (weights.Key > 0 && parts.Key > 0) reasons.Add(Key == other.Key ? "same key" : $"near key {other.Key}");
        if (weights.Mood > 0 && parts.Mood > 0) reasons.Add($"mood: {Both(Moods, other.Moods)}");
        if (weights.Instruments > 0 && parts.Instruments > 0)
            reasons.Add($"instruments: {Both(Instruments, other.Instruments)}");
        return reasons;
    }

    /// <summary>Tempos an octave apart are 1 apart; NaN where there is none.</summary>
    internal static float Octave(double? bpm) => bpm is > 0 ? (float)Math.Log2(bpm.Value) : float.NaN;

    /// <summary>See <see cref="SimilarityParts.Tempo"/>; 0 where one is unknown.</summary>
    internal static float TempoLikeness(float octave, float other)
    {
        var apart = Math.Abs(octave - other);
        if (apart > 0.5f) apart = Math.Abs(apart - 1);
        return float.IsNaN(apart) ? 0 : (float)Math.Max(0, 1 - (apart / TempoRange));
    }

    /// <summary>See <see cref="SimilarityParts.Key"/>.</summary>
    internal static float KeyLikeness(MusicalKey key, MusicalKey other) =>
        key == other ? 1 : key.Neighbours().Contains(other) ? (float)NeighbourKey : 0;

    private static string TempoReason(double ratio)
    {
        var octave = (int)Math.Clamp(Math.Round(Math.Log2(ratio)), -1, 1);
        var percent = (int)Math.Round(100 * ((ratio / Math.Pow(2, octave)) - 1));
        var rest = percent == 0 ? "" : $"{Math.Abs(percent)} % {(percent < 0 ? "slower" : "faster")}";
        return octave switch
        {
            0 => rest.Length == 0 ? "same tempo" : $"tempo {rest}",
            _ => (octave < 0 ? "half the tempo" : "double tempo") + (rest.Length == 0 ? "" : $", {rest}"),
        };
    }

    private static List<string> Words(IReadOnlyList<TagScore> tags, string group) =>
        [.. tags.Where(tag => tag.Group == group).Select(tag => tag.Tag)];

    private static double Overlap(IReadOnlyList<string> words, IReadOnlyList<string> others)
    {
        var both = words.Intersect(others, StringComparer.OrdinalIgnoreCase).Count();
        return both == 0 ? 0 : (double)both / words.Union(others, StringComparer.OrdinalIgnoreCase).Count();
    }

    private static string Both(IReadOnlyList<string> words, IReadOnlyList<string> others) =>
        string.Join(", ", words.Intersect(others, StringComparer.OrdinalIgnoreCase));
}
