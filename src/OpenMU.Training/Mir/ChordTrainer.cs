using System.Numerics;
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Music;

namespace OpenMU.Training.Mir;

/// <summary>
/// Trains the chord network on clips whose chords are known: cross-entropy, Adam (Kingma and Ba, 2015), cosine learning rate.
/// Each clip is heard each time through another equaliser, at another register, with another noise floor. Same clips and seed, same weights.
/// </summary>
public sealed class ChordTrainer
{
    private const int Batch = 64;
    private const int FramesOfClip = 96;
    private const int Workers = 2;

    private readonly ChordNetwork net = new();
    private readonly float[][] first, second;
    private readonly Shard[] shards = [.. Enumerable.Range(0, Workers).Select(_ => new Shard())];
    private readonly Random random;
    private int step;

    /// <param name="seed">Of the initial weights and of all choices.</param>
    public ChordTrainer(int seed)
    {
        random = new Random(seed);
        first = [.. net.Weights.Select(weights => new float[weights.Length])];
        second = [.. net.Weights.Select(weights => new float[weights.Length])];
        foreach (var (layer, inputs) in (ReadOnlySpan<(int, int)>)[(0, PitchFeatures.Size), (2, ChordNetwork.Hidden1), (4, ChordNetwork.Hidden2)])
        {
            for (var i = 0; i < net.Weights[layer].Length; i++) net.Weights[layer][i] = Gaussian() * MathF.Sqrt(2f / inputs);
        }
    }

    /// <summary>Runs the epochs.</summary>
    /// <param name="clips">Clips and their chords; a clip without chords teaches what is no chord.</param>
    /// <param name="epochs">How often each clip is heard.</param>
    /// <param name="report">Receives the epoch and its mean loss.</param>
    /// <param name="cancel">Ends the training.</param>
    public void Train(IReadOnlyList<TrainingClip> clips, int epochs, Action<int, double> report, CancellationToken cancel)
    {
        var steps = epochs * (clips.Count * FramesOfClip / Batch);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var order = Enumerable.Range(0, clips.Count).ToArray();
            random.Shuffle(order);
            var (loss, count) = (0.0, 0);
            // Frames of 16 clips at a time are mixed.
            foreach (var group in order.Chunk(16))
            {
                cancel.ThrowIfCancellationRequested();
                var seeds = group.Select(_ => random.Next()).ToArray();
                var examples = new List<Example>[group.Length];
                Parallel.For(0, group.Length, new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancel },
                    i => examples[i] = Hear(clips[group[i]], new Random(seeds[i])));
                var mixed = examples.SelectMany(list => list).ToArray();
                random.Shuffle(mixed);
                foreach (var batch in mixed.Chunk(Batch))
                {
                    loss += Step(batch, 0.5f * 2e-3f * (1 + MathF.Cos(MathF.PI * Math.Min(1, (float)step / steps))));
                    count += batch.Length;
                }
            }

