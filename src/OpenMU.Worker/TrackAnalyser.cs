using System.Text.Json;
using OpenMU.Catalogue;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Music.Lyrics;
using OpenMU.Music.Questions;

namespace OpenMU.Worker;

/// <summary>
/// A file in, all that the catalogue keeps about it out: every tool is asked, then the model if there is one, and each
/// stored field names its source. The file is decoded once for all of them.
/// </summary>
/// <param name="limits">Bounds on time, memory and length.</param>
/// <param name="time">Tells when an analysis was made.</param>
/// <param name="listener">The model; null to measure only. It stays the caller's.</param>
public class TrackAnalyser(DecodeLimits limits, TimeProvider time, ModelSession? listener = null)
{
    internal const string TooShort = "The track is too short for the model.";
    internal static readonly string Truncated = Flags(SoundFaults.Truncated)[0];
    private static readonly string Antiphase = Flags(SoundFaults.Antiphase)[0];
    private const string Open = "open";

    /// <summary>Of the measuring tools; what they measured in one version need not be measured again.</summary>
    internal static readonly string ToolsVersion = typeof(TrackMeasurer).Assembly.GetName().Version!.ToString(3);

    /// <summary>Which model the analyses come from, as jobs name it.</summary>
    public virtual string ModelVersion => listener?.Version ?? Job.NoModel;

    internal DecodeLimits Limits => limits;

    internal virtual IListener? Listener => listener;

    /// <summary>Analyses one file for the catalogue.</summary>
    /// <param name="path">Any regular file; its name is not looked at.</param>
    /// <param name="said">What people and the owner say: the model's words must agree with it.</param>
    /// <param name="progress">Told how far the decoder and the model have come.</param>
    /// <param name="cancel">Ends the decoder and the analysis.</param>
    /// <returns>The result, not yet bound to a job.</returns>
    /// <exception cref="UnreadableAudioException">The file is no usable music; the message says why.</exception>
    /// <exception cref="ModelFailedException">The model failed; the exception has what was measured.</exception>
    public virtual async Task<Analysis> AnalyseAsync(
        string path, SaidOfTrack said, JobProgress progress, CancellationToken cancel)
    {
        var found = await FindAsync(path, progress: null, cancel, progress, said);
        return WithWords(Measurements(found.Measured), found.Said);
    }

    /// <summary>What of earlier analyses this analyser would find again.</summary>
    /// <param name="earlier">Of the same content, the latest first.</param>
    /// <param name="said">What people and the owner say by now; words that were written without it are not reused.</param>
    internal ReusableFindings Reusable(IReadOnlyList<Analysis> earlier, SaidOfTrack said) => new(
        earlier.FirstOrDefault(analysis => analysis.Sources.Any(source =>
            source.Field == nameof(Analysis.DurationSeconds) && source.Version == ToolsVersion)),
        listener is null ? null : earlier.FirstOrDefault(analysis => said.IsKnownTo(analysis)
            && analysis.Sources.Any(source =>
                source.Field == nameof(Analysis.Caption) && source.Version == listener.Version)));

    /// <summary>The analysis, where nothing of it need be found; null where the file is needed.</summary>
    internal Analysis? FromKnown(ReusableFindings known)
    {
        if (known.Measured is null || (listener is not null && known.Written is null)) return null;
        var analysis = known.Measured.Measurements(time.GetUtcNow().UtcDateTime);
        if (known.Written is null) return analysis;
        if (!analysis.TellsTheSameAs(known.Written)) return null;
        analysis.TakeWords(known.Written);
        return analysis;
    }

