using System.Security.Cryptography;
using OpenMU.Mir.Audio;
using OpenMU.Music.Lyrics;
using static OpenMU.Mir.Tests.Audio.TagBuilder;

namespace OpenMU.Mir.Tests.Audio;

public sealed class TagReaderTests : IDisposable
{
    private const string Id = "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae", OtherId = "1f9df192-a621-4f54-8850-2c5373b7eac9";
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Café del Mar", "Beyoncé")]
    [InlineData("Ænima", "Sigur Rós")]
    [InlineData("Größe", "Motörhead")]
    public async Task ID3v1_is_read_as_Latin_1(string title, string artist)
    {
        var tags =
            await TagsAsync("a.mp3", [.. Mp3(), .. Id3v1(title, artist, "Déjà Vu", "1999", track: 7, genre: 17)]);
        (tags.Title, tags.Artists.Single(), tags.Album).Should().Be((title, artist, "Déjà Vu"));
        (tags.Date, tags.TrackNumber, tags.Genres.Single()).Should().Be(("1999", 7, "Rock"));
        tags.Sources[TagKind.Title].Should().Be("ID3v1");
    }

    [Theory]
    [InlineData(new byte[] { (byte)'C', (byte)'a', (byte)'f', 0xE9 }, "Café")]
    [InlineData(new byte[] { 0x93, (byte)'A', 0x94, 0x20, 0x80 }, "“A” €")]
    [InlineData(new byte[] { 0xC3, 0x89, (byte)'t', 0xC3, 0xA9 }, "Été")]
    [InlineData(new byte[] { 0xE5, 0xB8, 0xB8 }, "常")]
    public async Task Eight_bit_text_is_UTF_8_where_that_is_valid_and_else_that_of_Windows(byte[] title,
        string expected)
    {
        (await TagsAsync("a.wav", Wave(Info(("INAM", title)), []))).Title.Should().Be(expected);
        (await TagsAsync("b.mp3", [.. Id3v2(3, ("TIT2", [0, .. title])), .. Mp3()])).Title.Should().Be(expected);
        (await TagsAsync("c.mp3", [.. Mp3(), .. Ape(("Title", 0, title))])).Title.Should().Be(expected);
    }

    [Theory]
    [InlineData("??? ?")]
    [InlineData("?")]
    [InlineData("Another title")]
    public async Task An_ID3_chunk_is_believed_before_RIFF_INFO_wherever_it_stands(string stub)
    {
        var info = Info(("INAM", Latin1(stub)), ("IART", Latin1("??")), ("IGNR", Latin1("Folk")));
        var id3 = Chunk("id3 ", Id3v2(3, ("TIT2", [1, .. Utf16("長相思 Ω")]), ("TPE1", [1, .. Utf16("常静")])));
        foreach (var file in (byte[][])[Wave(info, id3), Wave([.. id3, .. info], []), Wave([.. info, .. id3], [])])
        {
            var tags = await TagsAsync("a.wav", file);
            (tags.Title, tags.Artists.Single(), tags.Genres.Single()).Should().Be(("長相思 Ω", "常静", "Folk"));
        }
    }

    [Fact]
    public async Task Question_marks_in_the_better_container_give_way_to_words_in_the_other()
    {
        var tags = await TagsAsync("a.mp3",
            [.. Id3v2(3, ("TIT2", [0, .. Latin1("????")])), .. Mp3(), .. Id3v1("Señorita", "", "", "", 0, 255)]);
        tags.Title.Should().Be("Señorita");
        (await TagsAsync("b.mp3", [.. Id3v2(3, ("TIT2", [0, .. Latin1("???")])), .. Mp3()])).Title.Should().Be("???");
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(4, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 0)]
    public async Task All_values_of_an_ID3v2_frame_survive(int version, int encoding)
    {
        byte[] Text(string text) => [(byte)encoding,
            .. encoding switch { 0 => Latin1(text), 1 => Utf16(text), _ => Utf8(text) }];
        var tags = await TagsAsync("a.mp3",
        [
            .. Id3v2(version, ("TPE1", Text("Quentin Alpha\0Zelda Omega\0Zelda Omega")),
                ("TCON", Text("Jazz\0Bossa Nova")), ("TPE2", Text("AC/DC"))),
            .. Mp3(),
        ]);
        tags.Artists.Should().Equal("Quentin Alpha", "Zelda Omega");
        tags.Genres.Should().Equal("Jazz", "Bossa Nova");
        tags.AlbumArtists.Should().Equal("AC/DC");
        (await InfoAsync("a.mp3")).Artist.Should().Be("Quentin Alpha; Zelda Omega");
    }

