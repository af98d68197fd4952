namespace OpenMU.Model;

/// <summary>How an engine shares the model out.</summary>
/// <param name="WindowsAtOnce">
/// Windows of sound in one pass of the encoder. On a CPU a batch is no faster than its parts, and its numbers differ in
/// their last bits from those of a window alone.
/// </param>
/// <param name="UrgentInARow">Urgent requests served in a row while others wait.</param>
/// <param name="StepsBetweenWindows">
/// Steps of generation between two batches of windows that are not urgent while an urgent text is being written.
/// </param>
public sealed record EngineLimits(int WindowsAtOnce = 1, int UrgentInARow = 4, int StepsBetweenWindows = 16);
