namespace OpenMU.Music.Lyrics;

/// <summary>A line of lyrics.</summary>
/// <param name="Seconds">When it is sung, from the start of the file; null where nobody says.</param>
/// <param name="Text">One line; empty where a timed line clears what was sung before, or between stanzas.</param>
/// <param name="Words">The line's pieces with a time each; null where only the line has one.</param>
public sealed record LyricLine(double? Seconds, string Text, IReadOnlyList<LyricWord>? Words = null);

/// <summary>A word or syllable of a line with its spaces; the last one is empty where it only tells the end.</summary>
/// <param name="Seconds">From the start of the file.</param>
/// <param name="Text">As it stands in the line.</param>
public sealed record LyricWord(double Seconds, string Text);