    [Fact]
    public async Task Genres_with_semicolons_between_them_are_several() =>
        (await TagsAsync("a.mp3", [.. Id3v2(3, ("TCON", [0, .. Latin1("Jazz; Blues;Jazz;")])), .. Mp3()])).Genres.Should()
            .Equal("Jazz", "Blues");

    [Theory]
    [InlineData("(17)", "Rock")]
    [InlineData("17", "Rock")]
    [InlineData("(51)(39)", "Techno-Industrial|Noise")]
    [InlineData("(4)Eurodisco", "Eurodisco")]
    [InlineData("((Live) Sessions", "(Live) Sessions")]
    [InlineData("(RX)", "Remix")]
    [InlineData("Drum & Bass", "Drum & Bass")]
    [InlineData("(999)", "(999)")]
    public async Task Genres_by_number_get_their_names(string written, string expected) =>
        (await TagsAsync("a.mp3", [.. Id3v2(3, ("TCON", [0, .. Latin1(written)])), .. Mp3()])).Genres.Should()
            .Equal(expected.Split('|'));

    [Fact]
    public async Task Every_field_of_ID3v2_is_read()
    {
        byte[] Text(string text) => [3, .. Utf8(text)];
        byte[] lyricsInTime =
            [3, .. "eng"u8, 2, 1, 0, .. "Second"u8, 0, .. BigEndian(2500), .. "First"u8, 0, .. BigEndian(1000)];
        var tags = await TagsAsync("a.mp3",
        [
            .. Id3v2(4, ("TIT2", Text("Song")), ("TALB", Text("Album")), ("TCOM", Text("Ada\0Bob")),
                ("TDRC", Text("2001-02-03")), ("TDOR", Text("1969")),
                ("TSRC", Text("us-rc1-76-07839")), ("TBPM", Text("128")), ("TKEY", Text("F#m")), ("TRCK",
                    Text("3/12")), ("TPOS", Text("1/2")), ("TLAN", Text("eng")),
                ("TCOP", Text("2001 Someone")), ("TPUB", Text("Label")), ("COMM",
                    [3, .. "eng"u8, 0, .. "A comment\nof two lines"u8]),
                ("COMM", [3, .. "eng"u8, .. "iTunNORM"u8, 0, .. " 000004"u8]), ("USLT",
                    [1, .. "eng"u8, .. Utf16("x\0"), .. Utf16("La la\nla")]), ("SYLT", lyricsInTime),
                ("UFID", [.. "http://musicbrainz.org"u8, 0, .. Utf8(Id)]), ("TXXX",
                    Text($"MusicBrainz Album Id\0{OtherId}")),
                ("TXXX", Text($"MusicBrainz Artist Id\0{Id}\0{OtherId}")), ("TXXX", Text("Mood\0Calm")),
                ("APIC", [3, .. "image/png"u8, 0, 0, .. "back"u8, 0, .. Picture, 9]), ("APIC",
                    [3, .. "image/png"u8, 0, 3, .. "front"u8, 0, .. Picture])),
            .. Mp3(),
        ]);
        (tags.Title, tags.Album, tags.Date, tags.OriginalDate, tags.Bpm, tags.Key).Should()
            .Be(("Song", "Album", "2001-02-03", "1969", 128, "F#m"));
        (tags.TrackNumber, tags.TrackTotal, tags.DiscNumber, tags.DiscTotal).Should().Be((3, 12, 1, 2));
        tags.Composers.Should().Equal("Ada", "Bob");
        tags.Isrcs.Should().Equal("USRC17607839");
        (tags.Language, tags.Copyright, tags.Publisher, tags.Comment).Should()
            .Be(("eng", "2001 Someone", "Label", "A comment\nof two lines"));
        tags.Lyrics.Should().Be("La la\nla");
        tags.TimedLyrics.Should().Equal(new LyricLine(1, "First"), new LyricLine(2.5, "Second"));
        tags.MusicBrainzIds[TagKind.MusicBrainzRecordingId].Should().Equal(Id);
        tags.MusicBrainzIds[TagKind.MusicBrainzReleaseId].Should().Equal(OtherId);
        tags.MusicBrainzIds[TagKind.MusicBrainzArtistId].Should().Equal(Id, OtherId);
        tags.Cover.Should().Be(new TagCover("ID3v2.4", "image/png", Picture.Length,
            Convert.ToHexStringLower(SHA256.HashData(Picture))));
        tags.Others.Should().Contain(new TagField(TagKind.Other, "ID3v2.4", "Mood",
            "Calm")).And.Contain(field => field.Name == "COMM:iTunNORM");
    }

