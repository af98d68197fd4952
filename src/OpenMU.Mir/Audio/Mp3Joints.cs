namespace OpenMU.Mir.Audio;

/// <summary>
/// Tags in the middle of an MP3, where files were joined end to end. The decoder stumbles over each of them, though no
/// sound is lost.
/// </summary>
internal static class Mp3Joints
{
    private const int BlockBytes = 1 << 20, MaxBytes = 256 << 20;

    /// <summary>How many tags there are behind the first sound, as far as they are looked for.</summary>
    public static int Count(string fullPath)
    {
        using var file = File.OpenHandle(fullPath);
        var block = new byte[BlockBytes + Id3v1.Bytes + 4];
        var joints = 0;
        // Blocks overlap, so that a tag on an edge is seen whole once.
        for (long start = 0; start < MaxBytes; start += BlockBytes)
        {
            var read = RandomAccess.Read(file, block, start);
            for (var i = start == 0 ? 1 : 0; i < Math.Min(read, BlockBytes); i++)
            {
                if (block[i] is (byte)'I' or (byte)'T' or (byte)'A' && IsTag(block.AsSpan(i, read - i))) joints++;
            }

            if (read < block.Length) break;
        }

        return joints;
    }

    private static bool IsTag(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("ID3"u8)) return Id3v2.TotalBytes(bytes) > 0;
        if (bytes.StartsWith("APETAGEX"u8)) return true;
        // Three letters come by chance; what follows the tag does not.
        return bytes.StartsWith("TAG"u8) && bytes.Length > Id3v1.Bytes + 2 && IsFollowed(bytes[Id3v1.Bytes..]);
    }

    private static bool IsFollowed(ReadOnlySpan<byte> next) =>
        (next[0] == 0xFF && (next[1] & 0xE0) == 0xE0) || next.StartsWith("ID3"u8);
}
