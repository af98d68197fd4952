using OpenMU.Model;
using OpenMU.Music;

namespace OpenMU.Training.Data;

/// <summary>
/// Which tags there are, what holds for each clip, and which clips are kept apart for validation and calibration.
/// </summary>
internal sealed class TagLabels
{
    private readonly IReadOnlyList<ClipTruth> clips;

    /// <param name="clips">The clips to train with, noise among them.</param>
    public TagLabels(IReadOnlyList<ClipTruth> clips)
    {
        this.clips = clips;
        Groups =
        [
            .. new[]
            {
                Group("genre", true, MusicVocabulary.Genres.Select(label => label.Name), clip => [clip.Genre]),
                Group("instrument", false, MusicVocabulary.Instruments.Select(label => label.Name), clip =>
                    clip.Sounding),
                Group("mood", false, MusicVocabulary.Moods.Select(label => label.Name), clip => clip.Moods),
                Group(
                    "metre", true, clips.Select(clip => clip.Metre).OfType<string>().Order(StringComparer.Ordinal),
                    clip => [clip.Metre]),
                Group(
                    "tempo", true, MusicVocabulary.TempoClasses.Select(label => label.Name), clip => [clip.TempoClass]),
            }.Where(group => group.Labels.Count > 0),
        ];
    }

    public IReadOnlyList<TagGroup> Groups { get; }

    /// <summary>
    /// What each label's probability should be, labels of all groups in a row. Nothing is true of noise: its
    /// exclusive groups are uniform, which is what "not sure" means. A clip whose label is unknown has zeros there
    /// and so does not count.
    /// </summary>
    public float[] Targets(double smoothing)
    {
        List<float> targets = [];
        foreach (var clip in clips)
        {
            foreach (var group in Groups)
            {
                var true_ = TrueLabels(clip, group.Group);
                var known = true_.Any(group.Labels.Contains);
                targets.AddRange(
                    group.Labels.Select(label => Target(group, clip.IsNoise, known, true_.Contains(label), smoothing)));
            }
        }
        return [.. targets];
    }

    /// <summary>
    /// One groove family in eight of each genre, and one at least where there are four: a family is never on
    /// both sides, or the validation clips would say nothing about grooves that are new. Indices of clips;
    /// noise is not among them.
    /// </summary>
    public IReadOnlySet<int> ValidationClips(long seed)
    {
        var families = clips.Where(clip => !clip.IsNoise && clip.GrooveFamily is not null).GroupBy(clip => clip.Genre)
            .SelectMany(genre =>
            {
                string[] names = [.. genre.Select(clip => clip.GrooveFamily!)
                    .Distinct(StringComparer.Ordinal)
                    .OrderBy(name => Seeds.Mix(seed, Seeds.Of(name)))];
                return names.Take(names.Length < 4 ? 0 : Math.Max(1, names.Length / 8));
            })
            .ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, clips.Count)
            .Where(i => !clips[i].IsNoise && clips[i].GrooveFamily is { } family && families.Contains(family))
            .ToHashSet();
    }

    /// <summary>
    /// The clips to train on: not those of validation, nor those whose drums come from a validation family and would
    /// give its grooves away.
    /// </summary>
    public int[] TrainingClips(IReadOnlySet<int> validation)
    {
        var families = validation.Select(i => clips[i].GrooveFamily).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, clips.Count).Where(i => !validation.Contains(i)
            && (clips[i].DrumFamily is not { } drums || !families.Contains(drums)))];
    }

    private static float Target(TagGroup group, bool noise, bool known, bool holds, double smoothing) => (float)(
        group.Exclusive
            ? noise ? 1.0 / group.Labels.Count
                : !known ? 0
                : (holds ? 1 - smoothing : 0) + smoothing / group.Labels.Count
            : holds ? 1 - smoothing / 4 : smoothing / 4);

    private TagGroup Group(
        string name, bool exclusive, IEnumerable<string> labels, Func<ClipTruth, IEnumerable<string?>> of)
    {
        var used = clips.SelectMany(of).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new()
        {
            Group = name,
            Exclusive = exclusive,
            Labels = [.. labels.Distinct(StringComparer.Ordinal).Where(used.Contains)]
        };
    }

    /// <summary>What of a group holds for a clip.</summary>
    internal static string[] TrueLabels(ClipTruth clip, string group) => group switch
    {
        "genre" => clip.Genre is null ? [] : [clip.Genre],
        "instrument" => [.. clip.Sounding],
        "mood" => [.. clip.Moods],
        "metre" => clip.Metre is null ? [] : [clip.Metre],
        _ => clip.TempoClass is null ? [] : [clip.TempoClass],
    };
}