    [Fact]
    public async Task Lyrics_in_time_are_read_in_both_units_and_by_syllables()
    {
        byte[] Sylt(byte unit, params (string Text, int Time)[] pieces) =>
            [3, .. "eng"u8, unit, 1, 0, .. pieces.SelectMany(p => (byte[])[.. Utf8(p.Text), 0, .. BigEndian(p.Time)])];
        async Task<IReadOnlyList<LyricLine>> LinesAsync(string name, byte[] sylt) =>
            (await TagsAsync(name, [.. Id3v2(4, ("SYLT", sylt)), .. Mp3()])).ReadLyrics()!.Lines;

        folder.Write("s.mp3", Mp3());
        var rate = (await InfoAsync("s.mp3")).SampleRate;
        var frames = await LinesAsync("frames.mp3", Sylt(1, ("First", 0), ("Second", 100)));
        frames.Should().Equal(
            new LyricLine(0, "First"), new LyricLine(Math.Round(100 * (rate >= 32_000 ? 1152.0 : 576.0) / rate, 3), "Second"));

        var syllables = await LinesAsync(
            "words.mp3", Sylt(2, ("Hel", 1000), ("lo ", 1200), ("you", 1400), ("\nGood", 2000), ("bye", 2300)));
        syllables.Should().BeEquivalentTo(
            [
                new LyricLine(1, "Hello you", [new(1, "Hel"), new(1.2, "lo "), new(1.4, "you")]),
                new LyricLine(2, "Goodbye", [new(2, "Good"), new(2.3, "bye")]),
            ],
            options => options.WithStrictOrdering());

        // Frames of no MPEG audio last nobody knows how long: the words are kept without times.
        folder.Write("none.bin", [.. Id3v2(4, ("SYLT", Sylt(1, ("First", 0), ("Second", 100)))), .. "fLaC"u8]);
        TagReader.Read(folder["none.bin"]).Merge(null, null).ReadLyrics()!.Lines.Should()
            .Equal(new LyricLine(null, "First"), new LyricLine(null, "Second"));
    }

    [Fact]
    public async Task Lyrics_in_any_tag_may_be_LRC()
    {
        var tags = await TagsAsync(
            "a.mp3", [.. Id3v2(4, ("USLT", [3, .. "eng"u8, 0, .. "[ti:x]\n[00:01.00]One\n[00:02.00]Two"u8])), .. Mp3()]);

        tags.ReadLyrics()!.Lines.Should().Equal(new LyricLine(1, "One"), new LyricLine(2, "Two"));
    }

