namespace OpenMU.Training.Evaluation;

/// <summary>One measure of one answer.</summary>
/// <param name="System">Whose answer: the model, a control or a baseline.</param>
/// <param name="Task">A task of the benchmark, or tags.</param>
/// <param name="Measure">Name.</param>
/// <param name="Clip">Examples of one clip are resampled together.</param>
/// <param name="Score">0 to 1.</param>
public sealed record ScoredExample(string System, string Task, string Measure, string Clip, double Score);
