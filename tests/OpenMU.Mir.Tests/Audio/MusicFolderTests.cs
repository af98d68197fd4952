using System.Text;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

public sealed class MusicFolderTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-folder-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Audio_is_found_below_the_folder_and_other_files_are_left_alone()
    {
        Write("b/song.FLAC", "x");
        Write("a.mp3", "x");
        Write("cover.png", "x");
        Write("notes.txt", "x");

        Find().Select(file => file.RelativePath).Should().Equal("a.mp3", "b/song.FLAC");
    }

    [Fact]
    public void A_file_without_extension_counts_by_its_first_bytes()
    {
        Write("tagged", "ID3 and so on");
        Write("README", "no music here");

        Find().Select(file => file.RelativePath).Should().Equal("tagged");
    }

    [Theory]
    [InlineData("Mr. Brightside")]
    [InlineData("Symphony No.5")]
    [InlineData("01. Intro (feat. Somebody)")]
    [InlineData("song.mp3.download")]
    public void A_dot_in_a_title_is_no_ending(string name)
    {
        Write(name, "OggS and so on");
        Write("notes. Mine", "no music here");

        Find().Select(file => file.RelativePath).Should().Equal(name);
        PassedOver().Should().Equal(("notes. Mine", PassedOverFile.NoAudio));
    }

    [Fact]
    public void First_bytes_tell_sound_from_pictures_and_texts()
    {
        byte[][] sounds =
        [
            [0xFF, 0xFB, 0x90, 0], [0xFF, 0xF3, 0x44, 0], [0xFF, 0xFD, 0x84, 0], [0xFF, 0xF1, 0x50, 0x80],
            [.. "RIFF0000WAVE"u8], [.. "FORM0000AIFC"u8],
            [0, 0, 0, 32, .. "ftypM4A "u8], [0x1A, 0x45, 0xDF, 0xA3], [0x30, 0x26, 0xB2, 0x75],
        ];
        byte[][] others =
        [
            [0xFF, 0xFE, (byte)'H', 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xD8, 0xFF, 0xE0],
            [.. "RIFF0000WEBP"u8], [.. "RIFF0000AVI "u8], [.. "FORM0000ILBM"u8],
            [0, 0, 0, 32, .. "ftypheic"u8], [0, 0, 0, 32, .. "ftypavif"u8], [0xFF], [],
        ];
        sounds.Should().OnlyContain(head => FileSignature.IsAudio(head));
        others.Should().NotContain(head => FileSignature.IsAudio(head));
    }

    [Fact]
    public void Companions_of_macOS_and_folders_of_systems_are_passed_over_by_name()
    {
        byte[] companion = [0, 5, 0x16, 7, 0, 2, 0, 0, .. "Mac OS X        "u8];
        Write("song.ogg", "x");
        Write("._song.ogg", companion);
        Write("._empty.mp3", []);
        Write("._truly a song.mp3", "ID3 and so on");
        Write("__MACOSX/._song.ogg", companion);
        Write(".AppleDouble/song.ogg", companion);
        Write("@eaDir/song.ogg/SYNOAUDIO.mp3", "x");
        Write("cover.jpg", "x");
        Write(".openmu-a1b2.ogg", "x");

        Find().Select(file => file.RelativePath).Should().Equal("._truly a song.mp3", "song.ogg");
        PassedOver().Should().Equal(
            (".AppleDouble", PassedOverFile.SystemFolder), ("._empty.mp3", PassedOverFile.MacCompanion),
            ("._song.ogg", PassedOverFile.MacCompanion), (".openmu-a1b2.ogg", PassedOverFile.Part),
            ("@eaDir", PassedOverFile.SystemFolder),
            ("__MACOSX", PassedOverFile.SystemFolder), ("cover.jpg", PassedOverFile.OtherKind));
    }

    [Fact]
    public void What_was_passed_over_is_said_in_one_line_for_each_reason()
    {
        var files = Enumerable.Range(1, 7).Select(i => new PassedOverFile($"{i}.jpg", PassedOverFile.OtherKind));
        PassedOverFile.Lines([.. files, new("a\nb", PassedOverFile.NoAudio)]).Should().Equal(
            "passed over, no audio by their names: 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg and 2 more",
            "passed over, no audio by their names nor by their first bytes: a\uFFFDb");
    }

    [Fact]
    public void Hard_names_are_kept_as_they_are()
    {
        string[] names =
            ["-dash first.mp3", "new\nline.mp3", "semi;rm -rf.mp3", "space and 'quote\".mp3", "日本語 🎵.mp3"];
        foreach (var name in names) Write(name, "x");

        Find().Select(file => file.RelativePath).Should().BeEquivalentTo(names);
        Find().Should().OnlyContain(file => file.Problem == null);
    }

    [Fact]
    public void Empty_files_and_broken_links_are_named_with_their_problem()
    {
        Write("empty.wav", "");
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "dangling.mp3"), "nowhere");
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "loop.mp3"), "loop.mp3");

        var problems = Find().ToDictionary(file => file.RelativePath, file => file.Problem);

        problems["empty.wav"].Should().Contain("empty");
        problems["dangling.mp3"].Should().Contain("link");
        problems["loop.mp3"].Should().Contain("link");
    }

    [Fact]
    public void A_folder_that_links_back_to_itself_is_walked_once()
    {
        Write("inner/a.mp3", "x");
        Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "inner", "up"), folder.FullName);

        Find().Should().ContainSingle();
    }

    [Fact]
    public void An_empty_folder_named_like_a_song_is_explained()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "directory.mp3"));

        Find().Should().ContainSingle().Which.Problem.Should().Contain("folder");
    }

    [Fact]
    public void Lyrics_are_text_beside_music_of_the_same_name()
    {
        foreach (var name in (string[])["a.mp3", "a.lrc", "b.flac", "b.flac.LRC", "c.ogg", "c.txt", "sub/c.lrc"])
            Write(name, "x");
        Write("d.mp3", "x");
        Write("d.txt", "");
        Write("e.txt", "no music beside it");

        MusicFolder.Search(folder.FullName).Lyrics.Select(file => file.RelativePath).Should()
            .Equal("a.lrc", "b.flac.LRC", "c.txt");
        PassedOver().Should().Equal(
            ("d.txt", PassedOverFile.NoLyrics), ("e.txt", PassedOverFile.OtherKind),
            ("sub/c.lrc", PassedOverFile.OtherKind));
    }

    [Fact]
    public void A_missing_folder_is_an_error() =>
        FluentActions.Invoking(() => MusicFolder.Find(Path.Combine(folder.FullName, "gone")))
            .Should().Throw<DirectoryNotFoundException>();

    private IReadOnlyList<MusicFile> Find() => MusicFolder.Find(folder.FullName);

    private IEnumerable<(string, string)> PassedOver() =>
        MusicFolder.Search(folder.FullName).PassedOver.Select(file => (file.RelativePath, file.Reason));

    private void Write(string relative, string text) => Write(relative, Encoding.UTF8.GetBytes(text));

    private void Write(string relative, byte[] bytes)
    {
        var path = Path.Combine(folder.FullName, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
