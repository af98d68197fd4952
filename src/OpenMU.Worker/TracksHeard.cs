using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>The tracks that one question is about, as the model has heard them, until it is answered.</summary>
internal sealed class TracksHeard(ModelSession session) : ITracksHeard
{
    private readonly List<EncodedTrack> tracks = [];

    /// <inheritdoc/>
    public async Task AddAsync(Waveform sound, JobProgress? progress, CancellationToken cancel)
        => tracks.Add(await session.EncodeAsync(sound, progress, cancel));

    /// <inheritdoc/>
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
