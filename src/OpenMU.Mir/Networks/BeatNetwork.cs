using System.Numerics.Tensors;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Networks;

/// <summary>What the network says of a track.</summary>
/// <param name="Beat">Probability of a beat (downbeats included) in each frame.</param>
/// <param name="Downbeat">Probability of a downbeat in each frame.</param>
/// <param name="Tempo">Probability of each tempo to be the one tapped: 48 from 40 BPM up, 16 an octave.</param>
/// <param name="Metre">Probability of 2 (6/8), 3, 4 and 5 beats a bar.</param>
public sealed record BeatActivation(float[] Beat, float[] Downbeat, float[] Tempo, float[] Metre);

/// <summary>
/// A temporal convolutional network (after Böck and Davies, ISMIR 2020) that marks beats and downbeats in band levels.
/// An input convolution, then blocks x += P relu(D x) with D a convolution of five taps whose dilation doubles from
/// block to block (about 24 s of context to either side), then a linear layer for beat and downbeat; the means over
/// time of all blocks give tempo and metre. Weights come from <c>openmu train-beats</c>; see docs/mir-training.md.
/// </summary>
internal sealed class BeatNetwork
{
    public const int Channels = 24, Blocks = 10, Taps = 5, InputTaps = 3,
        Inputs = 2 * OnsetStrength.Bands + OnsetStrength.Changes;
    public const int Outputs = 8, TempoBins = 48, MetreBins = 8, Pooled = Blocks * Channels;

    /// <summary>Of the metre's outputs, those that are used: 2, 3, 4 and 5 beats a bar.</summary>
    public const int Metres = 4;

    private const double LowestBpm = 40, BinsPerOctave = 16;

    private static readonly Lazy<BeatNetwork> Shipped = new(Load);
    private readonly Layer input, output, tempo, metre;
    private readonly Layer[] dilated, point;

    public BeatNetwork(NetworkWeights weights)
    {
        Layer Part(string name) => new(weights[$"{name}.weight"], weights[$"{name}.bias"]);
        (input, output, tempo, metre) = (Part("input"), Part("output"), Part("tempo"), Part("metre"));
        dilated = [.. Enumerable.Range(0, Blocks).Select(block => Part($"blocks.{block}.dilated"))];
        point = [.. Enumerable.Range(0, Blocks).Select(block => Part($"blocks.{block}.point"))];
    }

    /// <summary>The parts of the weights file. Linear layers are [in, out], convolutions [taps, in, out].</summary>
    public static IReadOnlyList<WeightPart> Layout { get; } =
    [
        new("input.weight", InputTaps, Inputs, Channels), new("input.bias", Channels),
        .. Enumerable.Range(0, Blocks).SelectMany(block => (WeightPart[])
        [
            new($"blocks.{block}.dilated.weight", Taps, Channels, Channels),
            new($"blocks.{block}.dilated.bias", Channels),
            new($"blocks.{block}.point.weight", Channels, Channels), new($"blocks.{block}.point.bias", Channels),
        ]),
        new("output.weight", Channels, Outputs), new("output.bias", Outputs),
        new("tempo.weight", Pooled, TempoBins), new("tempo.bias", TempoBins),
        new("metre.weight", Pooled, MetreBins), new("metre.bias", MetreBins),
    ];

    /// <summary>The network that ships with the library.</summary>
    public static BeatNetwork Default => Shipped.Value;

    /// <summary>BPM in the middle of a tempo bin.</summary>
    public static double TempoOf(double bin) => LowestBpm * Math.Pow(2, bin / BinsPerOctave);

    /// <summary>The bin, with fraction, of a tempo.</summary>
    public static double BinOf(double bpm) => Math.Log2(bpm / LowestBpm) * BinsPerOctave;

    /// <summary>Runs the network over the part of an envelope that sounds; elsewhere there are no beats.</summary>
    public BeatActivation Run(OnsetEnvelope onsets)
    {
        var (first, last, _) = onsets.Sounding();
        var frames = last - first;
        var pass = new Pass(frames);
        Input(
            onsets.Levels.AsSpan(first * onsets.Bands), onsets.Changes.AsSpan(first * OnsetStrength.Changes),
            frames, pass.Input);
        Forward(pass);
        float[] beat = new float[onsets.Frames], downbeat = new float[onsets.Frames];
        for (var t = 0; t < frames; t++)
        {
            beat[first + t] = Sigmoid(pass.Output[t * Outputs]);
            downbeat[first + t] = Sigmoid(pass.Output[t * Outputs + 1]);
        }
        var metres = pass.Metre[..Metres];
        Softmax.Apply(pass.Tempo);
        Softmax.Apply(metres);
        return new(beat, downbeat, pass.Tempo, metres);
    }

