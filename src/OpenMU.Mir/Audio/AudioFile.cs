using System.Globalization;
using System.Text.Json;
using FFMpegCore;

namespace OpenMU.Mir.Audio;

/// <summary>
/// Opens files of any format that ffmpeg reads. Files are hostile until proven otherwise: see
/// <see cref="DecodeLimits"/>.
/// </summary>
public static class AudioFile
{
    private const string NotAudio = "This is not audio, or it is too damaged to be recognised.";
    private const int MaxNameLength = 300;
    private const int MaxJoinedLength = 1000;
    private const int MaxProbeBytes = 8 << 20;
    private static readonly JsonSerializerOptions ProbeJson = new() { PropertyNameCaseInsensitive = true };

    /// <summary>Reads the headers and tags.</summary>
    /// <exception cref="UnreadableAudioException">The path is no regular file, is empty or too large, or holds no
    /// audio stream.</exception>
    /// <exception cref="DecoderUnavailableException">
    /// ffprobe does not work here, which says nothing about the file.
    /// </exception>
    public static async Task<AudioInfo> ProbeAsync(string path, DecodeLimits limits, CancellationToken cancel)
    {
        var fullPath = RequireRegularFile(path, limits);
        return await AskFfprobeAsync(fullPath, TagReader.Read(fullPath), limits, cancel);
    }

    private static async Task<AudioInfo> AskFfprobeAsync(
        string fullPath, TagReader tags, DecodeLimits limits, CancellationToken cancel)
    {
        // Warnings too, for only a warning tells that a duration is a guess.
        var arguments = $"-v warning {MediaProcess.InputOptions} -skip_initial_bytes {tags.HeavyTagBytes} "
            + $"-select_streams a:0 -show_format -show_streams -of json -i {MediaProcess.Quote("file:" + fullPath)}";
        await using var process =
            MediaProcess.Start("ffprobe", arguments, fullPath, limits.ProbeProcessorTime, limits, cancel);
        var buffer = new byte[64 << 10];
        var output = new MemoryStream();
        while (await process.ReadAsync(buffer) is var read and > 0)
        {
            output.Write(buffer, 0, read);
            if (output.Length > MaxProbeBytes) throw new UnreadableAudioException("The file's tags are too large.");
        }

        if (await process.ExitAsync() != 0) throw new UnreadableAudioException(Reason(process.Errors), process.Errors);
        return Describe(output.ToArray(), process.Errors, tags, new FileInfo(fullPath).Length);
    }

    /// <summary>
    /// Starts decoding to 44,100 Hz, and reads the headers and tags: by what ffmpeg says of the file where that is
    /// enough, as for all common formats, else by ffprobe.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Bounds on time, memory and length.</param>
    /// <param name="cancel">Ends the decoder process.</param>
    /// <exception cref="UnreadableAudioException">The path is no regular file, is empty or too large, holds no audio
    /// stream, or claims to be far too long.</exception>
    /// <exception cref="DecoderUnavailableException">
    /// A program does not work here, which says nothing about the file.
    /// </exception>
    public static async Task<AudioDecoder> OpenAsync(string path, DecodeLimits limits, CancellationToken cancel)
    {
        var fullPath = RequireRegularFile(path, limits);
        var tags = TagReader.Read(fullPath);
        // A name with line breaks would be lines of the banner.
        if (tags.IsComplete && !fullPath.Any(char.IsControl)
            && await AudioDecoder.TryStartAsync(fullPath, tags, limits, cancel) is { } decoder) return decoder;
        return Open(fullPath, await AskFfprobeAsync(fullPath, tags, limits, cancel), limits, cancel);
    }

    /// <summary>Starts decoding to 44,100 Hz.</summary>
    /// <param name="path">The file.</param>
    /// <param name="info">What <see cref="ProbeAsync"/> said about it.</param>
    /// <param name="limits">Bounds on time, memory and length.</param>
    /// <param name="cancel">Ends the decoder process.</param>
    /// <exception cref="UnreadableAudioException">The path is no regular file, is empty or too large, or claims to be
    /// far too long.</exception>
    public static AudioDecoder Open(string path, AudioInfo info, DecodeLimits limits, CancellationToken cancel)
    {
        var fullPath = RequireRegularFile(path, limits);
        AudioDecoder.RequireLength(info, limits);
        return new AudioDecoder(fullPath, info, limits, cancel);
    }

