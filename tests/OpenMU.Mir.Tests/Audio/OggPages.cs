using System.Buffers.Binary;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>Changes the pages of Ogg files.</summary>
internal static class OggPages
{
    /// <summary>The same file with right checksums.</summary>
    public static byte[] WithChecksums(byte[] file) => Change(file, (_, _) => { });

    /// <summary>The same file after a change to each of its pages.</summary>
    /// <param name="file">A whole Ogg file.</param>
    /// <param name="change">Takes the number of the page and its bytes.</param>
    public static byte[] Change(byte[] file, Action<int, byte[]> change)
    {
        var changed = new MemoryStream();
        var number = 0;
        for (var start = 0; start < file.Length; number++)
        {
            var segments = file[start + 26];
            var length = 27 + segments + file.AsSpan(start + 27, segments).ToArray().Sum(size => size);
            var page = file.AsSpan(start, length).ToArray();
            change(number, page);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(22), 0);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(22), Checksum(page));
            changed.Write(page);
            start += length;
        }

        return changed.ToArray();
    }

    private static uint Checksum(byte[] page)
    {
        var sum = 0u;
        foreach (var b in page)
        {
            sum ^= (uint)b << 24;
            for (var bit = 0; bit < 8; bit++) sum = (sum << 1) ^ ((sum & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0);
        }

        return sum;
    }
}
