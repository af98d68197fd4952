using System.Buffers.Binary;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Networks;

/// <summary>What the network says of a track.</summary>
/// <param name="Beat">Probability of a beat (downbeats included) in each frame.</param>
/// <param name="Downbeat">Probability of a downbeat in each frame.</param>
/// <param name="Tempo">Probability of each tempo of <see cref="BeatNetwork.TempoOf"/> to be the one tapped.</param>
/// <param name="Metre">Probability of 2 (6/8), 3, 4 and 5 beats a bar.</param>
public sealed record BeatActivation(float[] Beat, float[] Downbeat, float[] Tempo, float[] Metre);

/// <summary>
/// A temporal convolutional network (after Böck, Davies, ISMIR 2020) that marks beats and downbeats in band levels.
/// An input convolution, then blocks x += P relu(D x) with D a convolution of five taps whose dilation doubles from block
/// to block (about 24 s of context to either side), then a linear layer for beat and downbeat; the means over time of
/// all blocks give tempo and metre. The weights are one flat array; <see cref="Shape"/> names its parts.
/// </summary>
public sealed class BeatNetwork
{
    public const int Channels = 24, Blocks = 10, Taps = 5, InputTaps = 3, Inputs = 2 * OnsetStrength.Bands + OnsetStrength.Changes;
    public const int Outputs = 8, TempoBins = 48, MetreBins = 8, Pooled = Blocks * Channels;
    private const double LowestBpm = 40, BinsPerOctave = 16;

    private static readonly Lazy<BeatNetwork> Shipped = new(() => new(Load()));
    private readonly float[] weights;

    /// <exception cref="ArgumentException">The array does not have <see cref="Shape.Total"/> numbers.</exception>
    public BeatNetwork(float[] weights)
    {
        if (weights.Length != Shape.Total) throw new ArgumentException($"The network has {Shape.Total} weights.", nameof(weights));
        this.weights = weights;
    }

    /// <summary>The network with the weights that ship with the library.</summary>
    public static BeatNetwork Trained => Shipped.Value;

    /// <summary>BPM in the middle of a tempo bin.</summary>
    public static double TempoOf(double bin) => LowestBpm * Math.Pow(2, bin / BinsPerOctave);

    /// <summary>The bin, with fraction, of a tempo.</summary>
    public static double BinOf(double bpm) => Math.Log2(bpm / LowestBpm) * BinsPerOctave;

    /// <summary>Runs the network over the part of an envelope that sounds; elsewhere there are no beats.</summary>
    public BeatActivation Run(OnsetEnvelope onsets)
    {
        var (first, last, _) = onsets.Sounding();
        var frames = last - first;
        var pass = new Pass(frames, keep: false);
        Input(onsets.Levels.AsSpan(first * onsets.Bands), onsets.Changes.AsSpan(first * OnsetStrength.Changes), frames, pass.Input);
        Forward(pass);
        float[] beat = new float[onsets.Frames], downbeat = new float[onsets.Frames];
        for (var t = 0; t < frames; t++)
        {
            beat[first + t] = Sigmoid(pass.Output[t * Outputs]);
            downbeat[first + t] = Sigmoid(pass.Output[t * Outputs + 1]);
        }
        Softmax(pass.Tempo, TempoBins);
        Softmax(pass.Metre, 4);
        return new(beat, downbeat, pass.Tempo, pass.Metre[..4]);
    }

    /// <summary>Network input of band levels [frames * bands]: level above the band's mean, its rise over two frames, and the changes of harmony.</summary>
    public static void Input(ReadOnlySpan<float> levels, ReadOnlySpan<float> changes, int frames, Span<float> input)
    {
        const int bands = OnsetStrength.Bands;
        var mean = new float[bands];
        var counted = 0;
        for (var t = 0; t < frames; t++)
        {
            var row = levels.Slice(t * bands, bands);
            var loudest = float.MinValue;
            foreach (var level in row) loudest = Math.Max(loudest, level);
            if (loudest < -50) continue;                             // pauses say nothing about the sound
            counted++;
            for (var b = 0; b < bands; b++) mean[b] += row[b];
        }
        for (var b = 0; b < bands; b++) mean[b] /= Math.Max(1, counted);
        for (var t = 0; t < frames; t++)
        {
            var before = Math.Max(0, t - 2) * bands;
            for (var b = 0; b < bands; b++)
            {
                var level = levels[t * bands + b];
                input[t * Inputs + b] = Math.Clamp((level - mean[b]) / 15, -3, 3);
                input[t * Inputs + bands + b] = Math.Clamp((level - levels[before + b]) / 12, 0, 3);
            }
            changes.Slice(t * OnsetStrength.Changes, OnsetStrength.Changes).CopyTo(input[(t * Inputs + 2 * bands)..]);
        }
    }

