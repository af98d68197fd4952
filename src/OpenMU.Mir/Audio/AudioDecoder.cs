using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using FFMpegCore;

namespace OpenMU.Mir.Audio;

/// <summary>A running decode: interleaved samples at 44,100 Hz, block by block, in memory that does not grow.</summary>
public sealed partial class AudioDecoder : IAsyncDisposable
{
    /// <summary>Hz of everything that is decoded.</summary>
    public const int SampleRate = 44_100;

    /// <summary>Most frames in a block.</summary>
    public const int BlockFrames = 16_384;

    // Beyond 120 dB over full scale a value is no sound: such files store garbage in float samples.
    private const float LargestSample = 1e6f;

    private readonly MediaProcess process;
    private readonly string path;
    private readonly DecodeLimits limits;
    private readonly double? probedSeconds;
    private readonly byte[] buffer;
    private readonly float[] samples;
    private int waiting;
    private bool ended, isBrokenOff;

    internal AudioDecoder(string fullPath, AudioInfo info, DecodeLimits limits, CancellationToken cancel)
        : this(Start(fullPath, info, limits, cancel), fullPath, info, limits)
    {
    }

    private AudioDecoder(MediaProcess process, string fullPath, AudioInfo info, DecodeLimits limits)
    {
        this.process = process;
        path = fullPath;
        this.limits = limits;
        Info = info;
        probedSeconds = info.ProbedSeconds;
        Channels = info.DecodedChannels;
        samples = new float[BlockFrames * Channels];
        buffer = new byte[samples.Length * sizeof(float)];
    }

    /// <summary>What the file says about itself.</summary>
    public AudioInfo Info { get; }

    public int Channels { get; }

    internal int ProcessId => process.Id;

    /// <summary>Frames delivered so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Seconds delivered so far.</summary>
    public double Seconds => (double)Frames / SampleRate;

    /// <summary>Samples that were no finite number, or absurdly large, and were replaced by zero.</summary>
    public long BrokenSamples { get; private set; }

    /// <summary>Complaints of the decoder; complete when the last block was read.</summary>
    public int Errors { get; private set; }

    /// <summary>What the header claims, in seconds; null if it claims nothing.</summary>
    public double? ClaimedSeconds => probedSeconds;

    /// <summary>
    /// The file's header promises clearly more sound than there is; known when the last block was read.
    /// </summary>
    public bool IsShorterThanClaimed => ended && probedSeconds - Seconds > 1 && Seconds < 0.95 * probedSeconds;

    /// <summary>
    /// There is less than a whole track: the header promises more, or the decoder gave up; known when the last block
    /// was read.
    /// </summary>
    public bool IsTruncated => isBrokenOff || IsShorterThanClaimed;

