using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Music;
using static TorchSharp.torch;

namespace OpenMU.Training.Mir;

/// <summary>
/// Trains the chord network on clips whose chords are known: cross-entropy, AdamW, cosine learning rate. Each clip is
/// heard each time through another equaliser, at another register, with another noise floor. Same clips, seed and
/// number of threads, same weights.
/// </summary>
public sealed class ChordTrainer : IDisposable
{
    private const int Batch = 64, FramesOfClip = 96, ClipsOfGroup = 16, Threads = 2;
    private const double Rate = 2e-3, Decay = 1e-3;

    private readonly Random random;
    private readonly ChordModule module;

    /// <param name="seed">Seeds the initial weights and every random choice.</param>
    /// <param name="start">Weights to go on from, as <see cref="Save"/> writes them; null to begin anew.</param>
    /// <exception cref="InvalidDataException">They are not of this network.</exception>
    public ChordTrainer(int seed, Stream? start = null)
    {
        random = new Random(seed);
        module = new(start is null
            ? new(ChordNetwork.Layout, Initial)
            : NetworkWeights.Read(start, ChordNetwork.Layout));
    }

    /// <summary>Runs the epochs.</summary>
    /// <param name="clips">Clips and their chords; a clip without chords teaches what is no chord.</param>
    /// <param name="epochs">How often each clip is heard.</param>
    /// <param name="report">Receives the epoch, from 1, and its mean loss.</param>
    /// <param name="cancel">Ends the training.</param>
    public void Train(
        IReadOnlyList<TrainingClip> clips, int epochs, Action<int, double> report, CancellationToken cancel)
    {
        var (step, steps) = (0, epochs * (clips.Count * FramesOfClip / Batch));
        using var optimiser = new AdamW([new([.. module.named_parameters()], Rate, Decay)]);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var order = Enumerable.Range(0, clips.Count).ToArray();
            random.Shuffle(order);
            var (loss, count) = (0.0, 0);
            foreach (var group in order.Chunk(ClipsOfGroup))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var batch in Mixed([.. group.Select(clip => clips[clip])], cancel).Chunk(Batch))
                {
                    loss += batch.Length * Step(batch, optimiser, CosineSchedule.Factor(step++, steps, warmup: 0));
                    count += batch.Length;
                }
            }

            report(epoch + 1, loss / count);
        }
    }

    /// <summary>Writes the weights for <c>Weights/chords.bin</c>.</summary>
    public void Save(Stream stream) => module.Weights.Write(stream);

    public void Dispose() => module.Dispose();

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
        return index < 0 ? -1 : ChordLabel.Parse(label).Root * ChordNetwork.QualityCount + index;
    }

    // One step; returns the mean loss of the batch.
    private double Step(Example[] batch, AdamW optimiser, double factor)
    {
        using var scope = NewDisposeScope();
        var views = ChordModule.Views([.. batch.Select(example => example.Averages)]);      // (N, 12, Size)
        var logits = module.call(views);                                                    // (N, States)
        var loss = nn.functional.cross_entropy(logits, tensor([.. batch.Select(example => (long)example.State)]));
        loss.backward();
        optimiser.Step(factor);
        return loss.item<float>();
    }

    // He et al. (2015): normal with variance 2 / inputs, biases zero.
    private float[] Initial(WeightPart part)
    {
        var numbers = new float[part.Count];
        if (part.Shape is not [_, var inputs]) return numbers;
        for (var i = 0; i < numbers.Length; i++) numbers[i] = Gaussian() * MathF.Sqrt(2f / inputs);
        return numbers;
    }

    private float Gaussian()
    {
        var radius = MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle()));
        return radius * MathF.Cos(2 * MathF.PI * random.NextSingle());
    }

    // Frames of some clips in random order.
    private Example[] Mixed(TrainingClip[] clips, CancellationToken cancel)
    {
        var seeds = clips.Select(_ => random.Next()).ToArray();
        var examples = new List<Example>[clips.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancel };
        Parallel.For(0, clips.Length, options, i => examples[i] = Hear(clips[i], new Random(seeds[i])));
        var mixed = examples.SelectMany(list => list).ToArray();
        random.Shuffle(mixed);
        return mixed;
    }

    // Frames of a clip through a random equaliser, register and noise floor.
    private static List<Example> Hear(TrainingClip clip, Random random)
    {
        const int count = ChordNetwork.QualityCount;
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
            var label = clip.Chords.Count == 0
                ? "N"
                : clip.Chords.LastOrDefault(chord => chord.Start <= time).Label ?? "N";
            var state = State(label);
            if (state < 0) continue;
            if (state < ChordNetwork.NoChord) state = (state / count + shift + 12) % 12 * count + state % count;
            var averages = new float[PitchFeatures.AverageSize];
            features.Average(frame, averages);
            examples.Add(new Example(averages, state));
        }

        return examples;
    }

    private static float[] Equaliser(Random random)
    {
        var (tilt, depth, phase, period) = (
            random.NextSingle() * 12 - 6, random.NextSingle() * 8, random.NextSingle() * 6.28f,
            12 + random.NextSingle() * 36);
        return [.. Enumerable.Range(0, Chromagram.Semitones).Select(k =>
            MathF.Pow(10, (tilt * (k - 42) / 24f + depth * MathF.Sin(phase + 6.28f * k / period)) / 10))];
    }

    /// <param name="Averages">From <see cref="PitchFeatures.Average"/>.</param>
    /// <param name="State">The chord's number.</param>
    private readonly record struct Example(float[] Averages, int State);
}

/// <summary>A clip to learn from.</summary>
/// <param name="Chromagram">What sounds.</param>
/// <param name="Chords">What is right; empty where nothing is a chord.</param>
public sealed record TrainingClip(Chromagram Chromagram, IReadOnlyList<ChordSegment> Chords);
