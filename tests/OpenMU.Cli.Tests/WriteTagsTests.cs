using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Cli.Tagging;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Tests;

public sealed class WriteTagsTests : IDisposable
{
    private readonly TaggedMusic music = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Copies => music.Folder("copies");

    public void Dispose() => music.Dispose();

    [Fact]
    public async Task Copies_of_every_kind_have_the_tags_and_the_same_sound()
    {
        await music.MakeAsync(TaggedMusic.Kinds);

        var (code, output, error) = await music.RunAsync("write-tags", "--output", Copies);

        (code, error).Should().Be((ExitCode.Done, ""));
        output.Trim().Should().Be("7 files tagged, 0 left as they are, 0 failed.");
        foreach (var (file, _) in TaggedMusic.Kinds)
        {
            var (original, copy) = (Path.Combine(music.Music, file), Path.Combine(Copies, file));
            (await PacketHash.OfAsync(copy, DecodeLimits.Default, Cancel)).Should()
                .Be(await PacketHash.OfAsync(original, DecodeLimits.Default, Cancel), file);
            ShouldHaveAll(copy);
            var probed = await TaggedMusic.ProbeAsync(copy);
            probed["title"].Should().Be(TaggedMusic.Title, file);
        }

        Directory.GetFiles(Copies, ".openmu-*", SearchOption.AllDirectories).Select(Path.GetFileName).Should()
            .Equal(".openmu-copies.jsonl");
        (await music.RunAsync("write-tags", "--output", Copies)).Output.Trim().Should()
            .Be("0 files tagged, 7 left as they are, 0 failed.");
    }

    [Theory]
    [InlineData("2.3", 3)]
    [InlineData("2.4", 4)]
    public async Task The_version_of_ID3_is_the_one_asked_for_and_other_tags_stay(string version, int major)
    {
        await music.MakeAsync(TaggedMusic.Kinds[0]);

        (await music.RunAsync("write-tags", "1", "--output", Copies, "--id3", version)).Code.Should().Be(ExitCode.Done);

        var copy = Path.Combine(Copies, TaggedMusic.Kinds[0].File);
        (await File.ReadAllBytesAsync(copy, Cancel))[3].Should().Be((byte)major);
        var tags = await TaggedMusic.ProbeAsync(copy);
        tags["custom"].Should().Be("kept");
        (tags["TBPM"], tags["TKEY"], tags["TSRC"]).Should().Be(("120", "C#m", "GBAYE6900531"));
        tags["CATALOGID"].Should().Be("own-1");
        using var file = TagLib.File.Create(copy);
        var id3 = (TagLib.Id3v2.Tag)file.GetTag(TagLib.TagTypes.Id3v2);
        id3.GetFrames<TagLib.Id3v2.CommentsFrame>().Should().ContainSingle("one comment takes the other's place")
            .Which.Language.Should().Be("XXX");
        id3.GetFrames<TagLib.Id3v2.UnsynchronisedLyricsFrame>().Should().ContainSingle()
            .Which.Language.Should().Be("XXX");
    }

