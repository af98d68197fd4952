// BeatTrainer.cs - T frames of an excerpt.
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Model.Kernels;
using static OpenMU.Mir.Networks.BeatNetwork;
using static TorchSharp.torch;

namespace OpenMU.Training.Mir;

/// <summary>
/// Trains <see cref="BeatNetwork"/> by AdamW on clips with known beats. The loss is the cross-entropy of beat and
/// downbeat in each frame plus that of tempo and metre. Same clips, seed and number of threads, same weights.
/// </summary>
public sealed class BeatTrainer : IDisposable
{
    private const int Batch = 8, DrumShare = 10, Threads = 2;       // one clip of drums to ten of music
    private const double TempoWeight = 0.03, MetreWeight = 0.02, ClipNorm = 0.5, Warmup = 0.03;

    // Of the weights; that of tempo and metre is stronger, for they have many weights and one example a clip.
    private const double Decay = 0.002, DecayOfPooled = 0.02;

    private readonly IReadOnlyList<BeatClip> clips;
    private readonly int seed;
    private readonly BeatModule module;

    /// <param name="clips">What to learn from.</param>
    /// <param name="seed">Seeds the initial weights, the drum patterns that are added and every other random
    /// choice.</param>
    /// <param name="from">Weights as <see cref="Save"/> writes them, to go on from; null begins anew.</param>
    /// <exception cref="InvalidDataException">The weights are no such file.</exception>
    public BeatTrainer(IReadOnlyList<BeatClip> clips, int seed, Stream? from = null)
    {
        var random = new Random(seed + 2);
        this.clips =
            [.. clips, .. Enumerable.Range(0, clips.Count / DrumShare).Select(i => DrumMachine.Play(i, random))];
        this.seed = seed;
        module = new(from is null ? Initial(new Random(seed)) : NetworkWeights.Read(from, Layout));
    }

    /// <summary>Runs over all clips, again and again.</summary>
    /// <param name="rounds">How often each clip is heard.</param>
    /// <param name="rate">The highest learning rate.</param>
    /// <param name="report">Receives the round, from 0, and its mean loss.</param>
    /// <param name="cancel">Ends the training.</param>
    /// <exception cref="InvalidDataException">The clips do not fill one batch.</exception>
    public void Train(int rounds, double rate, Action<int, double> report, CancellationToken cancel)
    {
        if (clips.Count < Batch)
            throw new InvalidDataException($"{clips.Count} clips are too few: a training step takes at least {Batch}.");
        var order = Enumerable.Range(0, clips.Count).ToArray();
        var random = new Random(seed + 1);
        int stepsPerRound = clips.Count / Batch, steps = rounds * stepsPerRound, step = 0;
        using var optimiser = new AdamW(Groups(rate), clipNorm: ClipNorm);
        for (var round = 0; round < rounds; round++)
        {
            random.Shuffle(order);
            var loss = 0.0;
            foreach (var batch in order.Chunk(Batch).Where(batch => batch.Length == Batch))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var excerpt in Vary(batch, round)) loss += Learn(excerpt);
                // The step's number counts from 1, so that neither the first nor the last step has a rate of zero.
                step++;
                optimiser.Step(CosineSchedule.Factor(step, steps + 1, CosineSchedule.Warmup(Warmup, steps)))?.Dispose();
            }

