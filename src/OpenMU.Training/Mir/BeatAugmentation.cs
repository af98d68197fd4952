using OpenMU.Mir.Dsp;

namespace OpenMU.Training.Mir;

/// <summary>
/// Makes a clip sound like another recording: tempo, noise, dynamics, decay and bandwidth, all on its band levels.
/// </summary>
internal static class BeatAugmentation
{
    private const int Bands = OnsetStrength.Bands;
    private const float Floor = -80;

    /// <summary>A random excerpt of the clip, changed at random; beats in frames of the excerpt.</summary>
    public static (float[] Levels, float[] Changes, double[] Beats, double[] Downbeats, double Bpm) Vary(
        BeatClip clip, Random random)
    {
        const double rate = OnsetStrength.SampleRate / (double)OnsetStrength.HopSamples;
        var stretch = random.NextDouble() < 0.5 ? 0.9 + 0.2 * random.NextDouble() : 1;
        var frames = Math.Min((int)(clip.Frames / stretch) - 1, random.Next(1100, 2600));
        var start = random.NextDouble() * Math.Max(0, clip.Frames - 2 - frames * stretch);
        float[] levels = new float[frames * Bands], changes = new float[frames * OnsetStrength.Changes];
        for (var t = 0; t < frames; t++)
        {
            var at = start + t * stretch;
            var i = (int)at;
            var part = (float)(at - i);
            for (var b = 0; b < Bands; b++)
            {
                levels[t * Bands + b] =
                    clip.Levels[i * Bands + b] * (1 - part) + clip.Levels[(i + 1) * Bands + b] * part;
            }
            for (var c = 0; c < OnsetStrength.Changes; c++)
                changes[t * OnsetStrength.Changes + c] = clip.Changes[i * OnsetStrength.Changes + c];
        }
        Change(levels, frames, random);
        Blur(changes, random);
        double[] Place(double[] times) =>
            [.. times.Select(s => (s * rate - start) / stretch).Where(f => f > -2 && f < frames + 2)];
        return (levels, changes, Place(clip.Beats), Place(clip.Downbeats), clip.Bpm * stretch);
    }

    private static void Change(float[] levels, int frames, Random random)
    {
        Tilt(levels, random);
        if (random.NextDouble() < 0.4) Compress(levels, (float)(0.4 + 0.7 * random.NextDouble()));
        if (random.NextDouble() < 0.35)
            Sustain(levels, frames, (float)Math.Exp(Math.Log(0.08) + random.NextDouble() * Math.Log(25)));
        if (random.NextDouble() < 0.5) AddNoise(levels, frames, random);
        if (random.NextDouble() < 0.25) Cut(levels, frames, random.Next(16, Bands));
        if (random.NextDouble() < 0.1) CutLow(levels, frames, random.Next(1, 9));
    }

    // Harmony is not always as clear as here.
    private static void Blur(float[] changes, Random random)
    {
        if (random.NextDouble() < 0.5) return;
        float share = (float)random.NextDouble(), noise = 0.8f * share * (float)random.NextDouble();
        for (var i = 0; i < changes.Length; i++)
            changes[i] = changes[i] * (1 - share) + noise * (float)random.NextDouble();
    }

    // A smooth equaliser.
    private static void Tilt(float[] levels, Random random)
    {
        double slope = 24 * (random.NextDouble() - 0.5), bump = 16 * (random.NextDouble() - 0.5),
            centre = random.NextDouble() * Bands, width = 3 + 8 * random.NextDouble();
        for (var i = 0; i < levels.Length; i++)
        {
            var b = i % Bands;
            var distance = (b - centre) / width;
            levels[i] = Math.Clamp(
                levels[i] + (float)(slope * (b / (double)Bands - 0.5) + bump * Math.Exp(-distance * distance)), Floor,
                20);
        }
    }

    private static void Compress(float[] levels, float ratio)
    {
        for (var i = 0; i < levels.Length; i++) levels[i] *= ratio;
    }

    // Reverberation or distortion: no band falls faster than some dB a frame.
    private static void Sustain(float[] levels, int frames, float fall)
    {
        for (var i = Bands; i < frames * Bands; i++) levels[i] = Math.Max(levels[i], levels[i - Bands] - fall);
    }

    // Noise as a receiver hears it: power exponentially distributed, smoothed over two frames by the overlap of the
    // windows.
    private static void AddNoise(float[] levels, int frames, Random random)
    {
        double level = -50 + 38 * random.NextDouble(), slope = 30 * (random.NextDouble() - 0.5);
        var previous = new double[Bands];
        for (var t = 0; t < frames; t++)
        {
            for (var b = 0; b < Bands; b++)
            {
                var bins = Math.Max(1, b / 3);
                var draw = 0.0;
                for (var k = 0; k < Math.Min(bins, 3); k++) draw -= Math.Log(1 - random.NextDouble());
                draw /= Math.Min(bins, 3);
                previous[b] = 0.6 * previous[b] + 0.4 * draw;
                var noise = level + slope * (b / (double)Bands - 0.5) + 10 * Math.Log10(previous[b] + 1e-3);
                ref var x = ref levels[t * Bands + b];
                x = (float)(10 * Math.Log10(Math.Pow(10, x / 10) + Math.Pow(10, noise / 10)));
            }
        }
    }

    private static void Cut(float[] levels, int frames, int first)
    {
        for (var t = 0; t < frames; t++) levels.AsSpan(t * Bands + first, Bands - first).Fill(Floor);
    }

    private static void CutLow(float[] levels, int frames, int count)
    {
        for (var t = 0; t < frames; t++) levels.AsSpan(t * Bands, count).Fill(Floor);
    }
}
