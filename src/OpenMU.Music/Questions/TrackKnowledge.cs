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

    /// <summary>The same with the tags of a model that has listened, unless a person has given others.</summary>
    public TrackKnowledge Heard(IReadOnlyList<TagScore> tags, IReadOnlyList<TagScore> confidences) =>
        Confidences.Count > 0 ? this : this with
        {
            Confidences = confidences,
            Facts = Facts.DecidedBy(tags, [.. confidences.Select(label => (label.Group, label.Tag))]),
        };

    /// <summary>
    /// The same with the tags that a person has put in the place of all others: each label of the vocabulary that
    /// they mention holds, no other does.
    /// </summary>
    /// <param name="tagText">Separated by commas; null leaves the tags.</param>
    public TrackKnowledge CorrectedBy(string? tagText)
    {
        if (tagText is null) return this;
        TagScore[] all = [.. MusicVocabulary.TagGroups.SelectMany(group =>
        {
            var mentioned = MusicVocabulary.Mentioned(group.Labels, tagText);
            return group.Labels.Select(label =>
                new TagScore(group.Name, label.Name, mentioned.Contains(label.Name) ? 1 : 0));
        })];
        TagScore[] tags = [.. all.Where(tag => tag.Confidence > 0)];
        return this with { Confidences = all, Facts = Facts with { Decisions = TagDecisions.Of(tags) } };
    }
}
