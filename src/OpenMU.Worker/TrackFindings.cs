using OpenMU.Mir;

namespace OpenMU.Worker;

/// <summary>What was found out about one file.</summary>
/// <param name="Measured">By the tools.</param>
/// <param name="Words">The model's; null without a model, or where it has a problem.</param>
/// <param name="ModelProblem">Why there are no words although there is a model, in one sentence for people.</param>
/// <param name="ModelError">What the model threw; null where the problem is the track's own.</param>
public sealed record TrackFindings(
    TrackMeasurement Measured, TrackWords? Words = null, string? ModelProblem = null, Exception? ModelError = null);
