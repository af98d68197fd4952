using OpenMU.Music;

namespace OpenMU.Training.Evaluation.Mir;

/// <summary>
/// How well an estimated key fits. Keys are spelled as mir_eval does: <c>"C# minor"</c>, <c>"Eb major"</c>,
/// <c>"X"</c> for no key.
/// </summary>
public static class KeyMetrics
{
    /// <summary>
    /// MIREX score: 1 same key, 0.5 a fifth above in the same mode, 0.3 relative, 0.2 parallel, else 0.
    /// </summary>
    /// <param name="reference">Reference key, null or <c>"X"</c> for none.</param>
    /// <param name="estimated">Estimated key, null or <c>"X"</c> for none.</param>
    /// <exception cref="FormatException">A key is not spelled like the examples.</exception>
    public static double WeightedScore(string? reference, string? estimated)
    {
        var (target, targetMode) = Parse(reference);
        var (key, mode) = Parse(estimated);
        if (target == key && targetMode == mode) return 1;
        if (target is null || key is null) return 0;
        var interval = (key.Value - target.Value + 12) % 12;
        if (mode == targetMode) return interval == 7 ? 0.5 : 0;
        if (targetMode == "major" && interval == 9) return 0.3;
        if (targetMode == "minor" && interval == 3) return 0.3;
        return interval == 0 ? 0.2 : 0;
    }

    /// <summary>True if both name the same tonic and mode, however spelled.</summary>
    /// <exception cref="FormatException">A key is not spelled as above.</exception>
    public static bool IsSame(string? reference, string? estimated) => Parse(reference) == Parse(estimated);

    private static (int? PitchClass, string? Mode) Parse(string? key)
    {
        if (key is null || key.Equals("X", StringComparison.OrdinalIgnoreCase)) return (null, null);
        var words = key.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var tonic, "major" or "minor" or "other"])
            throw new FormatException($"'{key}' is not a key like 'C# minor'.");
        return (
            PitchClass.TryParse(tonic) ?? throw new FormatException($"'{key}' has no tonic that is known here."),
            words[1]);
    }
}
