// TaggerCalibration.cs - what is fitted on clips that a tagger was not shown. L labels of all groups, K kinds of sound,
// E channels of the tagger's last convolution.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Training.Data;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>A clip that was held out, as a tagger and the tag head hear it.</summary>
/// <param name="Recording">The clip.</param>
/// <param name="Tags">The tagger's logits (L).</param>
/// <param name="Sound">Its logits (K).</param>
/// <param name="Head">By the tag head; null where there is none.</param>
internal sealed record HeldOutClip(LabelledRecording Recording, double[] Tags, double[] Sound, HeardTags? Head);

/// <summary>
/// Makes a tagger's confidences mean what they say, draws the line of music, and fits the thresholds of tags.
/// </summary>
internal static class TaggerCalibration
{
    // So much of the music may be called none.
    private const double Refused = 0.02;

    // What most clips have would otherwise be stated of all of them.
    private const double LeastThreshold = 0.3;

    // A few clips are no reason to move far: so many more are as sure as they should be.
    private const double Prior = 20, LeastScale = 0.5, MostScale = 3;

    private const int NewtonSteps = 20;

    /// <summary>Calibrates the layers in place.</summary>
    /// <param name="layers">"tags.weight" (L, E), "tags.bias" (L) and "sound.bias" (K), by the keys of
    /// <see cref="Tagger"/>.</param>
    /// <param name="config">The groups in their order.</param>
    /// <param name="heldOut">Clips that the layers have not learnt from.</param>
    /// <returns>The configuration with thresholds, and what is heard in the clips now.</returns>
    public static (TaggerConfig Config, IReadOnlyList<HeardRecording> HeldOut) Apply(
        IReadOnlyDictionary<string, Tensor> layers, TaggerConfig config, IReadOnlyList<HeldOutClip> heldOut)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var labels = config.Groups.Sum(group => group.Labels.Count);
        var (scale, shift) = (new float[labels], new float[labels]);
        var first = 0;
        foreach (var group in config.Groups)
        {
            var (a, b) = group.Exclusive ? (1, 0) : Line(group, first, heldOut, config.HeadShare);
            Array.Fill(scale, (float)a, first, group.Labels.Count);
            Array.Fill(shift, (float)b, first, group.Labels.Count);
            first += group.Labels.Count;
        }
        layers["tags.weight"].mul_(tensor(scale).unsqueeze(1));
        layers["tags.bias"].mul_(tensor(scale)).add_(tensor(shift), Scalars.One);
        List<HeardRecording> heard = [.. heldOut.Select(clip => HeardRecording.Of(
            clip.Recording,
            TagGroup.Confidences(
                tensor(clip.Tags.Select((logit, label) => (scale[label] * logit) + shift[label]).ToArray()), config.Groups),
            clip.Sound, clip.Head, config))];
        DrawLine(layers["sound.bias"], heard, config);
        return (config with { Groups = Fitted(config.Groups, heard) }, heard);
    }

    /// <summary>
    /// Moves a tagger's bias (K) so that even odds lie where all but a few recordings with music are above them. The
    /// tag head's part stays as it is.
    /// </summary>
    public static void DrawLine(Tensor bias, IReadOnlyList<HeardRecording> heldOut, TaggerConfig config)
    {
        if (config.HeadSoundShare >= 1) return;
        using var line = tensor(new[] { (float)(MusicLine(heldOut) / (1 - config.HeadSoundShare)), 0, 0, 0 });
        bias.add_(line, Scalars.Of(-1));
    }

    /// <summary>
    /// The log odds of music above which all but a few recordings with music lie, of packages that were held out; what
    /// was made for the training has no say. 0 where there is none.
    /// </summary>
    public static double MusicLine(IReadOnlyList<HeardRecording> heldOut)
    {
        var music = heldOut
            .Where(one => one.Recording.Holds("sound", SoundHead.Kinds[0]) == true
                && one.Recording.Labels.Values.Any(label => label is > 0 and < 1))
            .Select(one => one.Music).OfType<double>().Order().ToList();
        return music.Count == 0 ? 0 : music[(int)(Refused * music.Count)];
    }

    /// <summary>
    /// Scale and shift of a group's logits under which the labels of the clips are likeliest (Platt, 1999), what the
    /// tag head says of them beside it.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="first">Where its labels begin.</param>
    /// <param name="heldOut">The clips.</param>
    /// <param name="headShare">As <see cref="TaggerConfig.HeadShare"/>.</param>
    public static (double Scale, double Shift) Line(
        TagGroup group, int first, IReadOnlyList<HeldOutClip> heldOut, double headShare)
    {
        var known = Known(group, first, heldOut, headShare).ToList();
        var (a, b) = (1.0, 0.0);
        for (var step = 0; step < NewtonSteps; step++)
        {
            var (da, db, daa, dab, dbb) = (Prior * (a - 1), Prior * b, Prior, 0.0, Prior);
            foreach (var (logit, share, other, holds, weight) in known)
            {
                var p = 1 / (1 + Math.Exp((-share * ((a * logit) + b)) - other));
                var (error, curve) = (weight * share * (p - holds), weight * share * share * p * (1 - p));
                (da, db) = (da + (error * logit), db + error);
                (daa, dab, dbb) = (daa + (curve * logit * logit), dab + (curve * logit), dbb + curve);
            }
            var determinant = (daa * dbb) - (dab * dab);
            a = Math.Clamp(a - (((dbb * da) - (dab * db)) / determinant), LeastScale, MostScale);
            b -= ((daa * db) - (dab * da)) / determinant;
        }
        return (a, b);
    }

    /// <summary>The groups with thresholds fitted on clips that were held out, none below a least one.</summary>
    private static IReadOnlyList<TagGroup> Fitted(
        IReadOnlyList<TagGroup> groups, IReadOnlyList<HeardRecording> heldOut) =>
    [
        .. RecordingCalibration.Fit(groups, heldOut).Select(group => group with
        {
            Thresholds = [.. group.Thresholds.Select(threshold => Math.Max(LeastThreshold, threshold))],
        }),
    ];

    // Of each label of each clip: the tagger's logit and how much it counts, the tag head's part, whether the label
    // holds, and how much that is worth.
    private static IEnumerable<(double Logit, double Share, double Other, double Holds, double Weight)> Known(
        TagGroup group, int first, IReadOnlyList<HeldOutClip> heldOut, double headShare)
    {
        foreach (var clip in heldOut)
        {
            var head = (clip.Head?.Scores ?? []).Where(score => score.Group == group.Group)
                .ToDictionary(score => score.Tag, score => score.Confidence);
            for (var label = 0; label < group.Labels.Count; label++)
            {
                if (!clip.Recording.Labels.TryGetValue($"{group.Group}:{group.Labels[label]}", out var holds)) continue;
                var (share, other) = head.TryGetValue(group.Labels[label], out var also)
                    ? (1 - headShare, headShare * LogOdds.Of(also))
                    : (1, 0);
                yield return (clip.Tags[first + label], share, other, holds, TaggerClips.WeightOf(holds));
            }
        }
    }
}
