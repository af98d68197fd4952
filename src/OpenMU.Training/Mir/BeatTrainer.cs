using System.Buffers.Binary;
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using static OpenMU.Mir.Networks.BeatNetwork;

namespace OpenMU.Training.Mir;

/// <summary>
/// Trains <see cref="BeatNetwork"/> by Adam on clips with known beats. The loss is the cross-entropy of beat and downbeat in
/// each frame plus that of tempo and metre. Same clips and seed, same weights: gradients are added in a fixed order.
/// </summary>
public sealed class BeatTrainer
{
    private const int Batch = 8, DrumShare = 10;                    // one clip of drums to ten of music
    private const float TempoWeight = 0.03f, MetreWeight = 0.02f;

    private readonly IReadOnlyList<BeatClip> clips;
    private readonly int seed;
    private readonly float[] weights = new float[Shape.Total];
    private readonly float[] mean = new float[Shape.Total], variance = new float[Shape.Total];
    private readonly float[][] gradients;

    public BeatTrainer(IReadOnlyList<BeatClip> clips, int seed)
    {
        var random = new Random(seed + 2);
        this.clips = [.. clips, .. Enumerable.Range(0, clips.Count / DrumShare).Select(i => DrumMachine.Play(i, random))];
        this.seed = seed;
        gradients = [.. Enumerable.Range(0, Batch).Select(_ => new float[Shape.Total])];
        Initialise(new Random(seed));
    }

    /// <summary>The weights as they stand.</summary>
    public ReadOnlyMemory<float> Weights => weights;

