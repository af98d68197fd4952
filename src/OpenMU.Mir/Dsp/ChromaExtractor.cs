namespace OpenMU.Mir.Dsp;

/// <summary>
/// Makes a <see cref="Chromagram"/> from audio of any length: a Hann-windowed spectrum of 0.37 s every 0.093 s, mapped
/// to a logarithmic frequency axis.
/// </summary>
public sealed class ChromaExtractor
{
    private readonly int size, hop, sampleRate;
    private readonly RealFft fft;
    private readonly float[] window, block, windowed, power;
    private readonly (int First, float[] Weights)[] bins;
    private readonly TuningMeter tuning;
    private readonly List<byte[]> frames = [];
    private int filled;
    private long heard;

    /// <param name="sampleRate">Hz; pitches above half of it read as silent.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is below 1000 Hz.</exception>
    public ChromaExtractor(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1000);
        this.sampleRate = sampleRate;
        size = 1 << (int)Math.Round(Math.Log2(8192.0 / 22050 * sampleRate));
        hop = (int)Math.Round(2048.0 / 22050 * sampleRate);
        fft = new RealFft(size);
        window = [.. Enumerable.Range(0, size).Select(i => (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * i / size)))];
        block = new float[size];
        windowed = new float[size];
        power = new float[fft.Bins];
        bins = [.. Enumerable.Range(0, Chromagram.Bins).Select(Weights)];
        tuning = new TuningMeter((double)sampleRate / size);
        filled = size / 2;
    }

    /// <summary>Takes the next samples, as many as there are.</summary>
    public void Push(ReadOnlySpan<float> samples)
    {
        heard += samples.Length;
        while (samples.Length > 0)
        {
            var count = Math.Min(samples.Length, size - filled);
            samples[..count].CopyTo(block.AsSpan(filled));
            samples = samples[count..];
            filled += count;
            if (filled == size) TakeFrame();
        }
    }

    /// <summary>Ends the audio: frames up to its last sample, padded with silence.</summary>
    public Chromagram Finish()
    {
        var wanted = heard == 0 ? 0 : (int)((heard - 1) / hop) + 1;
        while (frames.Count < wanted)
        {
            block.AsSpan(filled).Clear();
            filled = size;
            TakeFrame();
        }

        var levels = new byte[frames.Count * Chromagram.Bins];
        for (var i = 0; i < frames.Count; i++) frames[i].CopyTo(levels, i * Chromagram.Bins);
        return new Chromagram(levels, (double)hop / sampleRate, tuning.Estimate());
    }

    private void TakeFrame()
    {
        for (var i = 0; i < size; i++) windowed[i] = float.IsFinite(block[i]) ? block[i] * window[i] : 0;
        fft.Power(windowed, power);
        // A full-scale sine has magnitude size / 4 under this window.
        var scale = 16f / ((float)size * size);
        for (var k = 0; k < power.Length; k++) power[k] *= scale;
        tuning.Push(power);
        var levels = new byte[Chromagram.Bins];
        for (var b = 0; b < levels.Length; b++)
        {
            var (first, weights) = bins[b];
            var sum = 0f;
            for (var j = 0; j < weights.Length; j++) sum += weights[j] * power[first + j];
            levels[b] = Chromagram.Level(sum);
        }

        frames.Add(levels);
        block.AsSpan(hop).CopyTo(block);
        filled = size - hop;
    }

    // A triangle around the bin's frequency that reaches to its neighbours, and at least one line of the
    // spectrum to each side.
    private (int, float[]) Weights(int bin)
    {
        var pitch = Chromagram.LowestPitch + (bin - 1.0) / Chromagram.BinsPerSemitone;
        var centre = 440 * Math.Pow(2, (pitch - 69) / 12) / ((double)sampleRate / size);
        var reach = Math.Max(1, centre * (Math.Pow(2, 1.0 / (12 * Chromagram.BinsPerSemitone)) - 1));
        var first = (int)Math.Ceiling(centre - reach);
        var last = (int)Math.Floor(centre + reach);
        if (last >= size / 2) return (0, []);
        return (
            first,
            [.. Enumerable.Range(first, last - first + 1).Select(k => (float)(1 - Math.Abs(k - centre) / reach))]);
    }
}
