using OpenMU.Mir.Audio;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>
/// What listens to tracks and answers questions about them: a model, or what stands in for one where everything but the
/// model is tried.
/// </summary>
public interface IListener
{
    /// <summary>Its name in the catalogue.</summary>
    string Version { get; }

    /// <summary><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>; what it writes inherits it.</summary>
    string LicenceClass { get; }

    /// <summary>Proves that the device computes.</summary>
    Task ProveAsync(CancellationToken cancel);

    /// <summary>Decodes a file for it alone.</summary>
    /// <exception cref="UnreadableAudioException">The file cannot be decoded.</exception>
    Task<Waveform> ReadAsync(string path, DecodeLimits limits, CancellationToken cancel);

    /// <summary>Answers questions about one track side by side, behind one reading of its music.</summary>
    /// <param name="sound">Mono, at least <see cref="ModelSession.MinSeconds"/>.</param>
    /// <param name="close">Called when the track is heard: the questions that have come by then.</param>
    /// <param name="known">What is known of the track.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    /// <param name="progress">Told how far it has come; may be null.</param>
    /// <returns>One answer for each question, in their order.</returns>
    Task<IReadOnlyList<Reply>> AnswerAsync(
        Waveform sound, Func<IReadOnlyList<string>> close, TrackKnowledge known, CancellationToken cancel,
        JobProgress? progress = null);

    /// <summary>Several tracks that one question is about: they are heard one after the other.</summary>
    ITracksHeard Hear();

    /// <summary>
    /// The answer to a question about several tracks that needs no hearing; null where it has to hear them.
    /// </summary>
    Reply? AnswerUnheard(string question, IReadOnlyList<SelectedTrack> tracks);
}

/// <summary>The tracks that one question is about, as they were heard, until it is answered.</summary>
public interface ITracksHeard : IAsyncDisposable
{
    /// <summary>Hears the next track.</summary>
    Task AddAsync(Waveform sound, JobProgress? progress, CancellationToken cancel);

    /// <summary>Answers a question about all tracks that were heard.</summary>
    /// <param name="question">In words.</param>
    /// <param name="known">What is known of each, in the order in which they were heard.</param>
    /// <param name="progress">Told how far it has come; may be null.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    Task<Reply> AnswerAsync(
        string question, IReadOnlyList<SelectedTrack> known, JobProgress? progress, CancellationToken cancel);
}