    // Half-precision numbers, little-endian, in the order of Shape.
    private static float[] Load()
    {
        using var stream = typeof(BeatNetwork).Assembly.GetManifestResourceStream("OpenMU.Mir.Weights.beats.bin")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var numbers = new float[bytes.Length / 2];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(2 * i));
        return numbers;
    }

    internal void Forward(Pass pass)
    {
        var frames = pass.Frames;
        Fill(pass.X(0), Shape.InputBias, Channels, frames);
        Convolve(pass.Input, Inputs, Shape.Input, InputTaps, 1, pass.X(0), frames);
        Array.Clear(pass.Pool);
        for (var block = 0; block < Blocks; block++)
        {
            var y = pass.Y(block);
            Fill(y, Shape.DilatedBias(block), Channels, frames);
            Convolve(pass.X(block), Channels, Shape.Dilated(block), Taps, 1 << block, y, frames);
            for (var i = 0; i < frames * Channels; i++) y[i] = Math.Max(0, y[i]);
            for (var t = 0; t < frames; t++)
            {
                for (var c = 0; c < Channels; c++) pass.Pool[block * Channels + c] += y[t * Channels + c];
            }
            var next = pass.X(block + 1);
            if (!ReferenceEquals(next, pass.X(block))) pass.X(block).CopyTo(next, 0);
            AddRow(next, Shape.PointBias(block), frames);
            RowMath.MultiplyAdd(y, Channels, weights.AsSpan(Shape.Point(block)), Channels, next, frames);
        }
        for (var i = 0; i < Pooled; i++) pass.Pool[i] /= Math.Max(1, frames);
        var top = pass.Top;
        var last = pass.X(Blocks);
        for (var i = 0; i < frames * Channels; i++) top[i] = Math.Max(0, last[i]);
        Fill(pass.Output, Shape.OutputBias, Outputs, frames);
        RowMath.MultiplyAdd(top, Channels, weights.AsSpan(Shape.Output), Outputs, pass.Output, frames);
        weights.AsSpan(Shape.TempoBias, TempoBins).CopyTo(pass.Tempo);
        RowMath.MultiplyAdd(pass.Pool, Pooled, weights.AsSpan(Shape.Tempo), TempoBins, pass.Tempo, 1);
        weights.AsSpan(Shape.MetreBias, MetreBins).CopyTo(pass.Metre);
        RowMath.MultiplyAdd(pass.Pool, Pooled, weights.AsSpan(Shape.Metre), MetreBins, pass.Metre, 1);
    }

    // y[t] += sum over taps of x[t + (tap - middle) * dilation] w[tap]; frames outside count as zero.
    private void Convolve(float[] x, int n, int at, int taps, int dilation, float[] y, int frames)
    {
        const int m = Channels;
        for (var tap = 0; tap < taps; tap++)
        {
            var shift = (tap - taps / 2) * dilation;
            int first = Math.Max(0, -shift), rows = frames - Math.Abs(shift);
            if (rows <= 0) continue;
            RowMath.MultiplyAdd(x.AsSpan((first + shift) * n), n, weights.AsSpan(at + tap * n * m), m, y.AsSpan(first * m), rows);
        }
    }

    private void Fill(float[] y, int bias, int width, int frames)
    {
        for (var t = 0; t < frames; t++) weights.AsSpan(bias, width).CopyTo(y.AsSpan(t * width));
    }

    private void AddRow(float[] y, int bias, int frames)
    {
        for (var t = 0; t < frames; t++)
        {
            for (var c = 0; c < Channels; c++) y[t * Channels + c] += weights[bias + c];
        }
    }

    internal static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    internal static void Softmax(Span<float> x, int count)
    {
        var max = float.MinValue;
        for (var i = 0; i < count; i++) max = Math.Max(max, x[i]);
        var sum = 0f;
        for (var i = 0; i < count; i++) sum += x[i] = MathF.Exp(x[i] - max);
        for (var i = 0; i < count; i++) x[i] /= sum;
    }

    /// <summary>Where each part starts in the flat weights.</summary>
    public static class Shape
    {
        public const int Input = 0, InputBias = Input + InputTaps * Inputs * Channels, FirstBlock = InputBias + Channels;
        public const int BlockSize = (Taps + 1) * Channels * Channels + 2 * Channels;
        public const int Output = FirstBlock + Blocks * BlockSize, OutputBias = Output + Channels * Outputs;
        public const int Tempo = OutputBias + Outputs, TempoBias = Tempo + Pooled * TempoBins;
        public const int Metre = TempoBias + TempoBins, MetreBias = Metre + Pooled * MetreBins, Total = MetreBias + MetreBins;

        public static int Dilated(int block) => FirstBlock + block * BlockSize;

        public static int DilatedBias(int block) => Dilated(block) + Taps * Channels * Channels;

        public static int Point(int block) => DilatedBias(block) + Channels;

        public static int PointBias(int block) => Point(block) + Channels * Channels;
    }

    /// <summary>
    /// The numbers of one run; with keep, those of every block, as training needs. Without, the input is spent after the first layer and its
    /// room (three times as wide) taken by what follows: an hour of music saves 60 MB.
    /// </summary>
    internal sealed class Pass
    {
        private readonly float[][] x, y;

        public Pass(int frames, bool keep)
        {
            Frames = frames;
            Input = new float[frames * Inputs];
            x = [.. Enumerable.Range(0, keep ? Blocks + 1 : 1).Select(_ => new float[frames * Channels])];
            y = keep ? [.. Enumerable.Range(0, Blocks).Select(_ => new float[frames * Channels])] : [Input];
            Top = keep ? new float[frames * Channels] : Input;
            Output = new float[frames * Outputs];
        }

        public int Frames { get; }

        public float[] Input { get; }

        public float[] Top { get; }

        public float[] Output { get; }

        public float[] Pool { get; } = new float[Pooled];

        public float[] Tempo { get; } = new float[TempoBins];

        public float[] Metre { get; } = new float[MetreBins];

        public float[] X(int block) => x[Math.Min(block, x.Length - 1)];

        public float[] Y(int block) => y[Math.Min(block, y.Length - 1)];
    }
}
