// TaggerTraining.cs - the tagger learns what a teacher says of patches, and the labels of clips. B clips of a batch, V
// patches of each, T frames, M bands, E channels of the last convolution, L labels, K kinds of sound, Q classes.
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>How the tagger is trained.</summary>
public sealed record TaggerOptions
{
    /// <summary>Steps of all.</summary>
    public int Steps { get; init; } = 4000;

    /// <summary>Clips of a batch.</summary>
    public int Batch { get; init; } = 24;

    /// <summary>Patches of each clip.</summary>
    public int Views { get; init; } = 4;

    /// <summary>The highest learning rate.</summary>
    public double Rate { get; init; } = 2e-3;

    /// <summary>Of the initial weights and of every random choice.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>
/// One loop over clips of tables: mean squared error to a teacher's standardised log odds, cross-entropy to labels and
/// kinds of sound. Patches get another level, equaliser and noise floor, a band is hidden, and half of the clips is
/// mixed with another. One package in six is never trained on: thresholds are fitted there.
/// </summary>
public sealed class TaggerTraining : IDisposable
{
    private const double Decay = 0.02, Clip = 1, Dropout = 0.3;
    private const int Warmup = 100, HeldOutOf = 6, LogEvery = 50;

    // log(0.001): what digital silence is.
    private const double Floor = -6.9078;

    private readonly TaggerClips clips;
    private readonly TaggerConfig config;
    private readonly TaggerOptions options;
    private readonly TaggerModule module;
    private readonly Tensor values, weights, kinds;
    private readonly int[] trained;

    public TaggerTraining(TaggerClips clips, TaggerConfig config, TaggerOptions options)
    {
        (this.clips, this.config, this.options) = (clips, config, options);
        manual_seed(options.Seed);
        module = new(config, clips.Scores?.shape[1] ?? 1);
        (values, weights) = clips.Labels(
            [.. config.Groups.SelectMany(group => group.Labels.Select(label => (group.Group, label)))]);
        kinds = tensor(clips.Kinds().Select(kind => (long)kind).ToArray());                 // (N)
        trained = [.. Enumerable.Range(0, clips.Clips.Count).Where(i => !IsHeldOut(clips.Clips[i].Package))];
        if (trained.Length == 0) throw new ArgumentException("All packages are held out.", nameof(clips));
    }

    /// <summary>Whether a package only serves for thresholds and figures.</summary>
    public static bool IsHeldOut(string package) => Seeds.Mix(17, Seeds.Of(package)) % HeldOutOf == 0;

    /// <summary>Trains.</summary>
    /// <param name="report">Receives the step and the mean losses since the last report: teacher, labels,
    /// sound.</param>
    /// <param name="cancel">Ends the training.</param>
    public void Train(Action<int, double[]> report, CancellationToken cancel)
    {
        using var optimiser = new AdamW(
            [.. ParameterGroup.Decaying(Trained(), options.Rate, Decay)], clipNorm: Clip);
        module.train();
        using var sums = zeros(3);
        for (var step = 0; step < options.Steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var losses = Losses(Seeds.Random(options.Seed, step));                          // (3)
            losses.sum().backward();
            optimiser.Step(CosineSchedule.Factor(step, options.Steps, Math.Min(Warmup, options.Steps / 10)));
            using (no_grad()) sums.add_(losses.detach(), Scalars.One);
            if ((step + 1) % LogEvery != 0) continue;
            report(step + 1, [.. sums.data<float>().ToArray().Select(sum => (double)sum / LogEvery)]);
            sums.zero_();
        }
    }

    /// <summary>
    /// The tagger's weights by its keys and its configuration, both calibrated on the packages that were held out, and
    /// what is heard in these.
    /// </summary>
    /// <param name="head">What the model's tag head says of a clip; null where the model has none.</param>
    public (TaggerConfig Config, IReadOnlyDictionary<string, Tensor> Weights, IReadOnlyList<HeardRecording> HeldOut)
        Finish(Func<LabelledRecording, HeardTags>? head = null)
    {
        using var _ = no_grad();
        module.eval();
        var weights = module.Folded();
        var (fitted, heldOut) = TaggerCalibration.Apply(weights, config, HeldOut(head));
        return (fitted, weights, heldOut);
    }

    public void Dispose()
    {
        module.Dispose();
        foreach (var tensor in new[] { values, weights, kinds }) tensor.Dispose();
    }

    // What the trained tagger says of the clips that were held out.
    private List<HeldOutClip> HeldOut(Func<LabelledRecording, HeardTags>? head)
    {
        var heard = new List<HeldOutClip>();
        foreach (var clip in Enumerable.Range(0, clips.Clips.Count).Except(trained))
        {
            using var scope = NewDisposeScope();
            int[] patches = [.. Enumerable.Range(0, (clips.Patches[clip] + 1) / 2).Select(patch => 2 * patch)];
            var mean = module.call(clips.PatchesOf([.. patches.Select(patch => (clip, patch))])).mean([0]);
            heard.Add(new(
                clips.Clips[clip], module.TagLogits(mean).to(float64).data<double>().ToArray(),
                module.SoundLogits(mean).to(float64).data<double>().ToArray(), head?.Invoke(clips.Clips[clip])));
        }
        return heard;
    }

