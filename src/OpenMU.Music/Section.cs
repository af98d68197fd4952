namespace OpenMU.Music;

/// <summary>A part of a song's form.</summary>
/// <param name="Start">Seconds from the start of the file.</param>
/// <param name="End">Seconds from the start of the file.</param>
/// <param name="Label">A letter; sections of one letter repeat each other.</param>
/// <param name="Function">One of <see cref="Functions"/>; null where none is sure.</param>
/// <param name="Confidence">Of the function, 0 (a guess) to 1 (certain); null where there is none.</param>
public readonly record struct Section(
    double Start, double End, string Label, string? Function = null, double? Confidence = null)
{
    /// <summary>What sections are called, by names that JAMS knows too (segment_salami_function).</summary>
    public static IReadOnlyList<string> Functions { get; } = ["intro", "verse", "chorus", "bridge", "solo", "outro"];

    /// <summary>The letter that stands for a kind of section: A to Z, then A2 and so on.</summary>
    /// <param name="kind">From 0, in the order of their first appearance.</param>
    public static string Letter(int kind) => $"{(char)('A' + (kind % 26))}{(kind < 26 ? "" : $"{(kind / 26) + 1}")}";
}
