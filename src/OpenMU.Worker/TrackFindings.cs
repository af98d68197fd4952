using OpenMU.Mir;

namespace OpenMU.Worker;

/// <summary>What was found out about one file.</summary>
/// <param name="Measured">By the tools.</param>
/// <param name="Said">By the model.</param>
public sealed record TrackFindings(TrackMeasurement Measured, ModelFindings Said)
{
    /// <summary>The model's words; null without a model, or where it has a problem.</summary>
    public TrackWords? Words => Said.Words;

    /// <summary>Why there are no words although there is a model, in one sentence for people.</summary>
    public string? ModelProblem => Said.Problem;

    /// <summary>What the model threw; null where the problem is the track's own.</summary>
    public Exception? ModelError => Said.Error;
}

/// <summary>What a model has said of one file.</summary>
/// <param name="Words">Null without a model, or where it has a problem.</param>
/// <param name="Problem">Why there are no words although there is a model, in one sentence for people.</param>
/// <param name="Error">What the model threw; null where the problem is the track's own.</param>
public sealed record ModelFindings(TrackWords? Words, string? Problem = null, Exception? Error = null)
{
    /// <summary>No model was asked.</summary>
    public static ModelFindings None { get; } = new(Words: null);
}
