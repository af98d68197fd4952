namespace OpenMU.Mir.Audio;

/// <summary>Vorbis comments, in FLAC and Ogg: UTF-8, a field is repeated for each of its values.</summary>
internal static class VorbisComments
{
    private const int MaxComments = 20_000, MaxPictureText = 32 << 20;

    /// <summary>Reads comments that begin with the vendor's name.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, TagOrigin into)
    {
        var reader = new ByteReader(bytes);
        reader.Skip(reader.U32Le());
        var count = Math.Min(reader.U32Le(), MaxComments);
        for (var i = 0; i < count && !reader.AtEnd; i++)
        {
            var comment = reader.Take(reader.U32Le());
            if (comment.IndexOf((byte)'=') is not (> 0 and < 200 and var equals)) continue;
            var name = TagCharset.EightBit(comment[..equals]);
            if (name.Equals("METADATA_BLOCK_PICTURE", StringComparison.OrdinalIgnoreCase))
                ReadEncodedPicture(comment[(equals + 1)..], into);
            else into.AddFree(name, TagCharset.EightBit(comment[(equals + 1)..]));
        }
    }

    /// <summary>Reads a picture block of FLAC.</summary>
    public static void ReadPicture(ReadOnlySpan<byte> block, TagOrigin into)
    {
        const uint FrontCover = 3;
        var reader = new ByteReader(block);
        var isFront = reader.U32Be() == FrontCover;
        reader.Skip(reader.U32Be());
        reader.Skip(reader.U32Be());
        reader.Skip(16);
        into.AddCover(isFront, reader.Take(reader.U32Be()));
    }

    private static void ReadEncodedPicture(ReadOnlySpan<byte> base64, TagOrigin into)
    {
        if (base64.Length > MaxPictureText) return;
        var block = new byte[base64.Length];
        var status = System.Buffers.Text.Base64.DecodeFromUtf8(base64, block, out _, out var length);
        if (status == System.Buffers.OperationStatus.Done) ReadPicture(block.AsSpan(0, length), into);
    }
}
