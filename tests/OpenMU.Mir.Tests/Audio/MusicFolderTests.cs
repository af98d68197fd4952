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

    [Fact]
    public void Hard_names_are_kept_as_they_are()
    {
        string[] names = ["-dash first.mp3", "new\nline.mp3", "semi;rm -rf.mp3", "space and 'quote\".mp3", "日本語 🎵.mp3"];
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
    public void A_missing_folder_is_an_error() =>
        FluentActions.Invoking(() => MusicFolder.Find(Path.Combine(folder.FullName, "gone"))).Should().Throw<DirectoryNotFoundException>();

    private IReadOnlyList<MusicFile> Find() => MusicFolder.Find(folder.FullName);

    private void Write(string relative, string text)
    {
        var path = Path.Combine(folder.FullName, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
