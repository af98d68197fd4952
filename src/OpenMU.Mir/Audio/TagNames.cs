namespace OpenMU.Mir.Audio;

/// <summary>What the names of fields mean.</summary>
internal static class TagNames
{
    // Free names, as Vorbis comments, APEv2, Matroska, MP4, ASF, TXXX frames and ffprobe have them: letters and digits
    // only, in capitals.
    private static readonly Dictionary<string, TagKind> Free = Table("""
        Title: TITLE
        Artist: ARTIST AUTHOR
        Album: ALBUM ALBUMTITLE
        AlbumArtist: ALBUMARTIST
        Composer: COMPOSER
        Genre: GENRE
        Date: DATE YEAR DATERELEASED RELEASEDATE
        OriginalDate: ORIGINALDATE ORIGINALYEAR ORIGINALRELEASETIME ORIGINALRELEASEYEAR
        Isrc: ISRC TSRC
        MusicBrainzRecordingId: MUSICBRAINZTRACKID MUSICBRAINZRECORDINGID
        MusicBrainzReleaseTrackId: MUSICBRAINZRELEASETRACKID
        MusicBrainzReleaseId: MUSICBRAINZALBUMID MUSICBRAINZRELEASEID
        MusicBrainzReleaseGroupId: MUSICBRAINZRELEASEGROUPID
        MusicBrainzArtistId: MUSICBRAINZARTISTID
        MusicBrainzAlbumArtistId: MUSICBRAINZALBUMARTISTID
        MusicBrainzWorkId: MUSICBRAINZWORKID
        AcoustId: ACOUSTIDID
        Bpm: BPM TBPM TEMPO BEATSPERMINUTE
        Key: KEY INITIALKEY TKEY
        Comment: COMMENT COMMENTS DESCRIPTION
        TrackNumber: TRACKNUMBER TRACK TRCK PARTNUMBER
        TrackTotal: TRACKTOTAL TOTALTRACKS TOTALPARTS
        DiscNumber: DISCNUMBER DISC DISK PARTOFSET
        DiscTotal: DISCTOTAL TOTALDISCS
        Lyrics: LYRICS UNSYNCEDLYRICS UNSYNCHRONISEDLYRICS
        Language: LANGUAGE
        Copyright: COPYRIGHT
        Publisher: PUBLISHER LABEL ORGANIZATION
        """);

    private static readonly Dictionary<string, TagKind> Coded = Table("""
        Title: TIT2 TT2 INAM ©nam
        Artist: TPE1 TP1 IART ©ART
        Album: TALB TAL IPRD ©alb
        AlbumArtist: TPE2 TP2 aART
        Composer: TCOM TCM IMUS ©wrt ©com
        Genre: TCON TCO IGNR ©gen
        Date: TDRC TYER TYE ICRD ©day
        OriginalDate: TDOR TORY TOR
        Isrc: TSRC TRC ISRC
        Bpm: TBPM TBP IBPM
        Key: TKEY TKE
        Comment: ICMT ©cmt
        TrackNumber: TRCK TRK ITRK IPRT
        DiscNumber: TPOS TPA
        Lyrics: ©lyr
        Language: TLAN TLA ILNG
        Copyright: TCOP TCR ICOP cprt ©cpy
        Publisher: TPUB TPB
        """);

    /// <summary>The meaning of a name that people chose, such as <c>MusicBrainz Album Id</c>.</summary>
    public static TagKind OfFree(string name)
    {
        var plain = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        if (name.StartsWith("WM/", StringComparison.OrdinalIgnoreCase)) plain = plain[2..];
        return Free.GetValueOrDefault(plain);
    }

    /// <summary>
    /// The meaning of a code that a format fixes: a frame of ID3v2, a chunk of RIFF INFO, an atom of MP4.
    /// </summary>
    public static TagKind OfCode(string code) => Coded.GetValueOrDefault(code);

    private static Dictionary<string, TagKind> Table(string lines) => new(
        from line in lines.Split('\n')
        let parts = line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries)
        from name in parts.Skip(1)
        select KeyValuePair.Create(name, Enum.Parse<TagKind>(parts[0])));
}
