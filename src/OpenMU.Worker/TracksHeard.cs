using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>The tracks that one question is about, as the model has heard them, until it is answered.</summary>
public sealed class TracksHeard : IAsyncDisposable
{
    private readonly ModelSession session;
    private readonly List<EncodedTrack> tracks = [];

    internal TracksHeard(ModelSession session) => this.session = session;

    /// <summary>Hears the next track.</summary>
    /// <param name="sound">Mono at <see cref="ModelSession.SampleRate"/>.</param>
    /// <param name="progress">Told how far the model has come; may be null.</param>
    /// <param name="cancel">Ends the waiting and the hearing.</param>
    public async Task AddAsync(Waveform sound, JobProgress? progress, CancellationToken cancel)
        => tracks.Add(await session.EncodeAsync(sound, progress, cancel));

    /// <summary>Answers a question about all tracks that were heard.</summary>
    /// <param name="question">In words.</param>
    /// <param name="known">What is known of each, in the order in which they were heard.</param>
    /// <param name="progress">Told how far the model has come; may be null.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    public Task<Reply> AnswerAsync(
        string question, IReadOnlyList<SelectedTrack> known, JobProgress? progress, CancellationToken cancel)
        => session.AnswerAboutAsync(question, tracks, known, progress, cancel);

    public ValueTask DisposeAsync()
    {
        foreach (var track in tracks) session.Release(track);
        tracks.Clear();
        return ValueTask.CompletedTask;
    }
}
