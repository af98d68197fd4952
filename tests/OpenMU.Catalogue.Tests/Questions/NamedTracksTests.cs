using OpenMU.Catalogue.Questions;

namespace OpenMU.Catalogue.Tests.Questions;

public sealed class NamedTracksTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_named_by_the_path_it_was_uploaded_under_or_as_lists_show_it_where_that_is_one()
    {
        var shown = Shelf.Ready("home", "A/one.wav");
        shown.BlobName = "home/folder-1234/A/one.wav";
        var (first, second) = (Shelf.Ready("home", "two.wav"), Shelf.Ready("home", "two.wav"));
        (first.BlobName, second.BlobName) = ("home/x/two.wav", "home/y/two.wav");
        await using var file = await Shelf.WithAsync(shown, first, second, Shelf.Ready("office", "three.wav"));
        await using var db = file.Open();

        var (tracks, mistakes) = await new NamedTracks(db, "home").FindAsync(
            [
                new(FileName: "A/one.wav"), new(FileName: "folder-1234/A/one.wav"), new(FileName: "y/two.wav"),
                new(FileName: "two.wav"), new(FileName: "three.wav"), new(FileName: "a/one.wav"),
            ],
            Cancel);

        tracks.Select(track => track.TrackId).Should().Equal(shown.Id, shown.Id, second.Id, null, null, null);
        mistakes.Should().Equal($"There are several tracks \"two.wav\": {first.Id}, {second.Id}.");
    }
}