    [Fact]
    public async Task Tracks_whose_names_differ_in_nothing_that_a_file_system_allows_have_a_copy_each()
    {
        await music.MakeAsync(("x?.flac", "-c:a flac"), ("x_.flac", "-c:a flac -sample_fmt s32"), ("X_.FLAC", "-c:a flac"));

        for (var run = 0; run < 2; run++)
        {
            var (code, output, error) = await music.RunAsync("write-tags", "--output", Copies, "--replace");
            (code, error).Should().Be((ExitCode.Done, ""));
            output.Trim().Should().Be("3 files tagged, 0 left as they are, 0 failed.");
            Directory.GetFiles(Copies, "x*", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive })
                .Select(Path.GetFileName).Order(StringComparer.Ordinal).Should()
                .Equal("X_ (3).FLAC", "x_ (2).flac", "x_.flac");
        }
    }

    [Fact]
    public async Task A_file_that_is_no_copy_of_ours_is_never_replaced()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var foreign = Path.Combine(Copies, TaggedMusic.Kinds[1].File);
        await File.WriteAllTextAsync(foreign, "mine", Cancel);

        var (code, _, error) = await music.RunAsync("write-tags", "--output", Copies, "--replace");

        code.Should().Be(ExitCode.NotDone);
        error.Should().Contain("is no copy that was written here: move it away");
        (await File.ReadAllTextAsync(foreign, Cancel)).Should().Be("mine");
        foreach (var folder in (string[])
            [music.Music, Path.GetDirectoryName(music.Music)!, Path.Combine(music.Music, "new")])
        {
            (code, _, error) = await music.RunAsync("write-tags", "--output", folder, "--replace");
            (code, error.Trim()).Should().Be((
                ExitCode.Usage, $"openmu: {folder} and your music in {music.Music}/ lie in one another: give another folder."));
        }
    }

    [Fact]
    public async Task Files_in_place_that_a_run_before_has_tagged_are_left_as_they_are()
    {
        await music.MakeAsync(TaggedMusic.Kinds[0], TaggedMusic.Kinds[1]);
        var backup = music.Folder("backup");
        await music.RunAsync("write-tags", "1", "--in-place", "--backup", backup);

        var (code, output, error) = await music.RunAsync("write-tags", "--in-place", "--backup", backup);

        (code, output.Trim(), error).Should().Be((ExitCode.Done, "1 files tagged, 1 left as they are, 0 failed.", ""));
    }

    [Fact]
    public async Task Of_a_link_the_file_that_it_leads_to_is_tagged_and_the_link_stays()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var (link, backup) = (Path.Combine(music.Music, TaggedMusic.Kinds[1].File), music.Folder("backup"));
        var target = Path.Combine(music.Folder("elsewhere"), "real.flac");
        File.Move(link, target);
        File.CreateSymbolicLink(link, target);
        var before = await File.ReadAllBytesAsync(target, Cancel);

        (await music.RunAsync("write-tags", "--in-place", "--backup", backup)).Code.Should().Be(ExitCode.Done);

        new FileInfo(link).LinkTarget.Should().Be(target);
        ShouldHaveAll(target);
        (await music.RunAsync("write-tags", "--undo", "--backup", backup)).Code.Should().Be(ExitCode.Done);
        (await File.ReadAllBytesAsync(target, Cancel)).Should().Equal(before);
    }

    [Fact]
    public async Task A_copy_that_a_killed_run_had_just_begun_does_not_stay_beside_the_music()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var (path, backup) = (Path.Combine(music.Music, TaggedMusic.Kinds[1].File), music.Folder("backup"));
        var part = TaggedCopy.Part(path);
        new TagJournal(backup).Start(path, part);
        File.Copy(path, part);

        (await music.RunAsync("write-tags", "--in-place", "--backup", backup)).Code.Should().Be(ExitCode.Done);

        File.Exists(part).Should().BeFalse();
        (await music.RunAsync("write-tags", "--undo", "--backup", backup)).Output.Trim().Should()
            .Be("1 files are as they were, 0 left alone.");
    }

    [Fact]
    public async Task What_was_rejected_is_left_as_it_is()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        await using (var db = CatalogueDbFactory.ForFile(
            Path.Combine(music.Data, HomeSystem.CatalogueFile)).CreateDbContext())
        {
            (await db.Jobs.SingleAsync(Cancel)).State = JobState.Rejected;
            await db.SaveChangesAsync(Cancel);
        }

        var (code, output, _) = await music.RunAsync("write-tags", "--output", Copies);

        (code, output.Trim()).Should().Be((ExitCode.Done, "0 files tagged, 1 left as they are, 0 failed."));
    }

    [Fact]
    public async Task A_file_that_is_another_one_by_now_is_not_taken_for_the_track()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        await File.AppendAllTextAsync(Path.Combine(music.Music, TaggedMusic.Kinds[1].File), "changed", Cancel);

        var (code, output, error) =
            await music.RunAsync("write-tags", "--in-place", "--backup", music.Folder("backup"));

        (code, output.Trim()).Should().Be((ExitCode.NotDone, "0 files tagged, 0 left as they are, 1 failed."));
        error.Trim().Should().StartWith("openmu: two.flac: It is in no folder that was uploaded from here");
    }

    [Fact]
    public async Task Files_in_place_are_tagged_and_put_back_byte_by_byte()
    {
        await music.MakeAsync(TaggedMusic.Kinds[0], TaggedMusic.Kinds[1]);
        var paths = TaggedMusic.Kinds.Take(2).Select(kind => Path.Combine(music.Music, kind.File)).ToList();
        var before = paths.ConvertAll(File.ReadAllBytes);
        var backup = music.Folder("backup");

        (await music.RunAsync("write-tags", "--in-place", "--backup", backup)).Code.Should().Be(ExitCode.Done);
        foreach (var path in paths) ShouldHaveAll(path);
        var (code, output, _) = await music.RunAsync("write-tags", "--undo", "--backup", backup);

        (code, output.Trim()).Should().Be((ExitCode.Done, "2 files are as they were, 0 left alone."));
        paths.ConvertAll(File.ReadAllBytes).Should().BeEquivalentTo(before);
        (await music.RunAsync("write-tags", "--undo", "--backup", backup)).Output.Trim().Should()
            .Be("0 files are as they were, 0 left alone.");
    }

    [Fact]
    public async Task A_file_that_somebody_has_changed_since_is_not_put_back()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var (path, backup) = (Path.Combine(music.Music, TaggedMusic.Kinds[1].File), music.Folder("backup"));
        await music.RunAsync("write-tags", "--in-place", "--backup", backup);
        await File.AppendAllTextAsync(path, "more", Cancel);

        var (code, output, error) = await music.RunAsync("write-tags", "--undo", "--backup", backup);

        (code, output.Trim()).Should().Be((ExitCode.NotDone, "0 files are as they were, 1 left alone."));
        error.Should().Contain("was changed since");
    }

    [Fact]
    public async Task What_a_killed_run_had_begun_is_finished_at_the_next_start()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var (path, backup) = (Path.Combine(music.Music, TaggedMusic.Kinds[1].File), music.Folder("backup"));
        var original = await File.ReadAllBytesAsync(path, Cancel);
        // As a run leaves it that is killed after its line is on the disk, before the file is replaced.
        var part = TaggedCopy.Part(path);
        await File.WriteAllBytesAsync(part, [.. original, 1, 2, 3], Cancel);
        var journal = new TagJournal(backup);
        await journal.BeginAsync(path, part, Cancel);
        await File.AppendAllTextAsync(Path.Combine(backup, "journal.jsonl"), "\n{\"File\":\"/cut", Cancel);

        (await journal.FinishAsync(Cancel)).Should().Equal(path);
        (await File.ReadAllBytesAsync(path, Cancel)).Should().Equal([.. original, 1, 2, 3]);
        (await journal.UndoAsync(Cancel)).Restored.Should().Be(1);
        (await File.ReadAllBytesAsync(path, Cancel)).Should().Equal(original);
    }

    [Fact]
    public async Task A_copy_that_was_cut_off_is_thrown_away_and_its_file_stays()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var (path, backup) = (Path.Combine(music.Music, TaggedMusic.Kinds[1].File), music.Folder("backup"));
        var original = await File.ReadAllBytesAsync(path, Cancel);
        var part = TaggedCopy.Part(path);
        await File.WriteAllBytesAsync(part, [1, 2, 3, 4], Cancel);
        var journal = new TagJournal(backup);
        await journal.BeginAsync(path, part, Cancel);
        await File.WriteAllBytesAsync(part, [1, 2], Cancel);

        (await journal.FinishAsync(Cancel)).Should().BeEmpty();
        File.Exists(part).Should().BeFalse();
        (await File.ReadAllBytesAsync(path, Cancel)).Should().Equal(original);
    }

    [Fact]
    public async Task A_copy_without_the_same_sound_is_refused()
    {
        await music.MakeAsync(TaggedMusic.Kinds[1]);
        var copy = Path.Combine(Copies, "noise.mp3");
        await File.WriteAllBytesAsync(copy, [.. Enumerable.Repeat((byte)7, 5000)], Cancel);
        var tag = () => TaggedCopy.TagAsync(
            copy, new FileTagValues(new Dictionary<string, IReadOnlyList<string>>(), null, 120), 4, Cancel);
        await tag.Should().ThrowAsync<InvalidDataException>();
    }

    [Theory]
    [InlineData("write-tags")]
    [InlineData("write-tags", "--in-place")]
    [InlineData("write-tags", "--output", "x", "--in-place", "--backup", "y")]
    public async Task It_must_be_plain_where_tags_are_written(params string[] arguments)
    {
        var (code, output, error) = await OpenMuVerb.RunAsync(arguments);
        (code, output).Should().Be((ExitCode.Usage, ""));
        error.Should().Contain("Give --output DIR for copies");
    }

    private static void ShouldHaveAll(string path)
    {
        using var file = TagLib.File.Create(path);
        var tag = file.Tag;
        tag.Title.Should().Be(TaggedMusic.Title, path);
        tag.Performers.Should().Equal("Ann", "Bo");
        tag.Album.Should().Be("Album");
        tag.Genres.Should().Equal("Jazz", "Cool jazz");
        // The library gives it by this name from ID3 only.
        var isrc = file.GetTag(TagLib.TagTypes.Apple) is TagLib.Mpeg4.AppleTag apple
            ? apple.GetDashBox("com.apple.iTunes", "ISRC")
            : file.GetTag(TagLib.TagTypes.Xiph) is TagLib.Ogg.XiphComment xiph
                ? xiph.GetFirstField("ISRC")
                : tag.ISRC;
        isrc.Should().Be("GBAYE6900531", path);
        tag.BeatsPerMinute.Should().Be(120);
        tag.Comment.Should().Be("A calm piece.");
        tag.Lyrics.Should().Be("la la\nla");
        (tag.Track, tag.TrackCount, tag.Year).Should().Be((3u, 12u, 2024u), path);
    }
}
