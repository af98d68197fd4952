using System.Globalization;

namespace OpenMU.Mir.Audio;

/// <summary>What ffprobe or ffmpeg says about a file's stream of sound, tags aside.</summary>
/// <param name="Container">Names of the format, with commas.</param>
/// <param name="Codec">Name of the coding.</param>
/// <param name="SampleRate">Hz.</param>
/// <param name="Channels">Their number.</param>
/// <param name="Layout">Their places; null where the file does not say.</param>
/// <param name="Seconds">Duration; null where nothing tells.</param>
/// <param name="IsGuess">Whether the duration is a guess by the bit rate.</param>
internal sealed record StreamFacts(
    string? Container, string Codec, int SampleRate, int Channels, string? Layout, double? Seconds, bool IsGuess)
{
    /// <summary>A complaint that both programs make of a duration that nothing in the file tells.</summary>
    public const string GuessedDuration = "Estimating duration from bitrate";

    /// <summary>
    /// Whether the duration is a length that no writer meant, see <see cref="RiffTags.NearlyTwoGigabytes"/>.
    /// </summary>
    /// <param name="fileBytes">How long the file is.</param>
    public bool IsPlaceholder(long fileBytes)
    {
        if (!Codec.StartsWith("pcm_", StringComparison.Ordinal)) return false;
        var claimedBytes = Seconds * SampleRate * Channels * BitsOfPcm(Codec) / 8;
        return claimedBytes >= RiffTags.NearlyTwoGigabytes && claimedBytes > 1.01 * fileBytes;
    }

    // pcm_s24le has 24; those without a number (the two laws of telephony) have 8.
    private static int BitsOfPcm(string codec)
    {
        var digits = string.Concat(codec.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit));
        return int.TryParse(digits, CultureInfo.InvariantCulture, out var bits) ? bits : 8;
    }
}
