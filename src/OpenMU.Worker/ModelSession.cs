using OpenMU.Catalogue;
using OpenMU.Catalogue.Questions;
using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Music.Questions;
using TorchSharp;

namespace OpenMU.Worker;

/// <summary>
/// The one model of a process, for any number of tracks and questions at once: <see cref="ModelEngine"/> encodes and
/// writes for all of them together, questions first.
/// </summary>
public sealed class ModelSession : IListener, IDisposable
{
    /// <summary>Hz of what the model hears.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Less sound than this says nothing about music.</summary>
    public const double MinSeconds = (double)AudioPreprocessor.MinimumSamples / SampleRate;

    // From here on a CPU keeps the matrices in the type and the place in which they are stored: an 8B model
    // would not fit otherwise. A processor that multiplies bfloat16 is faster with it, so there small models do too.
    private const long LargeBytes = 1L << 30;

    // As many windows of sound in one pass keep a GPU busy.
    private const int WindowsOnGpu = 32;

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    // As the authors of the one family that does it have it.
    private const int TranscriptTokens = 1024;

    private const int SummaryTokens = 96;

    private readonly ModelFolder folder;
    private readonly MusicModel model;
    private readonly ModelEngine engine;
    private readonly double maxSeconds;

    private ModelSession(ModelFolder folder, WorkerOptions options)
    {
        this.folder = folder;
        maxSeconds = options.MaxSecondsHeard;
        Transcribes = options.TranscribeLyrics && folder.Config is MossMusicConfig;
        model = new MusicModel(folder.Model, folder.Tokenizer, folder.TagHead, folder.CachePositions, folder.Tagger);
        var isGpu = folder.Model.Llama.Device.type != DeviceType.CPU;
        engine = new ModelEngine(model, new(WindowsAtOnce: isGpu ? WindowsOnGpu : 1), DeviceFault.Is);
        engine.Start();
    }

    /// <summary>The model's name in the catalogue, as <see cref="ModelFolder.Version"/> gives it.</summary>
    public string Version => folder.Version;

    /// <summary><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>; what the model writes inherits it.</summary>
    public string LicenceClass => folder.LicenceClass;

    /// <summary>All tags that the model can give; none where it gives no tags.</summary>
    public IReadOnlyList<(string Group, string Tag)> Labels => folder.Labels;

    /// <summary>What the model's training changed the rate of its music with.</summary>
    private ResampleFilter Filter
        => folder.Config is MossMusicConfig ? ResampleFilter.TorchAudio : ResampleFilter.SciPy;

    /// <summary>Whether the model was made to write down what is sung, and is to do so.</summary>
    public bool Transcribes { get; }

    /// <summary>
    /// Whether the model can say what lyrics are about: not one that was trained on this project's few songs.
    /// </summary>
    public bool ReadsLyrics => folder.Config is not OpenMuConfig;

    /// <summary>Loads the model that the options name, onto a CUDA device where there is one.</summary>
    /// <returns>Null where the options name none.</returns>
    /// <exception cref="InvalidDataException">The folder is no whole model.</exception>
    public static ModelSession? Open(WorkerOptions options)
    {
        if (string.IsNullOrEmpty(options.ModelFolder)) return null;
        KernelThreads.Use(options.ModelThreads ?? Environment.ProcessorCount);
        var device = torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        var bytes = Directory.Exists(options.ModelFolder)
            ? new DirectoryInfo(options.ModelFolder).EnumerateFiles("*.safetensors").Sum(file => file.Length)
            : 0;
        return new ModelSession(
            ModelFolder.Open(
                options.ModelFolder, device, keepTypes: bytes > LargeBytes || Bf16Hardware.IsNative, TypeOf(options),
                roundsToBf16: Bf16Hardware.IsNative),
            options);
    }

    private static torch.ScalarType? TypeOf(WorkerOptions options) =>
        string.IsNullOrEmpty(options.ModelType) ? null : WeightTypes.ByName[options.ModelType];

    /// <summary>Keeps of a decode what <see cref="DescribeAsync"/> and <see cref="AnswerAsync"/> listen to.</summary>
    public Excerpt NewExcerpt() => new(SampleRate, maxSeconds, Filter);

    /// <summary>Decodes a file for the model alone.</summary>
    /// <exception cref="UnreadableAudioException">The file cannot be decoded.</exception>
    public Task<Waveform> ReadAsync(string path, DecodeLimits limits, CancellationToken cancel) =>
        AudioFile.ReadMonoAsync(path, SampleRate, maxSeconds, limits, cancel, Filter);