            report(round, loss / (stepsPerRound * Batch));
        }
    }

    /// <summary>Writes the weights for <c>Weights/beats.bin</c>.</summary>
    public void Save(Stream stream) => module.Weights.Write(stream);

    public void Dispose() => module.Dispose();

    private static int HashCode(int a, int b, int c) => unchecked((a * 31 + b) * 1_000_003 + c);

    private Excerpt[] Vary(int[] batch, int round)
    {
        var excerpts = new Excerpt[batch.Length];
        Parallel.For(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = Threads },
            i => excerpts[i] = Excerpt.Of(clips[batch[i]], new Random(HashCode(seed, round, batch[i]))));
        return excerpts;
    }

    private IReadOnlyList<ParameterGroup> Groups(double rate) =>
    [
        .. module.named_parameters().GroupBy(p => p.name.Split('.')[0] is "tempo" or "metre")
            .Select(group => new ParameterGroup([.. group], rate, group.Key ? DecayOfPooled : Decay)),
    ];

    // Adds the gradients of one excerpt, its share of the batch; returns its loss.
    private double Learn(Excerpt excerpt)
    {
        using var scope = NewDisposeScope();
        var (frames, tempo, metre) = module.call(excerpt.Input);
        var loss = Entropy(frames[.., 0], excerpt.Beats)
            .add_tensor(Entropy(frames[.., 1], excerpt.Downbeats))
            .add_tensor(Entropy(tempo, excerpt.Tempo, TempoWeight))
            .add_tensor(Entropy(metre[..Metres], excerpt.Metre, MetreWeight));
        (loss / Scalars.Of(Batch)).backward();
        return loss.item<float>();
    }

    // Of yes or no in each frame: logits (T).
    private static Tensor Entropy(Tensor logits, float[] targets) =>
        nn.functional.binary_cross_entropy_with_logits(logits, tensor(targets));

    // Of one choice: logits of all, and the share of each in the target.
    private static Tensor Entropy(Tensor logits, float[] target, double weight) =>
        (nn.functional.log_softmax(logits, 0) * tensor(target)).sum() * Scalars.Of(-weight);

    private static NetworkWeights Initial(Random random)
    {
        return new(Layout, part => Draw(part.Count, part.Name.Split('.') switch
        {
            ["input", "weight"] => Math.Sqrt(1.0 / (InputTaps * Inputs)),
            ["blocks", _, "dilated", "weight"] => Math.Sqrt(2.0 / (Taps * Channels)),
            ["blocks", _, "point", "weight"] => 0.5 * Math.Sqrt(1.0 / Channels),
            ["output", "weight"] => Math.Sqrt(1.0 / Channels),
            _ => 0,
        }, part.Name == "output.bias" ? [-3, -4] : []));    // most frames hold no beat, and fewer still a downbeat

        float[] Draw(int count, double deviation, float[] begin)
        {
            var numbers = new float[count];
            for (var i = 0; deviation > 0 && i < count; i++) numbers[i] = (float)(deviation * Gaussian());
            begin.CopyTo(numbers, 0);
            return numbers;
        }

        double Gaussian()
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            return radius * Math.Cos(2 * Math.PI * random.NextDouble());
        }
    }

    /// <summary>A changed part of a clip and what the network should say of it.</summary>
    /// <param name="Levels">The network's input; [T * Inputs].</param>
    /// <param name="Beats">1 at a beat, falling to 0 within two frames; [T].</param>
    /// <param name="Downbeats">The same for downbeats; [T].</param>
    /// <param name="Tempo">Shares of the tempo bins; [TempoBins].</param>
    /// <param name="Metre">1 for the right metre; [Metres].</param>
    private sealed record Excerpt(float[] Levels, float[] Beats, float[] Downbeats, float[] Tempo, float[] Metre)
    {
        /// <summary>(T, Inputs).</summary>
        public Tensor Input => tensor(Levels, [Beats.Length, Inputs]);

        public static Excerpt Of(BeatClip clip, Random random)
        {
            var (levels, changes, beats, downbeats, bpm) = BeatAugmentation.Vary(clip, random);
            var frames = levels.Length / OnsetStrength.Bands;
            var input = new float[frames * Inputs];
            BeatNetwork.Input(levels, changes, frames, input);
            var (beat, downbeat) = (Targets(beats, frames), Targets(downbeats, frames));
            return new(input, beat, downbeat, TempoTarget(bpm), MetreTarget(clip.BeatsPerBar));
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

        private static float[] TempoTarget(double bpm)
        {
            var target = new float[TempoBins];
            if (bpm <= 0)
            {
                Array.Fill(target, 1f / TempoBins);         // no tempo: none is more likely than another
                return target;
            }

            var bin = BinOf(bpm);
            for (var i = 0; i < TempoBins; i++) target[i] = (float)Math.Max(0, 1 - Math.Abs(i - bin) / 2);
            var sum = target.Sum();
            for (var i = 0; i < TempoBins; i++) target[i] /= Math.Max(sum, 1e-6f);
            return target;
        }

        private static float[] MetreTarget(int beatsPerBar) =>
            [.. Enumerable.Range(2, Metres).Select(n => n == beatsPerBar ? 1f : 0f)];
    }
}
