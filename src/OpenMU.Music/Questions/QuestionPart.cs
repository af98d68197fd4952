namespace OpenMU.Music.Questions;

/// <summary>What a question is about.</summary>
public enum QuestionTopic
{
    // Answered from measurements.

    /// <summary>How fast: beats a minute, or slow, medium, fast.</summary>
    Tempo,

    /// <summary>Key, mode, place on the Camelot wheel.</summary>
    Key,

    /// <summary>Time signature, beats in a bar.</summary>
    Metre,

    /// <summary>Where bars begin.</summary>
    Beats,

    /// <summary>Chords, progression.</summary>
    Chords,

    /// <summary>Integrated loudness.</summary>
    Loudness,

    /// <summary>Difference of loud and quiet passages.</summary>
    LoudnessRange,

    /// <summary>How long the recording is.</summary>
    Duration,

    // Answered from tags.

    /// <summary>Which instruments play, or whether one does.</summary>
    Instruments,

    /// <summary>Genre, style.</summary>
    Genre,

    /// <summary>Mood, feeling.</summary>
    Mood,

    /// <summary>Whether one can dance to it.</summary>
    Dance,

    // Answered by a model that was trained for it.

    /// <summary>All in a few words.</summary>
    Description,

    /// <summary>An occasion or a scene that the music suits, of the answerer's own choice.</summary>
    Use,

    /// <summary>How the music differs from a genre.</summary>
    Comparison,

    /// <summary>The words that are sung.</summary>
    Lyrics,

    /// <summary>Whether and how somebody sings.</summary>
    Voice,

    /// <summary>Anything else: who made it, when, what it resembles, whether it would please somebody.</summary>
    Other,
}

/// <summary>What kind of answer a question expects.</summary>
public enum QuestionForm
{
    /// <summary>The value.</summary>
    Open,

    /// <summary>Yes or no.</summary>
    YesNo,

    /// <summary>One of several that the question names.</summary>
    Choice,

    /// <summary>The question takes what it names for given and asks for something else.</summary>
    Premise,
}

/// <summary>A part of a question that asks for one thing.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Form">What kind of answer it expects.</param>
/// <param name="Text">The part's words, without contractions.</param>
public sealed record QuestionPart(QuestionTopic Topic, QuestionForm Form, string Text)
{
    /// <summary>Instruments, genres or moods that it names.</summary>
    public IReadOnlyList<NamedSound> Names { get; init; } = [];

    /// <summary>Whether it denies something, so that "yes" would be ambiguous.</summary>
    public bool IsNegated { get; init; }
}

/// <summary>A word of a question that stands for labels of <see cref="MusicVocabulary"/>.</summary>
/// <param name="Word">As asked, in small letters.</param>
/// <param name="Labels">One of them is meant.</param>
/// <param name="IsNarrower">The word means less than its label: a trumpet is brass, but not all brass is one.</param>
public sealed record NamedSound(string Word, IReadOnlyList<string> Labels, bool IsNarrower);
