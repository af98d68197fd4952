namespace OpenMU.Mir.Dsp;

/// <summary>
/// How much the pitch classes that sound before a moment differ from those after it, in bass and treble, over windows
/// of four lengths. Chords change at the start of bars, so this helps to find downbeats where no drum tells; being a
/// difference, it does not depend on the key (compare the harmonic change function of Harte et al., 2006).
/// </summary>
internal sealed class HarmonicChange
{
    /// <summary>Frames of the onset extractor between measurements.</summary>
    public const int Stride = 2;

    /// <summary>Bass and treble for each window.</summary>
    public const int Numbers = 8;

    private static readonly int[] Windows = [6, 13, 26, 52];         // 0.14 to 1.2 s
    private const int Classes = 12;
    private const double LowestHertz = 60, TrebleHertz = 260, HighestHertz = 2100;

    private readonly RealFft fft;
    private readonly float[] window, block, power;
    private readonly int[] pitchClass;    // of each bin from firstBin on: 0..11 bass, 12..23 treble
    private readonly int firstBin;
    private readonly List<float> chroma = [];                        // [measurements * 24]

    public HarmonicChange(int size, int sampleRate)
    {
        fft = new(size);
        window = new float[size];
        block = new float[size];
        power = new float[fft.Bins];
        firstBin = (int)Math.Ceiling(LowestHertz * size / sampleRate);
        pitchClass = new int[(int)(HighestHertz * size / sampleRate) - firstBin];
        for (var i = 0; i < size; i++) window[i] = (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / size));
        for (var k = 0; k < pitchClass.Length; k++)
        {
            var hertz = (firstBin + k) * (double)sampleRate / size;
            var fromA = (int)Math.Round(12 * Math.Log2(hertz / 440));
            pitchClass[k] = (hertz < TrebleHertz ? 0 : Classes) + (((fromA % Classes) + 21) % Classes);
        }
    }

    /// <summary>Takes the samples around the next moment.</summary>
    public void Measure(ReadOnlySpan<float> samples)
    {
        for (var i = 0; i < block.Length; i++) block[i] = samples[i] * window[i];
        fft.Power(block, power);
        Span<float> row = stackalloc float[2 * Classes];
        for (var k = 0; k < pitchClass.Length; k++)
        {
            if (float.IsFinite(power[firstBin + k])) row[pitchClass[k]] += power[firstBin + k];
        }
        foreach (var value in row) chroma.Add(MathF.Sqrt(MathF.Sqrt(value)));
    }

    /// <summary>The change around each frame, 0 (the same) to 2 (opposite): [frames * Numbers].</summary>
    public float[] Finish(int frames)
    {
        var count = chroma.Count / (2 * Classes);
        var sums = new double[(count + 1) * 2 * Classes];
        for (var i = 0; i < count * 2 * Classes; i++) sums[i + 2 * Classes] = sums[i] + chroma[i];
        chroma.Clear();
        chroma.TrimExcess();
        var changes = new float[frames * Numbers];
        for (var m = 0; m < count; m++)
        {
            for (var w = 0; w < Windows.Length; w++)
            {
                int low = Math.Max(0, m - Windows[w]), high = Math.Min(count, m + Windows[w]);
                for (var register = 0; register < 2; register++)
                {
                    var change = Distance(sums, low, m, high, register * Classes);
                    for (var t = m * Stride; t < Math.Min(frames, (m + 1) * Stride); t++)
                        changes[t * Numbers + 2 * w + register] = change;
                }
            }
        }
        return changes;
    }

    // 1 - correlation of the summed pitch classes before and after.
    private static float Distance(double[] sums, int low, int middle, int high, int at)
    {
        const int width = 2 * Classes;
        if (middle - low < 2 || high - middle < 2) return 0;
        double sumA = 0, sumB = 0, aa = 0, bb = 0, ab = 0;
        for (var c = at; c < at + Classes; c++)
        {
            double a = (sums[middle * width + c] - sums[low * width + c]) / (middle - low),
                b = (sums[high * width + c] - sums[middle * width + c]) / (high - middle);
            sumA += a;
            sumB += b;
            aa += a * a;
            bb += b * b;
            ab += a * b;
        }
        double varianceA = aa - sumA * sumA / Classes, varianceB = bb - sumB * sumB / Classes;
        if (varianceA < 1e-9 || varianceB < 1e-9) return 0;
        return (float)(1 - (ab - sumA * sumB / Classes) / Math.Sqrt(varianceA * varianceB));
    }
}