    // What nobody teaches has no gradient.
    private IEnumerable<(string Name, TorchSharp.Modules.Parameter Parameter)> Trained() =>
        ParameterGroup.Trainable(module).Where(parameter =>
            clips.Scores is not null || !parameter.Name.StartsWith("teacher", StringComparison.Ordinal));

    private Tensor Losses(Random random)
    {
        var (b, v) = (options.Batch, options.Views);
        int[] chosen = [.. Enumerable.Range(0, b).Select(_ => trained[random.Next(trained.Length)])];
        var places = chosen
            .SelectMany(clip => Enumerable.Range(0, v).Select(_ => (clip, random.Next(clips.Patches[clip])))).ToList();
        var order = Enumerable.Range(0, b).Select(i => (long)i).ToArray();
        random.Shuffle(order);
        float[] share = [.. Enumerable.Range(0, b)
            .Select(_ => random.Next(2) == 0 ? 1 : 1 - 0.5f * random.NextSingle())];        // of the clip itself
        var other = tensor(order);                                                          // (B)
        var own = tensor(share);                                                            // (B)
        Tensor Mixed(Tensor x)
        {
            var part = own.view([b, .. Enumerable.Repeat(1L, (int)x.dim() - 1)]);
            return (x * part).add_tensor(x.index_select(0, other) * part.mul_scalar(-1).add_scalar(1));
        }

        var clipIds = tensor(chosen.Select(clip => (long)clip).ToArray());
        var patches = Augmented(clips.PatchesOf(places).view(b, v, Tagger.PatchFrames, LogMelFrames.Bands), random);
        var embeddings = module.call(Mixed(patches).flatten(0, 1));                         // (B V, E)
        var mean = functional.dropout(embeddings.view(b, v, -1).mean([1]), Dropout, training: true);     // (B, E)
        var y = Mixed(values.index_select(0, clipIds));
        // Where of one of two nothing is known, nothing is known of both.
        var known = weights.index_select(0, clipIds);
        known = where(
            own.unsqueeze(1).ge(Scalars.One), known, minimum(known, known.index_select(0, other)));  // (B, L)
        var labels = functional.binary_cross_entropy_with_logits(
            module.TagLogits(mean), y, reduction: Reduction.None);
        var labelLoss = (labels * known).sum() / known.sum().clamp_min(Scalars.One);
        return stack([TeacherLoss(embeddings, places, Mixed), labelLoss.mul_scalar(2), SoundLoss(mean, clipIds, own)]);
    }

    private Tensor TeacherLoss(Tensor embeddings, List<(int Clip, int Patch)> places, Func<Tensor, Tensor> mixed)
    {
        if (clips.Scores is not { } scores) return zeros([]);
        var (b, v) = (options.Batch, options.Views);
        var rows = tensor(places
            .Select(place => clips.FirstScore[place.Clip] < 0 ? 0 : clips.FirstScore[place.Clip] + place.Patch)
            .ToArray());
        var known = tensor(places.Select(place => clips.FirstScore[place.Clip] < 0 ? 0f : 1f).ToArray());
        var targets = mixed(scores.index_select(0, rows).to(float32).view(b, v, -1));       // (B, V, Q)
        var weight = mixed(known.view(b, v, 1)).floor();
        var error = (module.TeacherScores(embeddings).view(b, v, -1) - targets).pow2();
        return (error * weight).mean();
    }

    // Only of clips that are no mixture.
    private Tensor SoundLoss(Tensor mean, Tensor clipIds, Tensor own)
    {
        var kind = kinds.index_select(0, clipIds);                                          // (B)
        var known = (kind.ge(Scalars.Of(0)) & own.ge(Scalars.One)).to(float32);
        var losses = functional.cross_entropy(
            module.SoundLogits(mean), kind.clamp_min(Scalars.Of(0)), reduction: Reduction.None);
        return (losses * known).sum() / known.sum().clamp_min(Scalars.One);
    }

    // (B, V, T, M): each clip at another level, through another tilt of the spectrum, over another floor of noise, with
    // a band hidden in some.
    private static Tensor Augmented(Tensor patches, Random random)
    {
        var b = (int)patches.shape[0];
        var (shift, floor) = (new float[b * LogMelFrames.Bands], new float[b * LogMelFrames.Bands]);
        for (var clip = 0; clip < b; clip++)
        {
            var level = (float)(random.NextDouble() * 2.5 - 1.5);
            var tilt = (float)(random.NextDouble() - 0.5) * 1.5f;
            var noise = random.Next(4) == 0 ? (float)(Floor + 4 * random.NextDouble()) : (float)Floor;
            var (hidden, width) = (random.Next(LogMelFrames.Bands), random.Next(3) == 0 ? random.Next(10) : 0);
            for (var band = 0; band < LogMelFrames.Bands; band++)
            {
                var at = clip * LogMelFrames.Bands + band;
                shift[at] = level + tilt * (band / (LogMelFrames.Bands - 1f) - 0.5f);
                floor[at] = noise;
                if (band >= hidden && band < hidden + width) shift[at] -= 20;
            }
        }
        var shifted = patches.add_tensor(tensor(shift, [b, 1, 1, LogMelFrames.Bands]));
        return maximum(shifted, tensor(floor, [b, 1, 1, LogMelFrames.Bands]));
    }
}
