namespace OpenMU.Mir.Audio;

/// <summary>The 128 bytes at the end of an MP3: no encoding is named, in practice it is that of Windows.</summary>
internal static class Id3v1
{
    public const int Bytes = 128;

    public static bool IsTag(ReadOnlySpan<byte> tail) => tail.Length == Bytes && tail.StartsWith("TAG"u8);

    public static void Read(ReadOnlySpan<byte> tag, TagOrigin into)
    {
        into.Add(TagKind.Title, "title", TagCharset.Fixed(tag[3..33]));
        into.Add(TagKind.Artist, "artist", TagCharset.Fixed(tag[33..63]));
        into.Add(TagKind.Album, "album", TagCharset.Fixed(tag[63..93]));
        into.Add(TagKind.Date, "year", TagCharset.Fixed(tag[93..97]));
        // Version 1.1 ends the comment early and has the number of the track in its last byte.
        into.Add(TagKind.Comment, "comment", TagCharset.Fixed(tag[125] == 0 ? tag[97..125] : tag[97..127]));
        if (tag[125] == 0 && tag[126] > 0) into.Add(TagKind.TrackNumber, "track", $"{tag[126]}");
        into.Add(TagKind.Genre, "genre", Id3Genres.Of(tag[127]));
    }
}
