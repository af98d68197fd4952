namespace OpenMU.Training.Evaluation;

/// <summary>Sounds without music in them. What a model scores on these it owes to its questions, not to its ears.</summary>
public static class ControlSound
{
    /// <summary>Gaussian white noise as long and, in its root mean square, as loud as a recording.</summary>
    /// <param name="recording">Samples in [-1, 1].</param>
    /// <param name="seed">Another one for each clip.</param>
    public static float[] WhiteNoise(ReadOnlySpan<float> recording, int seed)
    {
        var power = 0.0;
        foreach (var sample in recording) power += (double)sample * sample;
        var deviation = Math.Sqrt(power / Math.Max(1, recording.Length));
        var random = new Random(seed);
        var noise = new float[recording.Length];
        for (var i = 0; i < noise.Length; i++)
        {
            // Box and Muller.
            noise[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return noise;
    }

    /// <summary>As long as a recording.</summary>
    public static float[] Silence(ReadOnlySpan<float> recording) => new float[recording.Length];
}
