namespace OpenMU.Mir.Audio;

/// <summary>Mono audio in memory.</summary>
/// <param name="Samples">Amplitudes, full scale is -1 to 1.</param>
/// <param name="SampleRate">Hz.</param>
public sealed record Waveform(float[] Samples, int SampleRate)
{
    /// <summary>Length in seconds.</summary>
    public double DurationSeconds => (double)Samples.Length / SampleRate;
}
