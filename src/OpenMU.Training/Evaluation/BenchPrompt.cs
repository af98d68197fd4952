using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation;

/// <summary>What the model is asked, and the music it hears with it: no track, one, or several.</summary>
/// <param name="Instruction">Without the music marker.</param>
/// <param name="Music">(M, A) of each track.</param>
public sealed record BenchPrompt(string Instruction, IReadOnlyList<Tensor> Music);
