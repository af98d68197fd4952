using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Questions;
using OpenMU.Catalogue.Tracks;

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

    [Fact]
    public async Task An_own_id_or_ISRC_of_the_files_tags_names_a_track_as_it_does_for_an_import()
    {
        var imported = Tagged("a.wav", "DEAB11111111");
        var (tagged, first, second) = (Tagged("b.wav", "DEAB12222222"), Tagged("c.wav", "DEAB13333333"), Tagged("d.wav", "DEAB13333333"));
        var alsoTagged = Tagged("e.wav", "DEAB14444444");
        await using var file = await Shelf.WithAsync(imported, tagged, first, second, alsoTagged);
        await using var db = file.Open();
        db.Add(new OwnerRecord
        {
            TrackId = imported.Id,
            Tenant = "home",
            By = "Ada",
            Fields = FieldSet.Empty.With(FieldNames.Isrc, ["DEAB14444444"]),
        });
        await db.SaveChangesAsync(Cancel);

        var (tracks, mistakes) = await new NamedTracks(db, "home").FindAsync(
            [
                new(Isrc: "DEAB12222222"), new(OwnId: "own b.wav"), new(Isrc: "DEAB14444444"), new(Isrc: "DEAB13333333"),
                new(Isrc: "DEAB19999999"), new(Isrc: "de-ab1-22-22222"),
            ],
            Cancel);

        tracks.Select(track => track.TrackId).Should().Equal(tagged.Id, tagged.Id, imported.Id, tagged.Id);
        tracks.Should().OnlyContain(track => track.IsReady);
        mistakes.Should().Equal(
            $"There are several tracks with the ISRC DEAB13333333: {first.Id}, {second.Id}.",
            "There is no track with the ISRC DEAB19999999.");
    }

    private static Track Tagged(string fileName, string isrc) => Shelf.Ready("home", fileName, analysis =>
        analysis.FileFields = FieldSet.Empty.With(FieldNames.Isrc, [isrc]).With(FieldNames.OwnId, [$"own {fileName}"]));
}
