using System.Text;
using OpenMU.Mir.Audio;
using OpenMU.Music.Questions;
using OpenMU.Worker;

namespace OpenMU.Simulation;

/// <summary>Takes the world's time and not a model's, and answers with what it was asked and what it heard.</summary>
internal sealed class SimulatedListener(VirtualWorld world, SimulatedProcess process, string model) : IListener
{
    /// <summary>How a question begins that the model fails on.</summary>
    public const string Poison = "poison";

    /// <summary>How a question begins that is too long for the model.</summary>
    public const string Long = "long";

    private static readonly TimeSpan ShortStep = TimeSpan.FromSeconds(1), LongStep = TimeSpan.FromSeconds(12);

    public string Version => model;

    public string LicenceClass => "open";

    /// <summary>The answer to a question about contents.</summary>
    public static string Answer(string question, IEnumerable<string> contents) =>
        $"{question}: {string.Join(" + ", contents)}";

    public Task ProveAsync(CancellationToken cancel) => Task.CompletedTask;

    public async Task<Waveform> ReadAsync(string path, DecodeLimits limits, CancellationToken cancel)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancel);
        await StepAsync(cancel);
        if (Encoding.UTF8.GetString(bytes).StartsWith(SimulatedAnalyser.Noise, StringComparison.Ordinal))
            throw new UnreadableAudioException("It is no music.");
        // The sound is its bytes, and silence after them.
        var samples = new float[Math.Max(bytes.Length, (int)(ModelSession.MinSeconds * ModelSession.SampleRate))];
        for (var i = 0; i < bytes.Length; i++) samples[i] = bytes[i];
        return new Waveform(samples, ModelSession.SampleRate);
    }

    public async Task<IReadOnlyList<Reply>> AnswerAsync(
        Waveform sound, Func<IReadOnlyList<string>> close, TrackKnowledge known, CancellationToken cancel,
        JobProgress? progress = null)
    {
        await StepAsync(cancel);
        string[] questions = [.. close()];
        await StepAsync(cancel);
        return [.. questions.Select(question => ReplyTo(question, [sound]))];
    }

    public ITracksHeard Hear() => new TracksHeard(this);

    public Reply? AnswerUnheard(string question, IReadOnlyList<SelectedTrack> tracks) => null;

    private Task StepAsync(CancellationToken cancel) =>
        Task.Delay(world.Between(ShortStep, LongStep), process.Clock, cancel);

    private static Reply ReplyTo(string question, IEnumerable<Waveform> sounds)
    {
        if (question.StartsWith(Poison, StringComparison.Ordinal))
            return new Reply(null, 0, 1, new InvalidOperationException("It is poison."));
        if (question.StartsWith(Long, StringComparison.Ordinal))
            return new Reply(null, 0, 1, new ArgumentException("It is too long."));
        var text = Answer(question, sounds.Select(Content));
        return new Reply(new HonestAnswer(text, AnswerOutcome.Answered, []), 0, 1, null);
    }

    private static string Content(Waveform sound) => Encoding.UTF8.GetString(
        [.. sound.Samples.TakeWhile(sample => sample > 0).Select(sample => (byte)sample)]);

    private sealed class TracksHeard(SimulatedListener listener) : ITracksHeard
    {
        private readonly List<Waveform> sounds = [];

        public async Task AddAsync(Waveform sound, JobProgress? progress, CancellationToken cancel)
        {
            await listener.StepAsync(cancel);
            sounds.Add(sound);
        }

        public async Task<Reply> AnswerAsync(
            string question, IReadOnlyList<SelectedTrack> known, JobProgress? progress, CancellationToken cancel)
        {
            await listener.StepAsync(cancel);
            return ReplyTo(question, sounds);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
