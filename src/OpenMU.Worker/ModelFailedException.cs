using OpenMU.Catalogue.Tracks;

namespace OpenMU.Worker;

/// <summary>The model failed on a track that was measured well.</summary>
/// <param name="measured">The analysis without the model's fields, which says that the model failed and why.</param>
/// <param name="cause">What the model threw.</param>
public sealed class ModelFailedException(
    Analysis measured, Exception cause) : Exception(Analysis.ModelFailed + cause.Message, cause)
{
    public Analysis Measured => measured;
}
