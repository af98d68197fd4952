using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class ImportColumnsTests
{
    private static readonly ImportOptions Plain = new() { By = "test" };

    [Theory]
    [InlineData("Track Title", "title")]
    [InlineData("Artist(s)", "artists")]
    [InlineData("BPM", "bpm")]
    [InlineData("Initial Key", "key")]
    [InlineData("Sub-Genre", "genres")]
    [InlineData("Release Date", "date")]
    [InlineData("Catalog No", "ownId")]
    [InlineData("TRACK: Title", "title")]
    [InlineData("ALBUM: Title", "album")]
    [InlineData("LIBRARY: Name", "label")]
    [InlineData("Composer 2", "composers")]
    [InlineData("albumArtists", "albumArtists")]
    [InlineData("First released", "originalDate")]
    [InlineData("File Name", "file")]
    [InlineData("SHA-256", "sha256")]
    [InlineData("Lyrics", "lyrics")]
    [InlineData("id", "ownId")]
    [InlineData("error", "(ignored)")]
    [InlineData("Cover Song", "x.Cover Song")]
    [InlineData("Price (EUR)", "x.Price EUR")]
    public void A_column_is_taken_for_what_other_systems_mean_by_its_name(string column, string field) =>
        new ImportColumns([column], [], Plain).Use(column).ToString().Should().Be(field);

    [Fact]
    public void What_the_owner_says_about_a_column_stands_above_its_name()
    {
        var columns = new ImportColumns(["Title", "Ref", "Cue sheet", "Junk"], [], Plain with
        {
            Map = new Dictionary<string, string> { ["Title"] = "version", ["Ref"] = "isrc" },
            Types = new Dictionary<string, FieldType> { ["Cue sheet"] = FieldType.YesNo },
            Ignore = ["junk"]
        });

        columns.Uses.Select(use => (use.Key, use.Value.ToString())).Should().BeEquivalentTo(
        [
            ("Title", "version"), ("Ref", "isrc"), ("Cue sheet", "x.Cue sheet"), ("Junk", "(ignored)"),
        ]);
        columns.Use("Cue sheet").Field!.Type.Should().Be(FieldType.YesNo);
    }

    [Fact]
    public void A_declared_field_keeps_its_type()
    {
        CatalogueField[] declared = [CatalogueField.Custom("Price", FieldType.Number)];

        new ImportColumns(["price"], declared, Plain).Use("price").Field!.Type.Should().Be(FieldType.Number);
        var other = Plain with { Types = new Dictionary<string, FieldType> { ["Price"] = FieldType.Text } };
        FluentActions.Invoking(() => new ImportColumns(["Price"], declared, other)).Should()
            .Throw<InvalidDataException>().WithMessage("x.Price is declared as Number already, not as Text.");
    }

    [Fact]
    public void Slips_in_options_are_named()
    {
        FluentActions.Invoking(() => new ImportColumns(["a", "b"], [], Plain with { Ignore = ["c"] })).Should()
            .Throw<InvalidDataException>().WithMessage("There is no column 'c'; there are a, b.");
        var nowhere = Plain with { Map = new Dictionary<string, string> { ["a"] = "titel" } };
        FluentActions.Invoking(() => new ImportColumns(["a"], [], nowhere)).Should()
            .Throw<InvalidDataException>().WithMessage("There is no field 'titel' to take 'a' for.");
    }

    [Theory]
    [InlineData("duration", "Length", "3:45", "225")]
    [InlineData("duration", "Time", "1:00:01.5", "3601.5")]
    [InlineData("duration", "Duration (ms)", "1500", "1.5")]
    [InlineData("bpm", "Tempo", "128.00 BPM", "128.00")]
    [InlineData("trackNumber", "No", "3/12", "3")]
    [InlineData("date", "Release date", "31.05.2024", "2024-05-31")]
    [InlineData("date", "Release date", "05/31/2024", "2024-05-31")]
    [InlineData("metre", "Meter", "3/4", "3")]
    [InlineData("explicit", "Explicit", "E", "true")]
    public void Foreign_spellings_are_read(string field, string column, string text, string read) =>
        ForeignSpelling.Of(CatalogueField.Find(field)!, column, text).Should().Be(read);

    [Fact]
    public void A_date_that_may_be_two_days_is_asked_for() =>
        FluentActions.Invoking(() => ForeignSpelling.Of(CatalogueField.Find("date")!, "date", "05/03/2024"))
            .Should().Throw<FormatException>().WithMessage("*may be day 5 or day 3 of a month*");
}