    [Fact]
    public async Task Old_and_odd_ID3v2_is_read()
    {
        var old = await TagsAsync("old.mp3",
            [.. Id3v2(2, ("TT2", [0, .. "Old"u8]), ("TP1", [1, .. Utf16("Łona")]), ("TRK", [0, .. "4"u8])), .. Mp3()]);
        (old.Title, old.Artists.Single(), old.TrackNumber).Should().Be(("Old", "Łona", 4));

        var date = await TagsAsync("date.mp3",
            [.. Id3v2(3, ("TYER", [0, .. "1987"u8]), ("TDAT", [0, .. "0503"u8])), .. Mp3()]);
        date.Date.Should().Be("1987-03-05");

        var bigEndian = await TagsAsync("be.mp3", [.. Id3v2(4, ("TIT2", [2, 0x01, 0x0C, 0, (byte)'e'])), .. Mp3()]);
        bigEndian.Title.Should().Be("Če");

        // A program that writes plain sizes into version 2.4, visible from 128 bytes on.
        var title = new string('x', 200);
        byte[] body = [.. "TIT2"u8, .. BigEndian(201), 0, 0, 3, .. Utf8(title), .. Frame(4, "TPE1", [3, .. "After"u8])];
        var plain = await TagsAsync("plain.mp3", [.. "ID3"u8, 4, 0, 0, .. SyncSafe(body.Length), .. body, .. Mp3()]);
        (plain.Title, plain.Artists.Single()).Should().Be((title, "After"));

        // A tag before the tag: the outer one is newer.
        var twice = await TagsAsync("twice.mp3",
            [.. Id3v2(3, ("TIT2", [0, .. "New"u8])), .. Id3v2(4, ("TIT2", [3, .. "Older"u8])), .. Mp3()]);
        twice.Title.Should().Be("New");
    }

    [Fact]
    public async Task APEv2_is_believed_before_ID3v1_and_has_several_values()
    {
        var tags = await TagsAsync("a.mp3",
        [
            .. Mp3(), .. Ape(("Title", 0, Utf8("Whole title of more than thirty letters")),
                ("Artist", 0, Utf8("Žaneta\0Øystein")), ("Track", 0, Utf8("2/9")),
                ("Cover Art (Front)", 2, [.. "front.png"u8, 0, .. Picture])),
            .. Id3v1("Whole title of more than thirt", "Zaneta", "Only here", "", 0, 255),
        ]);
        (tags.Title, tags.Album, tags.TrackNumber, tags.TrackTotal).Should()
            .Be(("Whole title of more than thirty letters", "Only here", 2, 9));
        tags.Artists.Should().Equal("Žaneta", "Øystein");
        tags.Cover!.Bytes.Should().Be(Picture.Length);
        tags.Sources[TagKind.Artist].Should().Be("APEv2");
    }

    [Theory]
    [InlineData("a.flac")]
    [InlineData("a.ogg")]
    [InlineData("a.opus")]
    [InlineData("flac.oga")]
    public async Task Repeated_Vorbis_comments_survive(string name)
    {
        Source();
        folder.Write("metadata.txt", Utf8(
            ";FFMETADATA1\ntitle=Song\nartist=ONE\ngenre=Two Words\nBPM=97.5\ninitialkey=8A\ncomment=hm\n"
            + $"TRACKNUMBER=5\ntracktotal=6\nalbumartist=Band\nmusicbrainz_trackid={Id}\nlyrics=a line\\\nanother\n"
            + "SYNCEDLYRICS=[00:02.50]late\\\n[00:01.00]early\nisrc=USRC17607839\n"));
        folder.Ffmpeg(["-i", "source.wav", "-i", "metadata.txt", "-map_metadata", "1",
            .. name == "flac.oga" ? ["-c:a", "flac"] : Array.Empty<string>(), name]);
        // ffmpeg cannot write a field twice, so another field of the same length becomes the second artist.
        var bytes = File.ReadAllBytes(folder[name]);
        var genre = bytes.AsSpan().IndexOf(Utf8("genre=Two Words"));
        "artist=The Four"u8.CopyTo(bytes.AsSpan(genre));
        var tags = await TagsAsync(name, FixOggChecksums(bytes));
        tags.Artists.Should().Equal("ONE", "The Four");
        (tags.Title, tags.Bpm, tags.Key, tags.Comment, tags.TrackNumber, tags.TrackTotal).Should()
            .Be(("Song", 97.5, "8A", "hm", 5, 6));
        tags.AlbumArtists.Should().Equal("Band");
        tags.MusicBrainzIds[TagKind.MusicBrainzRecordingId].Should().Equal(Id);
        tags.Lyrics.Should().Be("a line\nanother");
        tags.TimedLyrics.Should().Equal(new LyricLine(1, "early"), new LyricLine(2.5, "late"));
        tags.Isrcs.Should().Equal("USRC17607839");
    }

