namespace OpenMU.Training.Evaluation;

/// <summary>One answer of one system and its scores, for the list that people read.</summary>
public sealed record EvaluatedAnswer(string System, string Task, string? Clip, string Instruction, string Reference, string Text, IReadOnlyDictionary<string, double> Scores);
