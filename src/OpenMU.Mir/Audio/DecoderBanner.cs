using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Mir.Audio;

/// <summary>
/// Reads what ffmpeg says of its input and its output before the first sample, with each line's level in front of it
/// (<c>-loglevel level+info</c>). So one start of ffmpeg tells what else takes a start of ffprobe, a fifth of a second
/// of processor time with a distribution's build. Where the lines do not tell enough, nothing is believed of them.
/// </summary>
internal sealed partial class DecoderBanner
{
    // Of output in float32 at the decoder's rate: what it says of its bits tells the number of channels.
    private const double KilobitsOfChannel = AudioDecoder.SampleRate * 32 / 1000.0;

    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? container, codec, layout;
    private double? seconds;
    private int sampleRate, streams, outputChannels;
    private bool isPrefixed, isPastInput, isLayoutGuessed, isGuess;

    /// <summary>Ends with the last line of the banner; never, if there is none.</summary>
    public Task Completed => completed.Task;

    /// <summary>The language of the stream; null if it has none.</summary>
    public string? Language { get; private set; }

    /// <summary>
    /// What the banner says; null if that is not all of the one stream of the file: then ffprobe should be asked.
    /// </summary>
    public StreamFacts? Facts => Completed.IsCompleted && streams == 1 && codec is not null and not "none"
        && outputChannels is > 0 and <= AudioInfo.MaxChannels
            ? new(container, codec, sampleRate, outputChannels, isLayoutGuessed ? null : layout, seconds, isGuess)
            : null;

    /// <summary>Takes one line of ffmpeg's.</summary>
    /// <returns>The line without its level where it is about an error; else null.</returns>
    public string? Take(string line)
    {
        if (Level().Match(line) is not { Success: true } match)
        {
            // The loader complains before, and other libraries after; in between names may have line breaks.
            return isPrefixed && !Completed.IsCompleted ? null : line;
        }

        isPrefixed = true;
        var (level, text) = (match.Groups["level"].Value, match.Groups["text"].Value);
        if (level is "error" or "fatal" or "panic") return match.Groups["from"].Value + text;
        if (!Completed.IsCompleted) Read(text);
        return null;
    }

    private void Read(string text)
    {
        if (text.StartsWith("Guessed Channel Layout", StringComparison.Ordinal)) isLayoutGuessed = true;
        else if (text.StartsWith(StreamFacts.GuessedDuration, StringComparison.Ordinal)) isGuess = true;
        else if (text.StartsWith("Stream mapping:", StringComparison.Ordinal)) isPastInput = true;
        else if (isPastInput) ReadOutput(text);
        else if (Input().Match(text) is { Success: true } input) container ??= input.Groups[1].Value;
        else if (Duration().Match(text) is { Success: true } duration) seconds ??= SecondsOf(duration);
        else if (Stream().Match(text) is { Success: true } stream) ReadStream(stream);
    }

    private void ReadOutput(string text)
    {
        if (Output().Match(text) is not { Success: true } output) return;
        var kilobits = double.Parse(output.Groups[1].Value, CultureInfo.InvariantCulture);
        outputChannels = (int)Math.Min(Math.Round(kilobits / KilobitsOfChannel), int.MaxValue);
        completed.TrySetResult();
    }

    private void ReadStream(Match stream)
    {
        var what = stream.Groups["what"].Value;
        if (what.EndsWith("(attached pic)", StringComparison.Ordinal)) return;
        streams++;
        if (stream.Groups["kind"].Value != "Audio" || codec is not null) return;
        if (Sound().Match(what) is not { Success: true } sound) return;
        if (!int.TryParse(sound.Groups["rate"].Value, CultureInfo.InvariantCulture, out sampleRate)) return;
        (codec, layout) = (sound.Groups["codec"].Value, sound.Groups["layout"].Value);
        // A number alone is no layout.
        if (layout.EndsWith(" channels", StringComparison.Ordinal)) layout = null;
        Language = stream.Groups["language"] is { Success: true } language ? language.Value : null;
    }

    private static double? SecondsOf(Match duration)
    {
        double Part(int group) => double.Parse(duration.Groups[group].Value, CultureInfo.InvariantCulture);
        return (Part(1) * 3600) + (Part(2) * 60) + Part(3);
    }

    // [mp3 @ 0x55d0c8a3e2c0] [warning] Estimating duration from bitrate, this may be inaccurate
    [GeneratedRegex(@"^(?<from>(?:\[[^\]]* @ 0x[0-9a-f]+\] )*)\[(?<level>[a-z]+)\] (?<text>.*)$")]
    private static partial Regex Level();

    [GeneratedRegex("^Input #0, (.+), from '")]
    private static partial Regex Input();

    [GeneratedRegex(@"^  Duration: ([0-9]{1,9}):([0-9]{2}):([0-9]{2}\.[0-9]{2}),")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^ +Stream #0:[0-9]+(?:\[0x[0-9a-f]+\])?(?:\((?<language>[^)]*)\))?"
        + ": (?<kind>[A-Z][a-z]+): (?<what>.*)$")]
    private static partial Regex Stream();

    [GeneratedRegex("^(?<codec>[a-z0-9_]+).*?, (?<rate>[0-9]{1,9}) Hz, (?<layout>[A-Za-z0-9.()+ ]{1,100})(?:,|$)")]
    private static partial Regex Sound();

    [GeneratedRegex("^ +Stream #0:0.*?: Audio: pcm_f32le.*, ([0-9]{1,9}) kb/s")]
    private static partial Regex Output();
}
