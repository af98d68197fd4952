namespace OpenMU.Mir.Audio;

/// <summary>
/// Keeps the beginning of a decode as mono at another rate, for who wants the waveform itself. Memory is bounded by
/// the seconds asked for.
/// </summary>
public sealed class Excerpt
{
    private readonly int sampleRate;
    private readonly long wanted;
    private readonly ResampleFilter filter;
    private readonly List<float> samples = [];
    private Resampler resampler;

    /// <param name="sampleRate">Hz of the excerpt.</param>
    /// <param name="maxSeconds">How much of the beginning to keep; null keeps all.</param>
    /// <param name="filter">What changes the rate.</param>
    public Excerpt(int sampleRate, double? maxSeconds, ResampleFilter filter = ResampleFilter.SciPy)
    {
        (this.sampleRate, this.filter) = (sampleRate, filter);
        wanted = maxSeconds is { } seconds ? (long)Math.Ceiling(seconds * sampleRate) : long.MaxValue;
        resampler = new Resampler(AudioDecoder.SampleRate, sampleRate, filter);
    }

    /// <summary>Nothing more is wanted.</summary>
    public bool IsFull => samples.Count >= wanted;

    /// <summary>Takes the next samples, mono at <see cref="AudioDecoder.SampleRate"/>.</summary>
    public void Push(ReadOnlySpan<float> mono)
    {
        if (!IsFull) samples.AddRange(resampler.Push(mono));
    }

    /// <summary>Forgets what it has, for a decode that begins again.</summary>
    public void Restart()
    {
        samples.Clear();
        resampler = new Resampler(AudioDecoder.SampleRate, sampleRate, filter);
    }

    /// <summary>What was kept. Call it once, after the last block.</summary>
    public Waveform Finish()
    {
        samples.AddRange(resampler.Finish());
        if (IsFull) samples.RemoveRange((int)wanted, samples.Count - (int)wanted);
        return new Waveform([.. samples], sampleRate);
    }
}