    /// <summary>
    /// Analyses one file as <see cref="AnalyseAsync"/> does, but takes over what is known: of what the same tools have
    /// measured only the model's words are found, and the model is asked only where what it is told has changed.
    /// </summary>
    /// <param name="path">Any regular file; its name is not looked at.</param>
    /// <param name="known">What can be taken over.</param>
    /// <param name="said">What people and the owner say.</param>
    /// <param name="progress">Told how far the decoder and the model have come.</param>
    /// <param name="cancel">Ends the decoder and the analysis.</param>
    internal async Task<Analysis> AnalyseRestAsync(
        string path, ReusableFindings known, SaidOfTrack said, JobProgress progress, CancellationToken cancel)
    {
        // Channels that cancel out are mixed as only the measuring finds out.
        if (known.Measured is { } measured && listener is not null && !measured.QualityFlags.Contains(Antiphase))
        {
            var sound = await ReadAsync(listener, path, cancel);
            progress.HandOver();
            var again = measured.Measurements(time.GetUtcNow().UtcDateTime);
            var lyrics = again.Lyrics.Find(sung => sung.Source == LyricsSource.Tags)?.ToSong();
            return WithWords(again, await ListenAsync(
                sound, again.Facts(), again.FileFields, said, lyrics?.Text, progress, cancel));
        }

        var excerpt = listener?.NewExcerpt();
        var found = await MeasureAsync(path, excerpt, progress: null, progress, cancel);
        var analysis = Measurements(found);
        if (known.Written is { } written && analysis.TellsTheSameAs(written))
        {
            analysis.TakeWords(written);
            return analysis;
        }

        return WithWords(analysis, await ListenAsync(excerpt, found, said, progress, cancel));
    }

    /// <summary>Measures one file and lets the model listen to it, in one decode.</summary>
    /// <param name="path">Any regular file; its name is not looked at.</param>
    /// <param name="progress">Told the share of the file that is measured, 0 to 1; may be null.</param>
    /// <param name="cancel">Ends the decoder and the analysis.</param>
    /// <param name="job">Told how far the decoder and the model have come; may be null.</param>
    /// <param name="said">What people and the owner say; null where nobody does.</param>
    /// <exception cref="UnreadableAudioException">The file is no usable music; the message says why.</exception>
    public async Task<TrackFindings> FindAsync(
        string path, IProgress<double>? progress, CancellationToken cancel, JobProgress? job = null,
        SaidOfTrack? said = null)
    {
        var excerpt = listener?.NewExcerpt();
        var measured = await MeasureAsync(path, excerpt, progress, job, cancel);
        return new TrackFindings(
            measured, await ListenAsync(excerpt, measured, said ?? SaidOfTrack.Nothing, job, cancel));
    }

    /// <summary>Measures one file and lets the model hear it, for a comparison with the catalogue's tracks.</summary>
    /// <param name="path">Any regular file; its name is not looked at.</param>
    /// <param name="cancel">Ends the decoder, the measurement and the model.</param>
    /// <exception cref="InvalidOperationException">There is no model.</exception>
    /// <exception cref="UnreadableAudioException">The file is no usable music, or too short for the model.</exception>
    public async Task<SoundFacts> HearAsync(string path, CancellationToken cancel)
    {
        if (listener is null) throw new InvalidOperationException("No model is loaded, so nothing can be compared.");
        var excerpt = listener.NewExcerpt();
        var measured = await MeasureAsync(path, excerpt, cancel);
        var sound = excerpt.Finish();
        if (sound.DurationSeconds < ModelSession.MinSeconds)
            throw new UnreadableAudioException($"{path}: {TooShort}");
        var (embedding, tags) = await listener.EmbedAsync(sound, cancel);
        // The tags are those of the catalogue's tracks: held to what was measured.
        var decided = measured.Facts.DecidedBy(tags, listener.Labels);
        return SoundFacts.OfFile(embedding, measured.Tempo?.Bpm, measured.Key.Key, decided.Decisions.Tags);
    }

