using System.Numerics.Tensors;

namespace OpenMU.Mir.Networks;

/// <summary>
/// Scores to probabilities. The largest score is subtracted first: <see cref="TensorPrimitives"/> does not, and
/// overflows from 89 on.
/// </summary>
internal static class Softmax
{
    /// <summary>p[i] = exp(x[i]) / sum of exp(x), in place.</summary>
    public static void Apply(Span<float> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.SoftMax<float>(scores, scores);
    }

    /// <summary>log p[i] = x[i] - log(sum of exp(x)).</summary>
    /// <param name="scores">x.</param>
    /// <param name="logProbabilities">As long as the scores; another array than theirs.</param>
    public static void Log(ReadOnlySpan<float> scores, Span<float> logProbabilities)
    {
        var highest = TensorPrimitives.Max(scores);
        TensorPrimitives.Subtract(scores, highest, logProbabilities);
        TensorPrimitives.Exp(logProbabilities, logProbabilities);
        var logSum = highest + MathF.Log(TensorPrimitives.Sum<float>(logProbabilities));
        TensorPrimitives.Subtract(scores, logSum, logProbabilities);
    }
}