    /// <summary>
    /// Network input of band levels [frames * bands]: level above the band's mean, its rise over two frames, and the
    /// changes of harmony.
    /// </summary>
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

    /// <summary>
    /// Fills the outputs of a pass from its input, which is overwritten: the blocks need room and the input is no
    /// longer needed.
    /// </summary>
    internal void Forward(Pass pass)
    {
        var (frames, x, y) = (pass.Frames, pass.X, pass.Input);
        Fill(x, input.Bias, frames);
        Convolve(y, Inputs, input.Weight, InputTaps, 1, x, frames);
        Array.Clear(pass.Pool);
        for (var block = 0; block < Blocks; block++)
        {
            Fill(y, dilated[block].Bias, frames);
            Convolve(x, Channels, dilated[block].Weight, Taps, 1 << block, y, frames);
            var inner = y.AsSpan(0, frames * Channels);
            TensorPrimitives.Max<float>(inner, 0, inner);
            var pool = pass.Pool.AsSpan(block * Channels, Channels);
            for (var t = 0; t < frames; t++)
            {
                TensorPrimitives.Add<float>(pool, inner.Slice(t * Channels, Channels), pool);
                var row = x.AsSpan(t * Channels, Channels);
                TensorPrimitives.Add<float>(row, point[block].Bias, row);
            }
            RowMath.MultiplyAdd(y, Channels, point[block].Weight, Channels, x, frames);
        }
        TensorPrimitives.Divide(pass.Pool, Math.Max(1, frames), pass.Pool);
        TensorPrimitives.Max<float>(x.AsSpan(0, frames * Channels), 0, y);
        Linear(output, y, pass.Output, Outputs, frames);
        Linear(tempo, pass.Pool, pass.Tempo, TempoBins, 1);
        Linear(metre, pass.Pool, pass.Metre, MetreBins, 1);
    }

    private static BeatNetwork Load() => new(NetworkWeights.Shipped("beats", Layout));

    // y = x weight + bias, for each row.
    private static void Linear(Layer layer, float[] x, float[] y, int outputs, int rows)
    {
        Fill(y, layer.Bias, rows);
        RowMath.MultiplyAdd(x, layer.Weight.Length / outputs, layer.Weight, outputs, y, rows);
    }

    // y[t] += sum over taps of x[t + (tap - middle) * dilation] w[tap]; frames outside count as zero.
    private static void Convolve(float[] x, int n, float[] w, int taps, int dilation, float[] y, int frames)
    {
        const int m = Channels;
        for (var tap = 0; tap < taps; tap++)
        {
            var shift = (tap - taps / 2) * dilation;
            int first = Math.Max(0, -shift), rows = frames - Math.Abs(shift);
            if (rows <= 0) continue;
            RowMath.MultiplyAdd(x.AsSpan((first + shift) * n), n, w.AsSpan(tap * n * m), m, y.AsSpan(first * m), rows);
        }
    }

    private static void Fill(float[] y, float[] bias, int rows)
    {
        for (var t = 0; t < rows; t++) bias.CopyTo(y, t * bias.Length);
    }

    internal static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private readonly record struct Layer(float[] Weight, float[] Bias);

    /// <summary>
    /// Input and outputs of one run over some frames, and the room that it needs between them: 36 kB a second of music.
    /// </summary>
    internal sealed class Pass(int frames)
    {
        public int Frames => frames;

        /// <summary>From <see cref="BeatNetwork.Input"/>; [frames, Inputs].</summary>
        public float[] Input { get; } = new float[frames * Inputs];

        /// <summary>The blocks' running sum; [frames, Channels].</summary>
        public float[] X { get; } = new float[frames * Channels];

        /// <summary>Scores (logits) of beat and downbeat, then unused ones; [frames, Outputs].</summary>
        public float[] Output { get; } = new float[frames * Outputs];

        /// <summary>Means of all blocks over time; [Pooled].</summary>
        public float[] Pool { get; } = new float[Pooled];

        /// <summary>Scores (logits) of the tempi; [TempoBins].</summary>
        public float[] Tempo { get; } = new float[TempoBins];

        /// <summary>Scores (logits) of the metres, then unused ones; [MetreBins].</summary>
        public float[] Metre { get; } = new float[MetreBins];
    }
}