    /// <summary>Measures one file and answers questions about it.</summary>
    /// <param name="path">Any regular file; its name is not looked at.</param>
    /// <param name="questions">In words.</param>
    /// <param name="progress">Told the share of the file that is measured, 0 to 1; may be null.</param>
    /// <param name="cancel">Ends the decoder, the measurement and the writing.</param>
    /// <returns>One answer for each question, in their order.</returns>
    /// <exception cref="InvalidOperationException">There is no model.</exception>
    /// <exception cref="UnreadableAudioException">The file is no usable music, or too short for the model.</exception>
    public async Task<IReadOnlyList<Reply>> AskAsync(
        string path, IReadOnlyList<string> questions, IProgress<double>? progress, CancellationToken cancel)
    {
        if (listener is null)
            throw new InvalidOperationException("No model is loaded, so questions cannot be answered.");
        var excerpt = listener.NewExcerpt();
        var measured = await TrackMeasurer.MeasureAsync(path, limits, progress, cancel, excerpt);
        var sound = excerpt.Finish();
        if (sound.DurationSeconds < ModelSession.MinSeconds) throw new UnreadableAudioException(TooShort);
        return await listener.AnswerAsync(sound, () => questions, Known(path, measured), cancel);
    }

    /// <summary>Measures several files and answers a question about all of them.</summary>
    /// <param name="paths">2 or more, in the order in which the answer cites them, by the files' names.</param>
    /// <param name="question">In words.</param>
    /// <param name="progress">Told the share of the files that is measured, 0 to 1; may be null.</param>
    /// <param name="cancel">Ends the decoder, the measurement and the writing.</param>
    /// <exception cref="InvalidOperationException">There is no model.</exception>
    /// <exception cref="UnreadableAudioException">A file is no usable music, or too short for the model.</exception>
    public async Task<Reply> AskSelectionAsync(
        IReadOnlyList<string> paths, string question, IProgress<double>? progress, CancellationToken cancel)
    {
        if (listener is null)
            throw new InvalidOperationException("No model is loaded, so questions cannot be answered.");
        await using var heard = listener.Hear();
        var tracks = new List<SelectedTrack>();
        foreach (var path in paths)
        {
            var excerpt = listener.NewExcerpt();
            var measured = await MeasureAsync(path, excerpt, cancel);
            var sound = excerpt.Finish();
            if (sound.DurationSeconds < ModelSession.MinSeconds)
                throw new UnreadableAudioException($"{path}: {TooShort}");
            await heard.AddAsync(sound, null, cancel);
            var known = Known(path, measured);
            tracks.Add(new(
                measured.Info.Tags.Title ?? Path.GetFileName(path), known.Facts, measured.DurationSeconds,
                measured.Loudness.IntegratedLufs, Lyrics: known.Lyrics));
            progress?.Report((double)tracks.Count / paths.Count);
        }
        return await heard.AnswerAsync(question, tracks, null, cancel);
    }

    private async Task<TrackMeasurement> MeasureAsync(
        string path, Excerpt? excerpt, IProgress<double>? progress, JobProgress? job, CancellationToken cancel)
    {
        var clock = new MeasurerClock();
        TrackMeasurement measured;
        using (job?.Watch(() => clock.SecondsDecoded, isSound: true))
            measured = await TrackMeasurer.MeasureAsync(path, limits, progress, cancel, excerpt, clock);
        Telemetry.Took(JobStage.Decode, clock.Decoding);
        Telemetry.Took(JobStage.Measure, clock.Measuring);
        return measured;
    }

    private async Task<Waveform> ReadAsync(ModelSession model, string path, CancellationToken cancel)
    {
        using var stage = Telemetry.Begin(JobStage.Decode);
        return await model.ReadAsync(path, limits, cancel);
    }

    private async Task<ModelFindings> ListenAsync(
        Excerpt? excerpt, TrackMeasurement measured, SaidOfTrack said, JobProgress? job, CancellationToken cancel)
    {
        if (listener is null) return ModelFindings.None;
        job?.HandOver();
        return await ListenAsync(
            excerpt!.Finish(), measured.Facts, FileFields.Of(measured.Info.Tags), said,
            measured.Info.Tags.ReadLyrics()?.Text, job, cancel);
    }

    private async Task<ModelFindings> ListenAsync(
        Waveform sound, MusicalFacts measured, FieldSet file, SaidOfTrack said, string? lyrics, JobProgress? job,
        CancellationToken cancel)
    {
        if (sound.DurationSeconds < ModelSession.MinSeconds) return new ModelFindings(null, TooShort);
        try
        {
            var facts = measured with { HasLyrics = lyrics is not null };
            return new ModelFindings(await listener!.DescribeAsync(
                sound, facts, said.Over(facts, file), cancel, job, lyrics));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new ModelFindings(null, Analysis.ModelFailed + Outage.FirstLine(e), e);
        }
    }

