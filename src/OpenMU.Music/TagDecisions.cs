namespace OpenMU.Music;

/// <summary>
/// What was decided about a track's genre, instruments, voices and moods before anything was written about it. A
/// label that could have been given and was not does not hold for the track.
/// </summary>
public sealed class TagDecisions
{
    // A group of tags that knows choirs knows something of voices.
    private static readonly Dictionary<string, string[]> Judging = new()
    {
        [MusicTerms.Genre] = [MusicTerms.Genre],
        [MusicTerms.Instrument] = [MusicTerms.Instrument],
        [MusicTerms.Voice] = [MusicTerms.Voice, MusicTerms.Instrument],
        [MusicTerms.Mood] = [MusicTerms.Mood],
    };

    private readonly HashSet<MusicTerm> decided, labels;
    private readonly HashSet<string> groups;
    private readonly IReadOnlyList<(string Group, string Tag)> possible;

    private TagDecisions(IReadOnlyList<TagScore> tags, IReadOnlyList<(string Group, string Tag)> labels)
    {
        Tags = tags;
        possible = labels;
        groups = [.. labels.Select(label => label.Group)];
        decided = Terms(tags.Select(tag => (tag.Group, tag.Tag)));
        this.labels = Terms(labels);
    }

    /// <summary>Nothing was decided: nobody listened, or a model that gives no tags.</summary>
    public static TagDecisions None { get; } = new([], []);

    /// <summary>The tags that hold.</summary>
    public IReadOnlyList<TagScore> Tags { get; }

    /// <summary>What the tags say whose model could give any label of <see cref="MusicVocabulary"/>.</summary>
    public static TagDecisions Of(IReadOnlyList<TagScore> tags) => Of(
        tags,
        [.. Labels(MusicTerms.Genre, MusicVocabulary.Genres), .. Labels(MusicTerms.Mood, MusicVocabulary.Moods),
            .. Labels(MusicTerms.Instrument, MusicVocabulary.Instruments)]);

    /// <summary>The tags without those that a surer one gives the lie to.</summary>
    public static IReadOnlyList<TagScore> Agreeing(IReadOnlyList<TagScore> tags) =>
        [.. tags.Where(tag => !tags.Any(other => other.Confidence > tag.Confidence && Excludes(other, tag)))];

    /// <summary>What the tags say.</summary>
    /// <param name="tags">Those that hold.</param>
    /// <param name="labels">All that could have been given; none where there is nothing that gives tags.</param>
    public static TagDecisions Of(IReadOnlyList<TagScore> tags, IReadOnlyList<(string Group, string Tag)> labels) =>
        new(tags, labels);

    /// <summary>The same with the tags that a person has put in the place of a group's: no others hold.</summary>
    /// <param name="group">The group.</param>
    /// <param name="tags">None says that none of the group holds.</param>
    public TagDecisions With(string group, IReadOnlyList<string> tags) => new(
        [.. Tags.Where(tag => tag.Group != group), .. tags.Select(tag => new TagScore(group, tag, 1))],
        [
            .. possible.Where(label => label.Group != group),
            .. MusicVocabulary.LabelsOf(group).Concat(tags).Distinct().Select(label => (group, label)),
        ]);

    /// <summary>
    /// Whether a term holds for the track: a tag says it, or says a kind of it ("guitar" of an acoustic guitar), or
    /// says what it is a kind of where nothing finer could be said ("violins" of strings).
    /// </summary>
    /// <returns>Null where nothing judges such terms.</returns>
    public bool? Says(MusicTerm term)
    {
        if (!Judges(term.Group)) return null;
        return decided.Any(tag => tag == term || MusicTerms.IsKindOf(tag, term)
            || (!labels.Contains(term) && MusicTerms.IsKindOf(term, tag)));
    }

    /// <summary>Whether terms of a group could have been decided.</summary>
    public bool Judges(string group) => Judging.TryGetValue(group, out var judging) && judging.Any(groups.Contains);

    /// <summary>The tags of one group, as they were given.</summary>
    public IEnumerable<string> In(string group) => Tags.Where(tag => tag.Group == group).Select(tag => tag.Tag);

    // Who hears no voice hears nobody speak, and what is energetic has no low energy.
    private static bool Excludes(TagScore tag, TagScore other) =>
        (tag.Group == MusicTerms.Voice && other.Group == MusicTerms.Voice && tag.Tag == "none" != (other.Tag == "none"))
        || IsPair(tag, other) || IsPair(other, tag);

    private static bool IsPair(TagScore energy, TagScore mood) =>
        energy.Group == MusicTerms.Energy && mood.Group == MusicTerms.Mood
        && (energy.Tag, mood.Tag) is ("low", "energetic") or ("high", "calm");

    private static IEnumerable<(string Group, string Tag)> Labels(string group, IReadOnlyList<Label> labels) =>
        labels.Select(label => (group, label.Name));

    // In a group about voices "male" is a male voice.
    private static HashSet<MusicTerm> Terms(IEnumerable<(string Group, string Tag)> labels) =>
        [.. labels.Where(label => Judging.ContainsKey(label.Group))
            .Select(label => label.Group == MusicTerms.Voice && label.Tag is "male" or "female"
                ? MusicTerms.Find($"{label.Tag} voice")
                : MusicTerms.Find(label.Tag.Replace('-', ' ')))
            .OfType<MusicTerm>()];
}