    /// <summary>Decodes a file, or its beginning, to mono: the mean of its channels.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRate">Hz of the result.</param>
    /// <param name="maxSeconds">How much of the beginning to read; null reads all, within the limits.</param>
    /// <param name="limits">Bounds on time, memory and length.</param>
    /// <param name="cancel">Ends the decoder process.</param>
    /// <param name="filter">What changes the rate.</param>
    /// <exception cref="UnreadableAudioException">The file cannot be analysed.</exception>
    public static async Task<Waveform> ReadMonoAsync(
        string path, int sampleRate, double? maxSeconds, DecodeLimits limits, CancellationToken cancel,
        ResampleFilter filter = ResampleFilter.SciPy)
    {
        await using var decoder = await OpenAsync(path, limits, cancel);
        var excerpt = new Excerpt(sampleRate, maxSeconds, filter);
        var mono = new float[AudioDecoder.BlockFrames];
        while (!excerpt.IsFull && await decoder.ReadAsync() is { Length: > 0 } block)
            excerpt.Push(MonoMix.Mean(block.Span, decoder.Channels, mono));
        return excerpt.Finish();
    }

    private static string RequireRegularFile(string path, DecodeLimits limits)
    {
        if (Directory.Exists(path)) throw new UnreadableAudioException("This is a folder, not a file.");
        try
        {
            var file = new FileInfo(path);
            if (file.LinkTarget is not null) file = (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
            if (!file.Exists)
            {
                var isLink = file.FullName != Path.GetFullPath(path);
                var reason = isLink ? "The file is a link to nowhere." : "The file does not exist.";
                throw new UnreadableAudioException(reason) { IsMissing = true };
            }

            // Pipes, sockets and devices have no length either; opening one could wait for ever.
            if (file.Length == 0) throw new UnreadableAudioException("The file is empty.");
            if (file.Length > limits.MaxFileBytes)
                throw new UnreadableAudioException($"The file is larger than {limits.MaxFileBytes / 1e9:0.#} GB.");
            return Path.GetFullPath(path);
        }
        catch (IOException)
        {
            throw new UnreadableAudioException("The file is a link to nowhere.");
        }
    }

    private static AudioInfo Describe(byte[] json, string warnings, TagReader reader, long fileBytes)
    {
        var analysis = ParseProbe(json);
        if (analysis?.Streams is not [var stream, ..])
            throw new UnreadableAudioException("The file holds no audio.", warnings);
        if (stream.Channels is not > 0
            || !int.TryParse(stream.SampleRate, CultureInfo.InvariantCulture, out var rate) || rate <= 0)
            throw new UnreadableAudioException(NotAudio, warnings);
        if (stream.CodecName is null or "" or "unknown" or "none")
            throw new UnreadableAudioException("The file's coding is not known.", warnings);

        var facts = new StreamFacts(
            analysis.Format?.FormatName, stream.CodecName, rate, stream.Channels.Value, stream.ChannelLayout,
            Seconds(stream.Duration) ?? Seconds(analysis.Format?.Duration),
            warnings.Contains(StreamFacts.GuessedDuration, StringComparison.Ordinal));
        return Describe(facts, reader.Merge(analysis.Format?.Tags, stream.Tags), reader, fileBytes);
    }

    internal static AudioInfo Describe(StreamFacts facts, FileTags tags, TagReader reader, long fileBytes)
    {
        var claim = facts.IsGuess || facts.IsPlaceholder(fileBytes) ? null : facts.Seconds;
        var container = TagText.Clean(facts.Container, MaxNameLength) ?? "unknown";
        return new AudioInfo(container, facts.Codec, facts.SampleRate, facts.Channels, facts.Layout,
            reader.ClaimedSeconds ?? claim)
        {
            EstimatedSeconds = facts.Seconds,
            SkippedBytes = reader.HeavyTagBytes,
            Tags = tags,
            Title = tags.Title,
            Artist = Joined(tags.Artists),
            Album = tags.Album,
            Composer = Joined(tags.Composers),
            Genre = Joined(tags.Genres),
            Date = tags.Date,
            Isrc = tags.Isrcs.Count > 0 ? tags.Isrcs[0] : null,
            Lyrics = tags.Lyrics,
        };
    }

    private static string? Joined(IReadOnlyList<string> values) =>
        TagText.Clean(string.Join("; ", values), MaxJoinedLength);

    private static FFProbeAnalysis? ParseProbe(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<FFProbeAnalysis>(json, ProbeJson);
        }
        catch (JsonException broken)
        {
            throw new UnreadableAudioException("The file's header makes no sense.", broken.Message);
        }
    }

    private static double? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? seconds
            : null;

    private static string Reason(string errors)
    {
        bool Says(string words) => errors.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Says("Permission denied")) return "The file may not be read.";
        if (Says("No such file")) return "The file does not exist.";
        if (Says("moov atom not found")) return "The file is cut off: its index is missing.";
        if (Says("not on whitelist")) return "This is not a kind of audio file that can be read.";
        if (Says("Cannot allocate memory")) return "Reading the file takes too much memory.";
        return NotAudio;
    }
}
