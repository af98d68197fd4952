using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Questions;

/// <summary>All that is known of a track when a question about it is answered.</summary>
public sealed record TrackKnowledge
{
    /// <summary>What was measured and decided, with a person's corrections over it.</summary>
    public MusicalFacts Facts { get; init; } = MusicalFacts.None;

    /// <summary>The tags that hold, as they are published; empty where nothing is decided.</summary>
    public IReadOnlyList<TagScore> Tags => Facts.Decisions.Tags;

    /// <summary>
    /// Every label that was looked for, with its confidence, whether it holds or not; empty where the model has
    /// no tags.
    /// </summary>
    public IReadOnlyList<TagScore> Confidences { get; init; } = [];

    /// <summary>The words that are sung, from wherever they are known; null where none are.</summary>
    public KnownLyrics? Lyrics { get; init; }

    /// <summary>What it is called and whose it is.</summary>
    public TrackCredits Credits { get; init; } = TrackCredits.None;

    /// <summary>
    /// Tags that a person has put in the place of some groups', as the vocabulary spells them; of the others a model
    /// that listens decides.
    /// </summary>
    private (string Group, IReadOnlyList<string> Tags)[] Given { get; init; } = [];

    /// <summary>The same with the tags of a model that has listened, unless a person has given others.</summary>
    public TrackKnowledge Heard(IReadOnlyList<TagScore> tags, IReadOnlyList<TagScore> confidences) =>
        Heard(tags, confidences, [.. confidences.Select(label => (label.Group, label.Tag))]);

    /// <summary>As <see cref="Heard(IReadOnlyList{TagScore}, IReadOnlyList{TagScore})"/>.</summary>
    /// <param name="tags">Those that hold.</param>
    /// <param name="confidences">Of every label; none where they are not known.</param>
    /// <param name="labels">All that the model could have given.</param>
    public TrackKnowledge Heard(
        IReadOnlyList<TagScore> tags, IReadOnlyList<TagScore> confidences,
        IReadOnlyList<(string Group, string Tag)> labels) =>
        Confidences.Count > 0 && Given.Length == 0 ? this : (this with
        {
            Confidences = confidences,
            Facts = Facts.DecidedBy(tags, labels),
        }).With(Given);

    /// <summary>The same with what a model has heard it to be: music or not.</summary>
    public TrackKnowledge HeardAs(HeardSound? sound) => this with { Facts = Facts.HeardAs(sound) };

    /// <summary>
    /// The same with the tags that a person has put in the place of all others: each label of the vocabulary that
    /// they mention holds, no other does.
    /// </summary>
    /// <param name="tagText">Separated by commas; null leaves the tags.</param>
    /// <param name="groups">Tags that stand in the place of one group's only, whatever the others are.</param>
    public TrackKnowledge CorrectedBy(
        string? tagText, params IReadOnlyList<(string Group, IReadOnlyList<string> Tags)> groups)
    {
        (string Group, IReadOnlyList<string> Tags)[] given = [.. groups.Select(said =>
            (said.Group, (IReadOnlyList<string>)
                [.. said.Tags.Select(tag => MusicVocabulary.Spelled(said.Group, tag)).Distinct()]))];
        return tagText is null ? (this with { Given = given }).With(given) : CorrectedBy(tagText).With(given);
    }

    private TrackKnowledge CorrectedBy(string tagText)
    {
        TagScore[] all = [.. MusicVocabulary.TagGroups.SelectMany(group =>
        {
            var mentioned = MusicVocabulary.Mentioned(group.Labels, tagText);
            return group.Labels.Select(label =>
                new TagScore(group.Name, label.Name, mentioned.Contains(label.Name) ? 1 : 0));
        })];
        TagScore[] tags = [.. all.Where(tag => tag.Confidence > 0)];
        return this with { Confidences = all, Facts = Facts with { Decisions = TagDecisions.Of(tags) } };
    }

    private TrackKnowledge With((string Group, IReadOnlyList<string> Tags)[] given) =>
        given.Aggregate(this, (known, said) => known with
        {
            Confidences =
            [
                .. known.Confidences.Where(label => label.Group != said.Group),
                .. MusicVocabulary.LabelsOf(said.Group).Concat(said.Tags).Distinct()
                    .Select(label => new TagScore(said.Group, label, said.Tags.Contains(label) ? 1 : 0)),
            ],
            Facts = known.Facts with { Decisions = known.Facts.Decisions.With(said.Group, said.Tags) },
        });
}
