using CsCheck;
using OpenMU.Mir.Audio;
using static OpenMU.Mir.Tests.Audio.TagBuilder;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>
/// Changes real files at random: whatever comes out, reading its tags ends without an exception and within its bounds.
/// </summary>
public sealed class TagFuzzTests : IDisposable
{
    private const int Tries = 400;
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.mp3")]
    [InlineData("a.flac")]
    [InlineData("a.ogg")]
    [InlineData("a.opus")]
    [InlineData("a.m4a")]
    [InlineData("a.mka")]
    [InlineData("a.wma")]
    [InlineData("a.wv")]
    [InlineData("a.wav")]
    [InlineData("a.aiff")]
    [InlineData("a.caf")]
    public void Reading_the_tags_of_a_changed_file_comes_to_an_end(string name)
    {
        var original = Original(name);
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 40].Sample(changes =>
        {
            var file = original.ToArray();
            foreach (var (place, value, kind) in changes)
            {
                // Nearly all that matters lies at the beginning, and lengths matter most.
                var at = kind == 0 ? place : place % Math.Min(file.Length, 2000);
                file[at] = kind == 1 ? (byte)0xFF : value;
            }

            Read(file);
        }, iter: Tries, threads: 1, seed: "0001OpenMU000");
    }

    [Theory]
    [InlineData("a.mp3")]
    [InlineData("a.m4a")]
    [InlineData("a.mka")]
    [InlineData("a.wma")]
    [InlineData("a.ogg")]
    public void Reading_the_tags_of_a_cut_file_comes_to_an_end(string name)
    {
        var original = Original(name);
        Gen.Select(Gen.Int[0, original.Length], Gen.Int[0, original.Length]).Sample(
            (start,
                end) => Read(original[Math.Min(start, end) is var from && start % 2 == 0 ? ..end : from..Math.Max(start,
                    end)]), iter: Tries, threads: 1, seed: "0001OpenMU000");
    }

    private void Read(byte[] file)
    {
        var tags = TagReader.Read(folder.Write("fuzz", file)).Merge(null, null);
        (tags.Title?.Length ?? 0).Should().BeLessThanOrEqualTo(300);
        tags.Others.Count.Should().BeLessThanOrEqualTo(1000);
    }

    private byte[] Original(string name)
    {
        folder.WriteWav("source.wav", [TestFolder.Noise(0.2, 0.1, seed: 1, rate: 8000)], rate: 8000);
        if (name == "a.wav")
        {
            return Wave(Info(("INAM", Utf8("Title")), ("IART", Utf8("Artist"))),
                Chunk("id3 ", Id3v2(3, ("TIT2", [1, .. Utf16("Song")]), ("TCON", [0, .. "(17)"u8]))));
        }

        folder.Ffmpeg("-i", "source.wav", "-metadata", "title=Song", "-metadata", "artist=A;B", "-metadata",
            "comment=c", "-metadata", "lyrics=la", "-metadata", "genre=Rock",
            "-metadata", "track=3/4", "-write_id3v2", "1", name);
        var file = File.ReadAllBytes(folder[name]);
        byte[] Text(string text) => [1, .. Utf16(text)];
        return name switch
        {
            "a.mp3" => [.. Id3v2(4, ("TIT2", Text("Song")), ("TXXX", Text("BPM\099")),
                ("SYLT", [0, .. "eng"u8, 2, 1, 0, .. "a"u8, 0, 0, 0, 1, 0, .. "b"u8, 0, 0, 0, 2, 0]),
                ("APIC", [0, .. "image/png"u8, 0, 3, 0, .. Picture]), ("USLT",
                    [1, .. "eng"u8, .. Utf16("\0"), .. Utf16("la")]), ("UFID", [.. "http://musicbrainz.org"u8, 0, 1])),
                .. file, .. Ape(("Title", 0, Utf8("Song")),
                    ("Cover Art (Front)", 2, [.. "x"u8, 0, .. Picture])), .. Id3v1("Song", "A", "B", "1999", 3, 4)],
            "a.m4a" => WithItems(file, Item("©nam", 1, Utf8("Song")), Item("trkn", 0, [0, 0, 0, 3, 0, 8]),
                FreeItem("ISRC", Utf8("x")), Item("covr", 14, Picture)),
            _ => file,
        };
    }
}
