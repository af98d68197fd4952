namespace OpenMU.Training.Synthesis;

/// <summary>One file of MMA's library, or an orchestration of <see cref="OrchestraScores"/>.</summary>
/// <param name="Name">Library and file, such as <c>"casio/house"</c>.</param>
/// <param name="MmaBeats">MMA's own beats a bar: its <c>Time</c>.</param>
/// <param name="Grooves">Names of those that can be looped: no introduction, fill or ending.</param>
internal sealed record GrooveFile(string Name, int MmaBeats, IReadOnlyList<string> Grooves)
{
    /// <summary>Zoom's files come from a drum machine.</summary>
    public bool IsDrumsOnly => Name.StartsWith("zoom/", StringComparison.Ordinal);
}
