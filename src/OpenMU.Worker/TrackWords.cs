using OpenMU.Model;
using OpenMU.Music;
using OpenMU.Music.Grounding;

namespace OpenMU.Worker;

/// <summary>What is said about a track: tags first, then texts that agree with them.</summary>
/// <param name="Caption">One or two sentences.</param>
/// <param name="Description">Some more.</param>
/// <param name="Tags">Those that were decided.</param>
/// <param name="SecondsHeard">How much of the track the model has listened to.</param>
public sealed record TrackWords(string Caption, string Description, IReadOnlyList<TagScore> Tags, double SecondsHeard)
{
    /// <summary>The confidence of every label of the model, whether it was sure enough or not.</summary>
    public IReadOnlyList<TagScore> Scores { get; init; } = [];

    /// <summary>How the track sounds to the model: of length 1, the closer the more alike.</summary>
    public IReadOnlyList<float> Embedding { get; init; } = [];

    /// <summary>Whether there is music in the track; null where the model has nothing that tells.</summary>
    public HeardSound? Sound { get; init; }

    /// <summary>The model could have given tags.</summary>
    public bool HasTags { get; init; }

    /// <summary>Sentences of caption and description that were left out.</summary>
    public int DroppedSentences { get; init; }

    /// <summary>The same sentences, each with what was wrong with it.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; init; } = [];

    /// <summary>Nothing of the model's caption could be kept; this one is written from tags and measurements.</summary>
    public bool IsCaptionPlain { get; init; }

    /// <summary>The same of the description.</summary>
    public bool IsDescriptionPlain { get; init; }

    /// <summary>What the model wrote when asked for the lyrics with times; null where it was not asked.</summary>
    public string? Transcript { get; init; }

    /// <summary>The known lyrics in short; null where the model was not asked.</summary>
    public string? LyricsSummary { get; init; }

    /// <summary>What a model wrote, and plain sentences in place of a text of which nothing is left.</summary>
    /// <param name="caption">What is left of the model's caption.</param>
    /// <param name="description">What is left of its description.</param>
    /// <param name="decided">What both were held to.</param>
    /// <param name="tags">The model's own, whatever a person says instead.</param>
    /// <param name="secondsHeard">How much of the track the model has listened to.</param>
    internal static TrackWords Of(
        GeneratedText caption, GeneratedText description, MusicalFacts decided, TagDecisions tags, double secondsHeard)
    {
        var (noCaption, noDescription) = (IsNothing(caption), IsNothing(description));
        return new TrackWords(
            noCaption ? PlainWriter.Caption(decided) : caption.Text,
            noDescription ? PlainWriter.Description(decided) : description.Text,
            tags.Tags, secondsHeard)
        {
            HasTags = tags.Judges(MusicTerms.Genre) || tags.Judges(MusicTerms.Instrument),
            DroppedSentences = caption.DroppedSentences + description.DroppedSentences,
            LeftOut = [.. caption.LeftOut, .. description.LeftOut],
            IsCaptionPlain = noCaption,
            IsDescriptionPlain = noDescription,
        };
    }

    /// <summary>What is said where no music is heard: nothing that a model wrote.</summary>
    internal static TrackWords WithoutMusic(MusicalFacts decided, TagDecisions tags, double secondsHeard)
    {
        var nothing = new GeneratedText("", [], 0);
        return Of(nothing, nothing, decided, tags, secondsHeard);
    }

    private static bool IsNothing(GeneratedText text) => text.Text.Length == 0 || text.Text == GroundedText.NotSure;
}
