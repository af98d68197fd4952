namespace OpenMU.Mir.Audio;

/// <summary>The packets of an Ogg file, put together from its pages.</summary>
internal static class OggPackets
{
    private const int HeadBytes = 27, MaxPages = 20_000, MaxStreams = 32;

    /// <summary>
    /// All packets from the start, with the serial number of their stream, as far as the limits reach.
    /// </summary>
    public static IEnumerable<(uint Serial, byte[] Packet)> Read(TagBytes file)
    {
        var open = new Dictionary<uint, MemoryStream>();
        var offset = 0L;
        for (var page = 0; page < MaxPages; page++)
        {
            var head = file.Read(offset, HeadBytes + 255);
            if (head.Length <= HeadBytes || !head.AsSpan().StartsWith("OggS"u8)) yield break;
            var serial = new ByteReader(head.AsSpan(14)).U32Le();
            var lacing = head[HeadBytes..Math.Min(head.Length, HeadBytes + head[26])];
            var length = lacing.Sum(size => size);
            var content = file.Read(offset + HeadBytes + lacing.Length, length);
            offset += HeadBytes + lacing.Length + length;
            if (open.Count >= MaxStreams || content.Length < length) yield break;
            if (!open.TryGetValue(serial, out var packet)) open[serial] = packet = new MemoryStream();

            var start = 0;
            foreach (var size in lacing)
            {
                packet.Write(content, start, size);
                start += size;
                // A segment of 255 bytes goes on in the next one.
                if (size == 255) continue;
                yield return (serial, packet.ToArray());
                packet.SetLength(0);
            }

            if (packet.Length > TagBytes.MaxPiece) yield break;
        }
    }
}