    [Fact]
    public async Task Several_data_atoms_of_an_MP4_item_survive()
    {
        Source();
        folder.Ffmpeg("-i", "source.wav", "-map_metadata", "-1", "-fflags", "+bitexact", "a.m4a");
        var tags = await TagsAsync("a.m4a", WithItems(File.ReadAllBytes(folder["a.m4a"]),
            Item("©nam", 1, Utf8("Titre")), Item("©ART", 1, Utf8("Élodie"), Utf8("Bjørn")), Item("aART", 1,
                Utf8("Both")), Item("©wrt", 1, Utf8("Komponist")),
            Item("©day", 1, Utf8("2012")), Item("trkn", 0, [0, 0, 0, 3, 0, 8, 0, 0]), Item("disk", 0,
                [0, 0, 0, 1, 0, 2]), Item("tmpo", 21, [0, 93]), Item("gnre", 0, [0, 9]),
            Item("covr", 14, Picture), Item("©lyr", 1, Utf8("la\nla")), FreeItem("MusicBrainz Track Id",
                Utf8(Id)), FreeItem("initialkey", Utf8("Am")),
            FreeItem("ISRC", Utf8("USRC17607839"), Utf8("GBAYE0601498"))));
        tags.Artists.Should().Equal("Élodie", "Bjørn");
        (tags.Title, tags.Date, tags.Bpm, tags.Key, tags.Lyrics).Should().Be(("Titre", "2012", 93, "Am", "la\nla"));
        (tags.TrackNumber, tags.TrackTotal, tags.DiscNumber, tags.DiscTotal).Should().Be((3, 8, 1, 2));
        (tags.AlbumArtists.Single(), tags.Composers.Single(), tags.Genres.Single()).Should()
            .Be(("Both", "Komponist", "Jazz"));
        tags.Isrcs.Should().Equal("USRC17607839", "GBAYE0601498");
        tags.MusicBrainzIds[TagKind.MusicBrainzRecordingId].Should().Equal(Id);
        tags.Cover!.MediaType.Should().Be("image/png");
    }

    [Theory]
    [InlineData("Stereo 2.0 FLAC")]
    [InlineData("English")]
    [InlineData("Audio 1")]
    public async Task A_label_of_a_Matroska_stream_is_no_title(string label)
    {
        Source();
        folder.Ffmpeg("-i", "source.wav", "-c:a", "flac", "-metadata", "title=Evening Song", "-metadata",
            "artist=Real Artist", "-metadata", "genre=Folk",
            "-metadata:s:a:0", $"title={label}", "both.mka");
        folder.Ffmpeg("-i", "source.wav", "-c:a", "flac", "-metadata:s:a:0", $"title={label}", "label.mka");
        var tags = (await InfoAsync("both.mka")).Tags;
        (tags.Title, tags.Artists.Single(), tags.Genres.Single()).Should().Be(("Evening Song", "Real Artist", "Folk"));
        (await InfoAsync("label.mka")).Tags.Title.Should().BeNull();
    }