    private Analysis WithWords(Analysis analysis, ModelFindings said)
    {
        if (said.Words is { } words)
        {
            AddWords(analysis, words, listener!);
            AddLyrics(analysis, words, listener!.Version);
        }

        analysis.ModelProblem = said.Problem;
        return said.Error is null ? analysis : throw new ModelFailedException(analysis, said.Error);
    }

    private Analysis Measurements(TrackMeasurement measured)
    {
        var analysis = ToAnalysis(measured);
        AddSources(analysis, measured);
        AddLyrics(analysis, measured.Info.Tags);
        return analysis;
    }

    private async Task<TrackMeasurement> MeasureAsync(string path, Excerpt excerpt, CancellationToken cancel)
    {
        try
        {
            return await TrackMeasurer.MeasureAsync(path, limits, progress: null, cancel, excerpt);
        }
        catch (UnreadableAudioException unreadable)
        {
            throw new UnreadableAudioException($"{path}: {unreadable.Message}");
        }
    }

    private static void AddLyrics(Analysis analysis, FileTags tags)
    {
        if (tags.ReadLyrics() is not { } song) return;
        var origin = song.IsTimed && tags.TimedLyrics.Count > 0
            ? tags.TimedLyricsSource
            : tags.Sources.GetValueOrDefault(TagKind.Lyrics);
        analysis.Lyrics.Add(
            ContentLyrics.Of(LyricsSource.Tags, origin ?? "file.tags", song, analysis.AnalysedAt));
    }

    // Of a file outside the catalogue: lyrics beside it, else in its tags.
    private static TrackKnowledge Known(string path, TrackMeasurement measured)
    {
        var beside = LyricsFile.Beside(path).Select(ReadOrNull).FirstOrDefault(song => song is not null);
        var lyrics = (beside ?? measured.Info.Tags.ReadLyrics()) is { } song
            ? ContentLyrics.Of(LyricsSource.Tags, "file", song, DateTime.UnixEpoch).ToKnown()
            : null;
        return new TrackKnowledge { Facts = measured.Facts with { HasLyrics = lyrics is not null }, Lyrics = lyrics };
    }

