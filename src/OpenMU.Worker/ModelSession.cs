using OpenMU.Catalogue;
using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using TorchSharp;

namespace OpenMU.Worker;

/// <summary>The one model of a process. Callers take turns: what is asked waits until the model is free.</summary>
public sealed class ModelSession : IDisposable
{
    /// <summary>Hz of what the model hears.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Less sound than this says nothing about music.</summary>
    public const double MinSeconds = (double)AudioPreprocessor.MinimumSamples / SampleRate;

    // From here on a CPU keeps the matrices in the type and the place in which they are stored: an 8B model
    // would not fit otherwise.
    private const long LargeBytes = 1L << 30;

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    private readonly ModelFolder folder;
    private readonly MusicModel listener;
    private readonly double maxSeconds;
    private readonly SemaphoreSlim turn = new(1, 1);
    private Exception? broken;

    private ModelSession(ModelFolder folder, double maxSeconds)
    {
        this.folder = folder;
        this.maxSeconds = maxSeconds;
        listener = new MusicModel(folder.Model, folder.Tokenizer, folder.TagHead);
    }

    /// <summary>The model's name in the catalogue, as <see cref="ModelFolder.Version"/> gives it.</summary>
    public string Version => folder.Version;

    /// <summary><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>; what the model writes inherits it.</summary>
    public string LicenceClass => folder.LicenceClass;

    /// <summary>What the model's training changed the rate of its music with.</summary>
    private ResampleFilter Filter
        => folder.Config is MossMusicConfig ? ResampleFilter.TorchAudio : ResampleFilter.SciPy;

    /// <summary>Loads the model that the options name, onto a CUDA device where there is one.</summary>
    /// <returns>Null where the options name none.</returns>
    /// <exception cref="InvalidDataException">The folder is no whole model.</exception>
    public static ModelSession? Open(WorkerOptions options)
    {
        if (string.IsNullOrEmpty(options.ModelFolder)) return null;
        KernelThreads.Use(options.ModelThreads ?? Environment.ProcessorCount);
        MixedLinear.RoundsToBf16 = Bf16Hardware.IsNative;
        var device = torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        var bytes = Directory.Exists(options.ModelFolder)
            ? new DirectoryInfo(options.ModelFolder).EnumerateFiles("*.safetensors").Sum(file => file.Length)
            : 0;
        return new ModelSession(
            ModelFolder.Open(options.ModelFolder, device, keepTypes: bytes > LargeBytes, TypeOf(options)),
            options.MaxSecondsHeard);
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
    public Task ProveAsync(CancellationToken cancel) => InTurnAsync(
        () =>
        {
            var tone = new float[SampleRate];
            for (var i = 0; i < tone.Length; i++) tone[i] = 0.1f * MathF.Sin(0.2f * i);
            using var heard = listener.Encode(tone, cancel);
            return listener.Generate(heard, ["Music?"], facts: null, new GenerationOptions { MaxNewTokens = 1 }, cancel);
        },
        progress: null, cancel);

    /// <summary>Hears a track and says what the catalogue keeps of it.</summary>
    /// <param name="sound">Mono at <see cref="SampleRate"/>, at least <see cref="MinSeconds"/>.</param>
    /// <param name="facts">What calls of tools are answered from and figures are compared with.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    /// <param name="progress">Told how far the model has come; may be null.</param>
    public Task<TrackWords> DescribeAsync(
        Waveform sound, MusicalFacts facts, CancellationToken cancel, JobProgress? progress = null) => InTurnAsync(
        () =>
        {
            using var heard = Encode(sound, cancel, out var tags);
            var written = Write(heard, Instructions.Texts(tags, facts), facts, cancel);
            // Tempo and metre are the measuring tools'; a guess by ear beside them could only contradict them.
            return new TrackWords(
                written[0].Text, written[1].Text, [.. tags.Where(tag => tag.Group is not ("tempo" or "metre"))],
                heard.SecondsEncoded);
        },
        progress, cancel);

    /// <summary>Answers questions about one track side by side, behind one reading of its music.</summary>
    /// <param name="sound">Mono at <see cref="SampleRate"/>, at least <see cref="MinSeconds"/>.</param>
    /// <param name="close">Called when the model is free: the questions that have come by then.</param>
    /// <param name="facts">What calls of tools are answered from and figures are compared with.</param>
    /// <param name="cancel">Ends the waiting and the writing.</param>
    /// <param name="progress">Told how far the model has come; may be null.</param>
    /// <returns>One answer for each question, in their order.</returns>
    public Task<IReadOnlyList<Reply>> AnswerAsync(
        Waveform sound, Func<IReadOnlyList<string>> close, MusicalFacts facts, CancellationToken cancel,
        JobProgress? progress = null) => InTurnAsync(
            () =>
            {
                var questions = close();
                using var heard = Encode(sound, cancel, out _);
                return Answer(heard, questions, facts, cancel);
            },
            progress, cancel);

    public void Dispose()
    {
        // Nobody takes a model away from a call that does not come back.
        if (!turn.Wait(TimeToEnd)) return;
        listener.Dispose();
        folder.Dispose();
        turn.Dispose();
    }

    private IReadOnlyList<Reply> Answer(
        EncodedTrack heard, IReadOnlyList<string> questions, MusicalFacts facts, CancellationToken cancel)
    {
        try
        {
            return [.. Write(heard, questions, facts, cancel).Select(written =>
                new Reply(written, heard.SecondsEncoded, null))];
        }
        catch (Exception e) when (e is not OperationCanceledException && !DeviceFault.Is(e))
        {
            // One of several is to blame: alone, each shows whether it is.
            if (questions.Count == 1) return [new Reply(null, heard.SecondsEncoded, e)];
            return [.. questions.SelectMany(question => Answer(heard, [question], facts, cancel))];
        }
    }

    private EncodedTrack Encode(Waveform sound, CancellationToken cancel, out IReadOnlyList<TagScore> tags)
    {
        using var stage = Telemetry.Begin(JobStage.Encode);
        var heard = listener.Encode(sound.Samples, cancel);
        tags = listener.Tag(heard);
        return heard;
    }

    private IReadOnlyList<GeneratedText> Write(
        EncodedTrack heard, IReadOnlyList<string> instructions, MusicalFacts facts, CancellationToken cancel)
    {
        using var stage = Telemetry.Begin(JobStage.Generate);
        var before = listener.TokensGenerated;
        var written = listener.Generate(heard, instructions, facts, options: null, cancel);
        Telemetry.Wrote(listener.TokensGenerated - before, stage.Elapsed);
        return written;
    }

    private async Task<T> InTurnAsync<T>(Func<T> work, JobProgress? progress, CancellationToken cancel)
    {
        using (progress?.Wait()) await turn.WaitAsync(cancel);
        try
        {
            // After an error of the device every later call fails, whatever it is about.
            if (broken is not null) throw new InvalidOperationException("The model's device has failed.", broken);
            using var watch = progress?.Watch(() => listener.Steps);
            // Seconds of computing: not on a thread that others wait for.
            return await Task.Run(work, cancel);
        }
        catch (Exception e) when (DeviceFault.Is(e))
        {
            broken ??= e;
            throw;
        }
        finally
        {
            turn.Release();
        }
    }
}

/// <summary>What a model says about a track.</summary>
public sealed record TrackWords(string Caption, string Description, IReadOnlyList<TagScore> Tags, double SecondsHeard);

/// <summary>The answer to one question, or what went wrong with it.</summary>
public sealed record Reply(GeneratedText? Written, double SecondsHeard, Exception? Error);