    [Fact]
    public async Task Tags_of_other_containers_are_read()
    {
        Source();
        string[] written = ["-metadata", "title=Größe", "-metadata", "artist=Łona", "-metadata", "album=Alb",
            "-metadata", "genre=Ska", "-metadata", "composer=Kim"];
        foreach (var name in (string[])["a.wma", "a.wv", "a.mkv", "a.m4a", "a.mp3", "a.flac", "a.mov", "a.tta"])
        {
            folder.Ffmpeg(["-i", "source.wav", .. written, name]);
            var tags = (await InfoAsync(name)).Tags;
            (tags.Title, tags.Artists.SingleOrDefault(), tags.Album, tags.Genres.SingleOrDefault()).Should()
                .Be(("Größe", "Łona", "Alb", "Ska"), name);
            tags.Sources[TagKind.Title].Should().NotBe("ffprobe", name);
        }

        folder.Ffmpeg(["-i", "source.wav", .. written, "-write_id3v2", "1", "a.aiff"]);
        (await InfoAsync("a.aiff")).Tags.Title.Should().Be("Größe");
        folder.Ffmpeg(["-i", "source.wav", .. written, "a.caf"]);
        (await InfoAsync("a.caf")).Tags.Title.Should().Be("Größe");
    }

    [Fact]
    public async Task Values_that_are_no_numbers_or_ids_are_kept_as_they_are()
    {
        byte[] Text(string text) => [3, .. Utf8(text)];
        var tags = await TagsAsync("a.mp3",
        [
            .. Id3v2(4, ("TBPM", Text("fast")), ("TSRC", Text("none")), ("TRCK", Text("A1")),
                ("TXXX", Text("MusicBrainz Album Id\0unknown"))), .. Mp3(),
        ]);
        (tags.Bpm, tags.TrackNumber, tags.Isrcs.Count, tags.MusicBrainzIds.Count).Should().Be((null, null, 0, 0));
        tags.Others.Select(field => field.Value).Should().Contain(["fast", "none", "unknown"]);
    }

    [Fact]
    public async Task A_tag_of_a_hundred_thousand_frames_does_not_stop_the_music()
    {
        var frames = Enumerable.Range(0, 100_000)
            .Select(i => ("TXXX", (byte[])[3, .. Utf8($"key {i}\0v")]))
            .Prepend(("TIT2", [3, .. "Song"u8]))
            .ToArray();
        folder.Write("a.mp3", [.. Id3v2(4, frames), .. Mp3()]);
        var info = await InfoAsync("a.mp3");
        info.Title.Should().Be("Song");
        info.Tags.Others.Count.Should().BeLessThanOrEqualTo(1000);
        (await AudioFile.ReadMonoAsync(folder["a.mp3"], 22_050, null, DecodeLimits.Default,
            CancellationToken.None)).DurationSeconds.Should().BeApproximately(1, 0.1);
    }

    private void Source() => folder.WriteWav("source.wav", [TestFolder.Sine(441, 1)]);

    private byte[] Mp3()
    {
        if (!File.Exists(folder["plain.mp3"]))
        {
            Source();
            folder.Ffmpeg("-i", "source.wav", "-b:a", "64k", "-id3v2_version", "0", "-write_id3v1", "0",
                "-map_metadata", "-1", "plain.mp3");
        }

        return File.ReadAllBytes(folder["plain.mp3"]);
    }

    private static byte[] FixOggChecksums(byte[] bytes) =>
        bytes.AsSpan().StartsWith("OggS"u8) ? OggPages.WithChecksums(bytes) : bytes;

    private async Task<FileTags> TagsAsync(string name, byte[] bytes)
    {
        folder.Write(name, bytes);
        return (await InfoAsync(name)).Tags;
    }

    private async Task<AudioInfo> InfoAsync(string name)
    {
        var info = await AudioFile.ProbeAsync(folder[name], DecodeLimits.Default, CancellationToken.None);
        await OneStartTests.ShouldSayTheSameAsync(folder[name], info);
        return info;
    }
}