            report(epoch + 1, loss / count);
        }
    }

    /// <summary>Writes the weights for <c>Weights/chords.bin</c>.</summary>
    public void Save(Stream stream) => net.Save(stream);

    /// <summary>Number of a chord among the network's outputs; -1 for chords it does not know.</summary>
    internal static int State(string label)
    {
        if (label == "N") return ChordNetwork.NoChord;
        var quality = label[(label.IndexOf(':') + 1)..] switch
        {
            "9" or "11" or "13" => "7",
            "maj9" => "maj7",
            "min9" => "min7",
            "minmaj7" => "min",
            "sus4(b7)" => "sus4",
            var other => other,
        };
        var index = Array.IndexOf(ChordNetwork.Qualities, quality);
        return index < 0 ? -1 : ChordLabel.Parse(label).Root * 13 + index;
    }

    // Frames of a clip through a random equaliser, register and noise floor.
    private static List<Example> Hear(TrainingClip clip, Random random)
    {
        var chromagram = clip.Chromagram;
        var shift = random.Next(-6, 7);
        var gains = Equaliser(random);
        var noise = MathF.Pow(10, (-90 + 45 * random.NextSingle()) / 10);
        var noisy = random.NextSingle() < 0.5f;
        var powers = new float[chromagram.Frames * Chromagram.Semitones];
        var row = new float[Chromagram.Semitones];
        for (var frame = 0; frame < chromagram.Frames; frame++)
        {
            chromagram.SemitonePower(frame, row);
            for (var k = 0; k < row.Length; k++)
            {
                var from = k - shift;
                var power = from >= 0 && from < row.Length ? row[from] * gains[k] : 0;
                if (noisy) power += noise * MathF.Pow(2, k / 12f - 4) * (0.3f + random.NextSingle());
                powers[frame * row.Length + k] = power;
            }
        }

        var features = PitchFeatures.From(powers);
        var examples = new List<Example>(FramesOfClip);
        for (var i = 0; i < FramesOfClip && features.Frames > 0; i++)
        {
            var frame = random.Next(features.Frames);
            var time = frame * chromagram.HopSeconds;
            var label = clip.Chords.Count == 0 ? "N" : clip.Chords.LastOrDefault(chord => chord.Start <= time).Label ?? "N";
            var state = State(label);
            if (state < 0) continue;
            if (state < ChordNetwork.NoChord) state = (state / 13 + shift + 12) % 12 * 13 + state % 13;
            var averages = new float[PitchFeatures.AverageSize];
            features.Average(frame, averages);
            examples.Add(new Example(averages, state));
        }

        return examples;
    }

    private static float[] Equaliser(Random random)
    {
        var (tilt, depth, phase, period) = (random.NextSingle() * 12 - 6, random.NextSingle() * 8, random.NextSingle() * 6.28f, 12 + random.NextSingle() * 36);
        return [.. Enumerable.Range(0, Chromagram.Semitones).Select(k =>
            MathF.Pow(10, (tilt * (k - 42) / 24f + depth * MathF.Sin(phase + 6.28f * k / period)) / 10))];
    }

    private double Step(Example[] batch, float rate)
    {
        Parallel.For(0, Workers, worker =>
        {
            var shard = shards[worker];
            shard.Clear();
            for (var i = worker; i < batch.Length; i += Workers) shard.Learn(net, batch[i]);
        });
        step++;
        var (correction1, correction2) = (1 - MathF.Pow(0.9f, step), 1 - MathF.Pow(0.999f, step));
        for (var w = 0; w < net.Weights.Length; w++)
        {
            var (weights, m, v) = (net.Weights[w], first[w], second[w]);
            for (var i = 0; i < weights.Length; i++)
            {
                var gradient = 0f;
                foreach (var shard in shards) gradient += shard.Gradients[w][i];
                gradient /= batch.Length;
                m[i] = 0.9f * m[i] + 0.1f * gradient;
                v[i] = 0.999f * v[i] + 0.001f * gradient * gradient;
                weights[i] -= rate * (m[i] / correction1 / (MathF.Sqrt(v[i] / correction2) + 1e-8f) + 1e-3f * weights[i]);
            }
        }

        return shards.Sum(shard => shard.Loss);
    }

    private float Gaussian() => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());

    private readonly record struct Example(float[] Averages, int State);

    // Gradients of one worker's share of a batch.
    private sealed class Shard
    {
        private readonly ChordNetwork.Activations a = new();
        private readonly float[] dScores = new float[ChordNetwork.States], dH1 = new float[ChordNetwork.Hidden1], dH2 = new float[ChordNetwork.Hidden2];

        public float[][] Gradients { get; } = [.. new ChordNetwork().Weights.Select(weights => new float[weights.Length])];

        public double Loss { get; private set; }

        public void Clear()
        {
            foreach (var gradient in Gradients) Array.Clear(gradient);
            Loss = 0;
        }

        public void Learn(ChordNetwork net, Example example)
        {
            net.Forward(example.Averages, a);
            var highest = a.Scores.Max();
            var sum = 0f;
            for (var s = 0; s < dScores.Length; s++) sum += dScores[s] = MathF.Exp(a.Scores[s] - highest);
            for (var s = 0; s < dScores.Length; s++) dScores[s] /= sum;
            Loss -= Math.Log(Math.Max(1e-9, dScores[example.State]));
            dScores[example.State] -= 1;
            for (var root = 0; root < 12; root++) Backward(net, root);
            Accumulate(Gradients[4].AsSpan(13 * ChordNetwork.Hidden2, ChordNetwork.Hidden2), a.Mean, dScores[ChordNetwork.NoChord]);
            Gradients[5][13] += dScores[ChordNetwork.NoChord];
        }

        private void Backward(ChordNetwork net, int root)
        {
            var view = a.View.AsSpan(root * PitchFeatures.Size, PitchFeatures.Size);
            var h1 = a.H1.AsSpan(root * ChordNetwork.Hidden1, ChordNetwork.Hidden1);
            var h2 = a.H2.AsSpan(root * ChordNetwork.Hidden2, ChordNetwork.Hidden2);
            Array.Clear(dH2);
            Accumulate(dH2, net.Weights[4].AsSpan(13 * ChordNetwork.Hidden2, ChordNetwork.Hidden2), dScores[ChordNetwork.NoChord] / 12);
            for (var q = 0; q < 13; q++)
            {
                var d = dScores[root * 13 + q];
                Accumulate(Gradients[4].AsSpan(q * ChordNetwork.Hidden2, ChordNetwork.Hidden2), h2, d);
                Gradients[5][q] += d;
                Accumulate(dH2, net.Weights[4].AsSpan(q * ChordNetwork.Hidden2, ChordNetwork.Hidden2), d);
            }

            Array.Clear(dH1);
            for (var i = 0; i < ChordNetwork.Hidden2; i++)
            {
                if (h2[i] <= 0) continue;
                Accumulate(Gradients[2].AsSpan(i * ChordNetwork.Hidden1, ChordNetwork.Hidden1), h1, dH2[i]);
                Gradients[3][i] += dH2[i];
                Accumulate(dH1, net.Weights[2].AsSpan(i * ChordNetwork.Hidden1, ChordNetwork.Hidden1), dH2[i]);
            }

            for (var i = 0; i < ChordNetwork.Hidden1; i++)
            {
                if (h1[i] <= 0) continue;
                Accumulate(Gradients[0].AsSpan(i * PitchFeatures.Size, PitchFeatures.Size), view, dH1[i]);
                Gradients[1][i] += dH1[i];
            }
        }

        // target += scale * source
        private static void Accumulate(Span<float> target, ReadOnlySpan<float> source, float scale)
        {
            var i = 0;
            for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(target[i..]) + new Vector<float>(source[i..]) * scale).CopyTo(target[i..]);
            for (; i < target.Length; i++) target[i] += source[i] * scale;
        }
    }
}

/// <summary>A clip to learn from.</summary>
/// <param name="Chromagram">What sounds.</param>
/// <param name="Chords">What is right; empty where nothing is a chord.</param>
public sealed record TrainingClip(Chromagram Chromagram, IReadOnlyList<ChordSegment> Chords);
