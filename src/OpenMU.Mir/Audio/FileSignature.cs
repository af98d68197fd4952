namespace OpenMU.Mir.Audio;

/// <summary>What a file's first bytes say, for names that do not tell.</summary>
internal static class FileSignature
{
    private const int HeadBytes = 12;

    /// <summary>
    /// The usual containers of sound: tagged MP3, FLAC, Ogg, WAV, AIFF, Matroska, CAF, MP4, ASF, and bare MPEG audio.
    /// </summary>
    public static bool IsAudio(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("ID3"u8) || head.StartsWith("fLaC"u8)) return true;
        if (head.StartsWith("OggS"u8) || head.StartsWith("caff"u8)) return true;
        if (head is [0x1A, 0x45, 0xDF, 0xA3, ..] or [0x30, 0x26, 0xB2, 0x75, ..]) return true;
        if (head.StartsWith("RIFF"u8) || head.StartsWith("RF64"u8))
            return head.Length >= HeadBytes && head[8..].StartsWith("WAVE"u8);
        if (head.StartsWith("FORM"u8))
            return head.Length >= HeadBytes && (head[8..].StartsWith("AIFF"u8) || head[8..].StartsWith("AIFC"u8));
        if (head.Length >= HeadBytes && head[4..].StartsWith("ftyp"u8)) return !IsPictureBrand(head[8..]);
        return IsMpegAudio(head);
    }

    /// <summary>The first bytes of a regular file that is not empty; none if it cannot be read.</summary>
    public static byte[] Read(FileInfo file)
    {
        try
        {
            // Pipes and devices have no length, and opening one could wait for ever.
            if (file.Length == 0) return [];
            using var stream = file.OpenRead();
            var head = new byte[HeadBytes];
            return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return [];
        }
    }

    // HEIC and AVIF pictures are MP4 files too.
    private static bool IsPictureBrand(ReadOnlySpan<byte> brand) =>
        brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.StartsWith("mif1"u8)
            || brand.StartsWith("msf1"u8) || brand.StartsWith("avi"u8);

    // A frame header of layer II or III with a sampling rate and a bit rate that exist, or of AAC. FF FE, which opens
    // UTF-16 text, is neither.
    private static bool IsMpegAudio(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4 || head[0] != 0xFF || (head[1] & 0xE0) != 0xE0) return false;
        if ((head[1] & 0xF6) == 0xF0) return ((head[2] >> 2) & 0xF) < 13;
        var (version, layer, bitRate, sampleRate) =
            ((head[1] >> 3) & 3, (head[1] >> 1) & 3, head[2] >> 4, (head[2] >> 2) & 3);
        return version != 1 && layer is 1 or 2 && bitRate is > 0 and < 15 && sampleRate < 3;
    }
}