    /// <summary>Proves that the device computes: hears a sound of our own making and writes a token.</summary>
    public async Task ProveAsync(CancellationToken cancel)
    {
        var tone = new float[SampleRate];
        for (var i = 0; i < tone.Length; i++) tone[i] = 0.1f * MathF.Sin(0.2f * i);
        var heard = await engine.Encode(tone, isUrgent: true, cancel).Result;
        try
        {
            await engine.Write(heard, "Music?", null, new() { MaxNewTokens = 1 }, isUrgent: true, cancel).Result;
        }
        finally
        {
            engine.Release(heard);
        }
    }

    /// <summary>Hears a track and says what the catalogue keeps of it.</summary>
    /// <param name="sound">Mono at <see cref="SampleRate"/>, at least <see cref="MinSeconds"/>.</param>
    /// <param name="measured">By tools; the model's tags are held to it.</param>
    /// <param name="told">The same with what people and the owner say over it: texts agree with that.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    /// <param name="progress">Told how far the model has come; may be null.</param>
    /// <param name="lyrics">What is sung, which a model that <see cref="ReadsLyrics"/> says in short; null where nobody
    /// knows it: a model that <see cref="Transcribes"/> writes it down.</param>
    public async Task<TrackWords> DescribeAsync(
        Waveform sound, MusicalFacts measured, TrackKnowledge told, CancellationToken cancel,
        JobProgress? progress = null, string? lyrics = null)
    {
        var heard = await EncodeAsync(sound, isQuestion: false, progress, cancel);
        try
        {
            var tags = measured.DecidedBy(heard.Tags, Labels).Decisions;
            var decided = told.Heard(heard.Tags, [], Labels).Facts.HeardAs(heard.Sound);
            if (decided.NoMusic is not null)
                return Kept(TrackWords.WithoutMusic(decided, tags, heard.SecondsEncoded), heard);
            var replies = await WriteAsync(
                heard, Instructions.Texts(decided), decided, isQuestion: false, progress, cancel);
            var written = replies.Select(reply => reply.Text ?? throw reply.Error!).ToArray();
            var transcript = lyrics is null && Transcribes
                ? await WriteFreelyAsync(heard, MossMusic.LyricsWithTimes, TranscriptTokens, progress, cancel)
                : null;
            var summary = lyrics is not null && ReadsLyrics
                ? await WriteFreelyAsync(
                    heard, Quotation.AboutLyrics(Instructions.LyricsSummary, lyrics), SummaryTokens, progress, cancel)
                : null;
            var words = TrackWords.Of(written[0], written[1], decided, tags, heard.SecondsEncoded);
            return Kept(words, heard) with { Transcript = transcript, LyricsSummary = summary };
        }
        finally
        {
            engine.Release(heard);
        }
    }

    private static TrackWords Kept(TrackWords words, EncodedTrack heard) =>
        words with { Scores = heard.Scores, Embedding = heard.Embedding, Sound = heard.Sound };