    /// <summary>The weights as the library embeds them: half-precision numbers, little-endian.</summary>
    public byte[] Pack()
    {
        var bytes = new byte[2 * weights.Length];
        for (var i = 0; i < weights.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), (Half)weights[i]);
        return bytes;
    }

    /// <summary>Runs over all clips so many times; tells the mean loss of each round.</summary>
    public void Train(int rounds, double rate, Action<int, double> told, CancellationToken cancel)
    {
        var order = Enumerable.Range(0, clips.Count).ToArray();
        var random = new Random(seed + 1);
        int stepsPerRound = clips.Count / Batch, steps = rounds * stepsPerRound, step = 0;
        for (var round = 0; round < rounds; round++)
        {
            random.Shuffle(order);
            var loss = 0.0;
            for (var first = 0; first + Batch <= order.Length; first += Batch)
            {
                cancel.ThrowIfCancellationRequested();
                var losses = new double[Batch];
                var at = (first, round);
                Parallel.For(0, Batch, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
                {
                    Array.Clear(gradients[i]);
                    losses[i] = Learn(weights, clips[order[at.first + i]], new Random(HashCode(seed, at.round, order[at.first + i])), gradients[i]);
                });
                loss += losses.Sum();
                step++;
                Step(step, rate * Math.Min(1, step / 100.0) * (0.505 + 0.495 * Math.Cos(Math.PI * step / steps)));
            }
            told(round, loss / (stepsPerRound * Batch));
        }
    }

    private static int HashCode(int a, int b, int c) => unchecked((a * 31 + b) * 1_000_003 + c);

    private void Initialise(Random random)
    {
        void Draw(int at, int count, double deviation)
        {
            for (var i = 0; i < count; i++)
            {
                weights[at + i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
        }
        Draw(Shape.Input, Shape.InputBias - Shape.Input, Math.Sqrt(1.0 / (InputTaps * Inputs)));
        for (var block = 0; block < Blocks; block++)
        {
            Draw(Shape.Dilated(block), Taps * Channels * Channels, Math.Sqrt(2.0 / (Taps * Channels)));
            Draw(Shape.Point(block), Channels * Channels, 0.5 * Math.Sqrt(1.0 / Channels));
        }
        Draw(Shape.Output, Channels * Outputs, Math.Sqrt(1.0 / Channels));
        weights[Shape.OutputBias] = -3;
        weights[Shape.OutputBias + 1] = -4;
    }

    private void Step(int step, double rate)
    {
        const double decay1 = 0.9, decay2 = 0.999;
        double norm = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var g = 0f;
            for (var b = 0; b < Batch; b++) g += gradients[b][i];
            gradients[0][i] = g / Batch;
            norm += gradients[0][i] * gradients[0][i];
        }
        var scale = (float)Math.Min(1, 0.5 / (Math.Sqrt(norm) + 1e-9));
        double correct1 = 1 - Math.Pow(decay1, step), correct2 = 1 - Math.Pow(decay2, step);
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradients[0][i] * scale;
            mean[i] = (float)(decay1 * mean[i] + (1 - decay1) * g);
            variance[i] = (float)(decay2 * variance[i] + (1 - decay2) * g * g);
            var move = mean[i] / correct1 / (Math.Sqrt(variance[i] / correct2) + 1e-8);
            weights[i] -= (float)(rate * (move + (i >= Shape.Tempo ? 0.02 : 0.002) * weights[i]));
        }
    }

    // Loss of one clip, varied by the random numbers; adds its slope to the gradient.
    internal static double Learn(float[] weights, BeatClip clip, Random random, float[] gradient)
    {
        var (levels, changes, beats, downbeats, bpm) = BeatAugmentation.Vary(clip, random);
        var frames = levels.Length / OnsetStrength.Bands;
        var pass = new Pass(frames, keep: true);
        Input(levels, changes, frames, pass.Input);
        new BeatNetwork(weights).Forward(pass);

        var slope = new float[frames * Outputs];
        double loss = 0;
        loss += Frames(pass.Output, 0, Targets(beats, frames), slope);
        loss += Frames(pass.Output, 1, Targets(downbeats, frames), slope);
        loss += TempoWeight * Whole(pass.Tempo, TempoBins, TempoTarget(bpm), TempoWeight);
        loss += MetreWeight * Whole(pass.Metre, 4, MetreTarget(clip.BeatsPerBar), MetreWeight);
        new Backward(weights, gradient, pass).Run(slope);
        return loss;
    }

    // 1 in the frame of each event, shared out between the two frames around it, half of that beside them.
    private static float[] Targets(double[] events, int frames)
    {
        var target = new float[frames];
        foreach (var e in events)
        {
            for (var t = Math.Max(0, (int)e - 2); t <= Math.Min(frames - 1, (int)e + 3); t++)
            {
                target[t] = Math.Max(target[t], (float)Math.Clamp(1.3 - 0.5 * Math.Abs(t - e), 0, 1));
            }
        }
        return target;
    }

    private static double Frames(float[] output, int column, float[] target, float[] slope)
    {
        var loss = 0.0;
        for (var t = 0; t < target.Length; t++)
        {
            var z = output[t * Outputs + column];
            loss += Math.Max(z, 0) - z * target[t] + Math.Log(1 + Math.Exp(-Math.Abs(z)));
            slope[t * Outputs + column] = (Sigmoid(z) - target[t]) / target.Length;
        }
        return loss / target.Length;
    }

    // Leaves the slope of the loss in place of the scores.
    private static double Whole(float[] scores, int count, float[] target, float weight)
    {
        Softmax(scores, count);
        var loss = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (i < count) loss -= target[i] * Math.Log(scores[i] + 1e-9);
            scores[i] = i < count ? weight * (scores[i] - target[i]) : 0;
        }
        return loss;
    }

    private static float[] TempoTarget(double bpm)
    {
        var target = new float[TempoBins];
        var bin = BinOf(bpm);
        for (var i = 0; i < TempoBins; i++) target[i] = (float)Math.Max(0, 1 - Math.Abs(i - bin) / 2);
        var sum = target.Sum();
        for (var i = 0; i < TempoBins; i++) target[i] /= Math.Max(sum, 1e-6f);
        return target;
    }

    private static float[] MetreTarget(int beatsPerBar) => [.. Enumerable.Range(2, 4).Select(n => n == beatsPerBar ? 1f : 0f)];

    /// <summary>Gradients of one pass, from the outputs back to the first layer.</summary>
    private sealed class Backward(float[] weights, float[] gradient, Pass pass)
    {
        private readonly int frames = pass.Frames;

        public void Run(float[] slope)
        {
            var pool = new float[Pooled];
            Outer(pass.Pool, Pooled, pass.Tempo, TempoBins, Shape.Tempo, 1);
            Sum(pass.Tempo, TempoBins, Shape.TempoBias, 1);
            Outer(pass.Pool, Pooled, pass.Metre, MetreBins, Shape.Metre, 1);
            Sum(pass.Metre, MetreBins, Shape.MetreBias, 1);
            RowMath.MultiplyAdd(pass.Tempo, TempoBins, Transposed(Shape.Tempo, Pooled, TempoBins), Pooled, pool, 1);
            RowMath.MultiplyAdd(pass.Metre, MetreBins, Transposed(Shape.Metre, Pooled, MetreBins), Pooled, pool, 1);

            Outer(pass.Top, Channels, slope, Outputs, Shape.Output, frames);
            Sum(slope, Outputs, Shape.OutputBias, frames);
            var x = new float[frames * Channels];
            RowMath.MultiplyAdd(slope, Outputs, Transposed(Shape.Output, Channels, Outputs), Channels, x, frames);
            for (var i = 0; i < x.Length; i++) x[i] = pass.Top[i] > 0 ? x[i] : 0;
            for (var block = Blocks - 1; block >= 0; block--) Block(block, x, pool);
            for (var tap = 0; tap < InputTaps; tap++)
            {
                Shifted(tap - InputTaps / 2, (from, to, rows) => RowMath.OuterAdd(pass.Input.AsSpan(from * Inputs), Inputs,
                    x.AsSpan(to * Channels), Channels, gradient.AsSpan(Shape.Input + tap * Inputs * Channels), rows));
            }
            Sum(x, Channels, Shape.InputBias, frames);
        }

        private void Block(int block, float[] x, float[] pool)
        {
            const int size = Channels * Channels;
            float[] inner = pass.Y(block), input = pass.X(block), y = new float[frames * Channels];
            for (var i = 0; i < y.Length; i++) y[i] = pool[block * Channels + i % Channels] / frames;
            RowMath.MultiplyAdd(x, Channels, Transposed(Shape.Point(block), Channels, Channels), Channels, y, frames);
            Outer(inner, Channels, x, Channels, Shape.Point(block), frames);
            Sum(x, Channels, Shape.PointBias(block), frames);
            for (var i = 0; i < y.Length; i++) y[i] = inner[i] > 0 ? y[i] : 0;
            Sum(y, Channels, Shape.DilatedBias(block), frames);
            for (var tap = 0; tap < Taps; tap++)
            {
                var at = Shape.Dilated(block) + tap * size;
                var turned = Transposed(at, Channels, Channels);
                Shifted((tap - Taps / 2) << block, (from, to, rows) =>
                {
                    RowMath.OuterAdd(input.AsSpan(from * Channels), Channels, y.AsSpan(to * Channels), Channels, gradient.AsSpan(at, size), rows);
                    RowMath.MultiplyAdd(y.AsSpan(to * Channels), Channels, turned, Channels, x.AsSpan(from * Channels), rows);
                });
            }
        }

        private void Shifted(int shift, Action<int, int, int> run)
        {
            var rows = frames - Math.Abs(shift);
            if (rows > 0) run(Math.Max(0, shift), Math.Max(0, -shift), rows);
        }

        private void Outer(float[] x, int n, float[] y, int m, int at, int rows) => RowMath.OuterAdd(x, n, y, m, gradient.AsSpan(at, n * m), rows);

        private void Sum(float[] y, int m, int at, int rows)
        {
            for (var t = 0; t < rows; t++)
            {
                for (var c = 0; c < m; c++) gradient[at + c] += y[t * m + c];
            }
        }

        private float[] Transposed(int at, int n, int m)
        {
            var w = new float[n * m];
            for (var k = 0; k < n; k++)
            {
                for (var c = 0; c < m; c++) w[c * n + k] = weights[at + k * m + c];
            }
            return w;
        }
    }
}
