using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>Everything that the tools say about one file.</summary>
/// <param name="Info">What the file says about itself.</param>
/// <param name="DurationSeconds">Length of the decoded sound.</param>
/// <param name="Loudness">How loud it is.</param>
/// <param name="Quality">The state of the recording.</param>
public sealed record TrackMeasurement(AudioInfo Info, double DurationSeconds, LoudnessMeasurement Loudness, QualityReport Quality);
