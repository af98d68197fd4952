using System.Text;
using CsCheck;
using FluentAssertions;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Tests.Lyrics;

public sealed class LyricsFileTests
{
    private const string Song = "[00:01.00]Für Élise — déjà vu\n[00:02.50]la la";

    public static TheoryData<string, bool> Encodings => new()
    {
        { "utf-8", false }, { "utf-8", true }, { "utf-16", true }, { "utf-16", false }, { "utf-16BE", true },
        { "utf-16BE", false },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_file_is_read_in_any_encoding_with_or_without_a_mark(string name, bool hasMark)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(Song.Replace("\n", "\r\n"))];

        LyricsFile.Read(bytes).Lines.Should()
            .Equal(new LyricLine(1, "Für Élise — déjà vu"), new LyricLine(2.5, "la la"));
    }

    [Fact]
    public void Eight_bits_that_are_no_UTF_8_are_Latin_1_with_the_dashes_of_Windows() =>
        LyricsFile.Read([.. "d"u8, 0xE9, .. "j"u8, 0xE0, 0x20, 0x96, .. " vu"u8]).Text.Should().Be("déjà – vu");

    [Fact]
    public void Any_bytes_are_lyrics_or_have_a_reason() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            LyricsFile.Read(bytes).Text.Should().NotBeEmpty();
        }
        catch (UnusableLyricsException unusable)
        {
            unusable.Message.Should().EndWith(".");
        }
    });

    [Fact]
    public void What_is_no_text_or_too_large_is_refused()
    {
        FluentActions.Invoking(() => LyricsFile.Read([1, 0, 0, 0, 5, 0, 9]))
            .Should().Throw<UnusableLyricsException>().WithMessage("It is no text.");
        FluentActions.Invoking(() => LyricsFile.Read(new byte[LyricsFile.MaxBytes + 1]))
            .Should().Throw<UnusableLyricsException>()
            .WithMessage("It has 524,289 bytes; 524,288 are possible for lyrics.");
    }

    [Theory]
    [InlineData("a/song.lrc", "a/song.mp3", true)]
    [InlineData("a/song.TXT", "a/song.MP3", true)]
    [InlineData("a/song.mp3.lrc", "a/song.mp3", true)]
    [InlineData("a/Mr. Song.lrc", "a/Mr. Song", true)]
    [InlineData("a/song.lrc", "b/song.mp3", false)]
    [InlineData("a/song.lrc", "a/songs.mp3", false)]
    [InlineData("a/song.lrc", "a/song.pdf", false)]
    public void Lyrics_belong_to_the_music_of_the_same_name(string lyrics, string track, bool belong) =>
        LyricsFile.BelongsTo(lyrics, track).Should().Be(belong);
}