    /// <summary>The next block of whole frames, interleaved; valid until the next call. Empty at the end.</summary>
    /// <exception cref="UnreadableAudioException">There is no sound at all, or more than the limits allow.</exception>
    /// <exception cref="DecoderUnavailableException">
    /// The decoder did not come to an end by itself: what it gave is no result.
    /// </exception>
    public async ValueTask<ReadOnlyMemory<float>> ReadAsync()
    {
        if (ended) return default;
        var bytes = waiting + await process.ReadAsync(buffer.AsMemory(waiting));
        waiting = 0;
        var frames = bytes / sizeof(float) / Channels;
        Frames += frames;
        if (Seconds > limits.MaxSeconds) throw TooLong(limits);
        if (bytes < buffer.Length) await EndAsync();

        var block = samples.AsMemory(0, frames * Channels);
        MemoryMarshal.Cast<byte, float>(buffer.AsSpan())[..block.Length].CopyTo(block.Span);
        BrokenSamples += Repair(block.Span);
        return block;
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    /// <summary>
    /// Decodes a file of which nothing is known yet: ffmpeg itself says what it found.
    /// </summary>
    /// <param name="fullPath">The file.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="limits">Bounds on time, memory and length.</param>
    /// <param name="cancel">Ends the decoder process.</param>
    /// <returns>Null where it does not say enough, or gives no sound: then ffprobe should be asked.</returns>
    internal static async Task<AudioDecoder?> TryStartAsync(
        string fullPath, TagReader tags, DecodeLimits limits, CancellationToken cancel)
    {
        var banner = new DecoderBanner();
        var arguments = Arguments(fullPath, "repeat+level+info -nostats", tags.HeavyTagBytes, places: "", limits);
        var process = MediaProcess.Start(
            "ffmpeg", arguments, fullPath, limits.DecodeProcessorTime, limits, cancel, banner);
        try
        {
            var first = new byte[sizeof(float)];
            if (await process.ReadAsync(first) < first.Length)
            {
                await process.ExitAsync();
                await process.DisposeAsync();
                return null;
            }

            await process.BannerAsync();
            if (banner.Facts is not { } facts)
            {
                await process.DisposeAsync();
                return null;
            }

            var language = new Dictionary<string, string>();
            if (banner.Language is { } spoken) language["language"] = spoken;
            var info = AudioFile.Describe(
                facts, tags.Merge(container: null, language), tags, new FileInfo(fullPath).Length);
            RequireLength(info, limits);
            var decoder = new AudioDecoder(process, fullPath, info, limits) { waiting = first.Length };
            first.CopyTo(decoder.buffer, 0);
            return decoder;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Refuses what claims to be far too long. Duration is an estimate in some formats, so only a claim far beyond the
    /// limit is believed unheard.
    /// </summary>
    internal static void RequireLength(AudioInfo info, DecodeLimits limits)
    {
        if (info.ProbedSeconds > 1.5 * limits.MaxSeconds) throw TooLong(limits);
    }

    private static UnreadableAudioException TooLong(DecodeLimits limits) =>
        new(limits.MaxSeconds >= 3600
            ? $"The track is longer than {limits.MaxSeconds / 3600:0.#} hours."
            : $"The track is longer than {limits.MaxSeconds:0.#} seconds.");

    private async Task EndAsync()
    {
        var exitCode = await process.ExitAsync();
        ended = true;
        isBrokenOff = exitCode != 0;
        Errors = process.ErrorLines - (process.MissingHeaders > 0 ? ErrorsAtJoints() : 0);
        // ffmpeg ends with 0 when a header is followed by no sound, so the samples decide and not the exit code.
        if (Frames > 0) return;
        throw new UnreadableAudioException(
            exitCode == 0 && Errors == 0
                ? "The file has a header but no sound."
                : "The file is too damaged to be decoded.",
            process.Errors);
    }

    // Each tag between joined files costs two lines: a header is missing, so a packet is not decoded.
    private int ErrorsAtJoints() =>
        Math.Min(process.ErrorLines, 2 * Math.Min(process.MissingHeaders, Mp3Joints.Count(path)));

    private static MediaProcess Start(
        string fullPath, AudioInfo info, DecodeLimits limits, CancellationToken cancel)
    {
        // The first file of a chain, or the first packets, fix the channels. Where the file says which they are they
        // stay so: four by number alone would become others.
        var places = info.Channels > AudioInfo.MaxChannels
            ? $"-af pan={AudioInfo.MaxChannels}c|"
                + string.Join('|', Enumerable.Range(0, AudioInfo.MaxChannels).Select(c => $"c{c}=c{c}"))
                + $" -ac {AudioInfo.MaxChannels}"
            : info.ChannelLayout is { } layout && LayoutName().IsMatch(layout)
                ? $"-af aformat=channel_layouts={layout}"
                : $"-ac {info.Channels}";
        return MediaProcess.Start(
            "ffmpeg", Arguments(fullPath, "repeat+error", info.SkippedBytes, places, limits), fullPath,
            limits.DecodeProcessorTime, limits, cancel);
    }

    // Of one file ffmpeg keeps sampling rate and channels as they were at first, so a file that changes either half-way
    // cannot change the output. Its tags would be said again with the output.
    private static string Arguments(
        string fullPath, string logLevel, long skippedBytes, string places, DecodeLimits limits) =>
        FFMpegArguments
            .FromFileInput(MediaProcess.EscapeInQuotes("file:" + fullPath), verifyExists: false, input => input
                .WithCustomArgument($"-nostdin -v {logLevel} {MediaProcess.InputOptions}")
                .WithCustomArgument($"-skip_initial_bytes {skippedBytes} -vn -sn -dn -threads 1"))
            .OutputToUrl("pipe:1", output => output
                .WithCustomArgument($"-map 0:a:0 -map_metadata -1 -map_chapters -1 {places}")
                .WithCustomArgument($"-t {limits.MaxSeconds + 1} -c:a pcm_f32le -f f32le")
                .WithAudioSamplingRate(SampleRate))
            .Arguments;

    [GeneratedRegex(@"^[a-z0-9.]+(\([a-z]+\))?$")]
    private static partial Regex LayoutName();

    // One integer comparison finds NaN, infinity and absurd values: without its sign bit a float
    // orders like an integer.
    private static int Repair(Span<float> samples)
    {
        var limit = new Vector<int>(BitConverter.SingleToInt32Bits(LargestSample));
        var magnitude = new Vector<int>(int.MaxValue);
        var broken = 0;
        var bits = MemoryMarshal.Cast<float, int>(samples);
        var i = 0;
        for (; i <= bits.Length - Vector<int>.Count; i += Vector<int>.Count)
        {
            if (Vector.GreaterThanAny(new Vector<int>(bits[i..]) & magnitude, limit))
                broken += RepairEach(samples.Slice(i, Vector<int>.Count));
        }

        return broken + RepairEach(samples[i..]);
    }

    private static int RepairEach(Span<float> samples)
    {
        var broken = 0;
        foreach (ref var sample in samples)
        {
            if (MathF.Abs(sample) <= LargestSample) continue;
            sample = 0;
            broken++;
        }

        return broken;
    }
}