    private static SongLyrics? ReadOrNull(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && LyricsFile.TooLarge(file.Length) is null
                ? LyricsFile.Read(File.ReadAllBytes(path))
                : null;
        }
        catch (Exception e) when (e is UnusableLyricsException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // What the model wrote down of the lyrics, or what it says of those that were known.
    private static void AddLyrics(Analysis analysis, TrackWords words, string model)
    {
        if (words.Transcript is not null && LyricsTranscript.Parse(words.Transcript) is { } song)
        {
            analysis.Lyrics.Add(ContentLyrics.Of(LyricsSource.Transcription, model, song, analysis.AnalysedAt));
        }

        if (string.IsNullOrWhiteSpace(words.LyricsSummary)) return;
        foreach (var lyrics in analysis.Lyrics) (lyrics.Summary, lyrics.ReadBy) = (words.LyricsSummary, model);
    }

    private static void AddWords(Analysis analysis, TrackWords words, ModelSession listener)
    {
        analysis.Caption = words.Caption;
        analysis.Description = words.Description;
        analysis.Tags = [.. words.Tags];
        analysis.DroppedSentences = words.DroppedSentences;
        analysis.Embedding = TrackEmbedding.Of(listener.Version, [.. words.Embedding]);
        var tagged = words.Tags.Count == 0 ? (double?)null : words.Tags.Average(tag => tag.Confidence);
        Add(nameof(Analysis.Caption), words.IsCaptionPlain, confidence: null);
        Add(nameof(Analysis.Description), words.IsDescriptionPlain, confidence: null);
        // Without this line nobody gives tags; with it and without tags none was sure enough.
        if (words.HasTags) Add(nameof(Analysis.Tags), isPlain: false, tagged);

        // The licence stays the model's: its tags are what a plain text is written from.
        void Add(string field, bool isPlain, double? confidence) => analysis.Sources.Add(new FieldSource(
            field, isPlain ? Analysis.PlainSource : "openmu", listener.Version, listener.LicenceClass,
            words.SecondsHeard, confidence));
    }

    private Analysis ToAnalysis(TrackMeasurement measured) => new()
    {
        FileFields = FileFields.Of(measured.Info.Tags),
        Title = measured.Info.Title,
        Artist = measured.Info.Artist,
        Album = measured.Info.Album,
        DurationSeconds = measured.DurationSeconds,
        Codec = measured.Info.Codec,
        SampleRate = measured.Info.SampleRate,
        Channels = measured.Info.Channels,
        Bpm = measured.Tempo?.Bpm,
        BpmConfidence = measured.Tempo?.Confidence,
        BpmAlternatives = [.. measured.Tempo?.Alternatives ?? []],
        Metre = measured.Beats.Metre?.Upper,
        Beats = measured.Beats.Beats,
        Key = measured.Key.Key,
        KeyConfidence = measured.Key.Confidence,
        TuningCents = measured.Key.Key is null ? null : measured.Key.TuningCents,
        KeySegments = [.. measured.Key.Segments.Where(segment => segment.Key is not null)],
        Chords = measured.Chords,
        Sections = measured.Sections,
        IntegratedLufs = measured.Loudness.IntegratedLufs,
        LoudnessRangeLu = measured.Loudness.RangeLu,
        TruePeakDbtp = measured.Loudness.TruePeakDbtp,
        QualityFlags = Flags(measured.Quality.Faults),
        AnalysedAt = time.GetUtcNow().UtcDateTime,
    };

    /// <summary><c>SilentStart</c> becomes <c>silent-start</c>.</summary>
    private static List<string> Flags(SoundFaults faults) =>
        [.. Enum.GetValues<SoundFaults>().Where(fault => fault != SoundFaults.None && faults.HasFlag(fault))
            .Select(fault => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString()))];

    private static void AddSources(Analysis analysis, TrackMeasurement measured)
    {
        void From(string source, double seconds, double? confidence, params ReadOnlySpan<string> fields)
        {
            foreach (var field in fields)
                analysis.Sources.Add(new FieldSource(field, source, ToolsVersion, Open, seconds, confidence));
        }

        var heard = analysis.DurationSeconds;
        if (!analysis.FileFields.IsEmpty) From("file.tags", 0, null, nameof(Analysis.FileFields));
        if (analysis.Title is not null) From("file.tags", 0, null, nameof(Analysis.Title));
        if (analysis.Artist is not null) From("file.tags", 0, null, nameof(Analysis.Artist));
        if (analysis.Album is not null) From("file.tags", 0, null, nameof(Analysis.Album));
        From("ffprobe", 0, null, nameof(Analysis.Codec), nameof(Analysis.SampleRate), nameof(Analysis.Channels));
        From("mir.decode", heard, 1, nameof(Analysis.DurationSeconds));
        From("mir.tempo", heard, measured.Tempo?.Confidence, nameof(Analysis.Bpm), nameof(Analysis.BpmAlternatives));
        From("mir.beats", heard, measured.Beats.Confidence, nameof(Analysis.Beats));
        From("mir.beats", heard, measured.Beats.MetreConfidence, nameof(Analysis.Metre));
        From("mir.key", heard, measured.Key.Confidence, nameof(Analysis.Key), nameof(Analysis.Camelot),
            nameof(Analysis.OpenKey), nameof(Analysis.KeySegments), nameof(Analysis.TuningCents));
        From("mir.chords", heard, null, nameof(Analysis.Chords));
        if (analysis.Sections.Count > 0) From("mir.sections", heard, null, nameof(Analysis.Sections));
        From("mir.loudness", heard, null, nameof(Analysis.IntegratedLufs), nameof(Analysis.LoudnessRangeLu));
        From("mir.loudness", heard, null, nameof(Analysis.TruePeakDbtp));
        From("mir.quality", heard, null, nameof(Analysis.QualityFlags));
    }
}