    /// <summary>Hears a sound, and says no more of it than what it is like.</summary>
    /// <param name="sound">As in <see cref="DescribeAsync"/>.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<(IReadOnlyList<float> Embedding, IReadOnlyList<TagScore> Tags)> EmbedAsync(
        Waveform sound, CancellationToken cancel)
    {
        var heard = await EncodeAsync(sound, isQuestion: true, progress: null, cancel);
        try
        {
            return (heard.Embedding, heard.Tags);
        }
        finally
        {
            engine.Release(heard);
        }
    }

    /// <summary>Answers questions about one track side by side, behind one reading of its music.</summary>
    /// <param name="sound">Mono at <see cref="SampleRate"/>, at least <see cref="MinSeconds"/>.</param>
    /// <param name="close">Called when the track is heard: the questions that have come by then.</param>
    /// <param name="known">What tools are answered from and answers are compared with; tags that it has not got are
    /// the model's.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    /// <param name="progress">Told how far the model has come; may be null.</param>
    /// <returns>One answer for each question, in their order.</returns>
    public async Task<IReadOnlyList<Reply>> AnswerAsync(
        Waveform sound, Func<IReadOnlyList<string>> close, TrackKnowledge known, CancellationToken cancel,
        JobProgress? progress = null)
    {
        var heard = await EncodeAsync(sound, isQuestion: true, progress, cancel);
        try
        {
            known = known.Heard(heard.Tags, heard.Scores).HeardAs(heard.Sound);
            AnswerDraft[] drafts =
                [.. close().Select(question => new AnswerDraft(question, known, folder.Config.Topics))];
            var written = new Queue<Written>(await WriteAsync(
                heard, [.. drafts.Select(draft => draft.Instruction).OfType<string>()], known.Facts, isQuestion: true,
                progress, cancel));
            return [.. drafts.Select(draft =>
                draft.Finish(draft.Instruction is null ? null : written.Dequeue(), heard.SecondsEncoded))];
        }
        finally
        {
            engine.Release(heard);
        }
    }

    /// <summary>Several tracks that one question is about: they are heard one after the other.</summary>
    public ITracksHeard Hear() => new TracksHeard(this);

    /// <summary>
    /// The answer to a question about several tracks that measurements or lyrics decide, or that the model was not made
    /// for; null where it has to hear them.
    /// </summary>
    public Reply? AnswerUnheard(string question, IReadOnlyList<SelectedTrack> tracks) =>
        SelectionAnswer.WithoutModel(question, tracks, folder.Config.Topics) is { } known
            ? new(
                known.ReadOff([.. tracks.Select(track => track.Facts)]), DroppedSentences: 0, SecondsHeard: 0,
                Error: null)
            : null;

    internal Task<EncodedTrack> EncodeAsync(Waveform sound, JobProgress? progress, CancellationToken cancel)
        => EncodeAsync(sound, isQuestion: true, progress, cancel);

    internal void Release(EncodedTrack track) => engine.Release(track);

    /// <summary>Answers a question about several tracks; the model has them all in one prompt.</summary>
    internal async Task<Reply> AnswerAboutAsync(
        string question, IReadOnlyList<EncodedTrack> heard, IReadOnlyList<SelectedTrack> tracks, JobProgress? progress,
        CancellationToken cancel)
    {
        SelectedTrack[] decided = [.. tracks.Zip(heard, (track, encoded) => track.Heard(encoded.Tags, Labels))];
        var seconds = heard.Sum(track => track.SecondsEncoded);
        if (AnswerUnheard(question, decided) is { } known) return known with { SecondsHeard = seconds };
        var together = EncodedTrack.Together(heard);
        try
        {
            // Their figures are compared with the cited track's, not with those of one.
            var instruction = Instruction(question, decided);
            var written = (await WriteAsync(together, [instruction], null, isQuestion: true, progress, cancel))[0];
            if (written.Text is not { } text) return new(null, 0, seconds, written.Error);
            var answer = SelectionAnswer.Of(text.Text, decided, folder.Config.SeveralTracksNote, out var dropped);
            return new(
                SelectionAnswer.WithKnown(question, decided, folder.Config.Topics, answer)
                    .ReadOff([.. decided.Select(track => track.Facts)]),
                dropped, seconds, null);
        }
        finally
        {
            engine.Release(together);
        }
    }

    /// <summary>The question as the model gets it; where it is about lyrics, with those that are known.</summary>
    internal static string Instruction(string question, IReadOnlyList<SelectedTrack> tracks)
    {
        var instruction = Instructions.Question(question, [.. tracks.Select(track => track.Facts)]);
        return SelectionLyrics.IsAbout(question) && tracks.Any(track => track.Lyrics is not null)
            ? Quotation.AboutLyrics(instruction, [.. tracks.Select(track => track.Lyrics?.Song.Text)])
            : instruction;
    }

    public void Dispose()
    {
        // Nobody takes a model away from a call that does not come back.
        if (!engine.Stop(TimeToEnd)) return;
        model.Dispose();
        folder.Dispose();
    }

    // What is not about measurements. A model that has no room for it says nothing.
    private async Task<string?> WriteFreelyAsync(
        EncodedTrack heard, string instruction, int tokens, JobProgress? progress, CancellationToken cancel)
    {
        try
        {
            var request = engine.Write(
                heard, instruction, facts: null, new() { MaxNewTokens = tokens }, isUrgent: false, cancel);
            await TurnAsync([request], progress);
            using var stage = Telemetry.Begin(JobStage.Generate);
            await EndAsync([request], progress);
            Telemetry.Wrote(request.Tokens, stage.Elapsed);
            return (await request.Result).Text;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private async Task<EncodedTrack> EncodeAsync(
        Waveform sound, bool isQuestion, JobProgress? progress, CancellationToken cancel)
    {
        var request = engine.Encode(sound.Samples, isQuestion, cancel);
        await TurnAsync([request], progress);
        using var stage = Telemetry.Begin(JobStage.Encode);
        await EndAsync([request], progress);
        return await request.Result;
    }

    /// <summary>Texts about a track, each with its own fate.</summary>
    private async Task<IReadOnlyList<Written>> WriteAsync(
        EncodedTrack heard, IReadOnlyList<string> instructions, MusicalFacts? facts, bool isQuestion,
        JobProgress? progress, CancellationToken cancel)
    {
        var texts = instructions.Select(instruction => Ask(heard, instruction, facts, isQuestion, cancel)).ToArray();
        TextRequest[] requests = [.. texts.Select(text => text.Request).OfType<TextRequest>()];
        await TurnAsync(requests, progress);
        using (var stage = Telemetry.Begin(JobStage.Generate))
        {
            await EndAsync(requests, progress);
            Telemetry.Wrote(requests.Sum(request => request.Tokens), stage.Elapsed);
        }
        var replies = new List<Written>();
        foreach (var (request, refusal) in texts)
        {
            var error = refusal;
            try
            {
                if (request is not null) replies.Add(new(await request.Result, null));
            }
            catch (Exception e) when (e is not OperationCanceledException && !DeviceFault.Is(e))
            {
                error = e;
            }
            if (error is not null) replies.Add(new(null, error));
        }
        return replies;
    }

    /// <summary>Asks for one text; one that the model cannot take leaves the others alone.</summary>
    private (TextRequest? Request, Exception? Refusal) Ask(
        EncodedTrack heard, string instruction, MusicalFacts? facts, bool isQuestion, CancellationToken cancel)
    {
        try
        {
            return (engine.Write(heard, instruction, facts, options: null, isQuestion, cancel), null);
        }
        catch (ArgumentException e)
        {
            return (null, e);
        }
    }

    /// <summary>Comes back when the first of them begins: until then the job waits for others.</summary>
    private static async Task TurnAsync(IReadOnlyList<ModelRequest> requests, JobProgress? progress)
    {
        if (requests.Count == 0) return;
        using var wait = progress?.Wait();
        await Task.WhenAny(requests.Select(request => request.Started));
    }

    /// <summary>
    /// Comes back when all have ended. Their own progress is the job's, not that of others in the batch; it waits for
    /// others while none of those that are left has begun.
    /// </summary>
    private async Task EndAsync(IReadOnlyList<ModelRequest> requests, JobProgress? progress)
    {
        while (requests.Where(request => !request.Ended.IsCompleted).ToArray() is { Length: > 0 } left)
        {
            if (!left.Any(request => request.Started.IsCompleted)) await TurnAsync(left, progress);
            using var watch = progress?.Watch(
                () => requests.Sum(request => request.Position), isShared: () => engine.TracksInPass > 1);
            await Task.WhenAny(left.Where(request => request.Started.IsCompleted).Select(request => request.Ended));
        }
    }
}

/// <summary>What the model wrote, or what went wrong with it.</summary>
internal sealed record Written(GeneratedText? Text, Exception? Error);

/// <summary>The answer to one question, or what went wrong with it.</summary>
/// <param name="Answer">The answer; null where something went wrong.</param>
/// <param name="DroppedSentences">Sentences of the model that were left out.</param>
/// <param name="SecondsHeard">How much of the track the model has listened to.</param>
/// <param name="Error">What went wrong.</param>
public sealed record Reply(HonestAnswer? Answer, int DroppedSentences, double SecondsHeard, Exception? Error)
{
    /// <summary>What the catalogue keeps of an answer.</summary>
    /// <param name="listener">The model that gave it.</param>
    /// <param name="time">Tells when.</param>
    /// <exception cref="InvalidOperationException">There is no answer.</exception>
    public Answer ToAnswer(IListener listener, TimeProvider time)
    {
        var honest = Answer ?? throw new InvalidOperationException("There is no answer.", Error);
        var now = time.GetUtcNow().UtcDateTime;
        return new Answer(
            honest.Text, honest.Outcome, DroppedSentences, [.. honest.Tools.Select(tool => ToolCall.From(tool, now))],
            listener.Version, Instructions.QuestionVersion, listener.LicenceClass, SecondsHeard, now);
    }
}
