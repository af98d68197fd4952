using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Fields;

public sealed class TrackFieldsTests
{
    private static readonly Analysis Analysis = new()
    {
        Codec = "flac",
        Bpm = 61.5,
        Tags = [new TagScore("genre", "jazz", 0.8)],
        FileFields = FieldSet.Empty.With("title", ["From the file"]).With("bpm", ["123"]).With("genres", ["Bebop"]),
    };

    [Fact]
    public void What_can_only_be_known_is_the_owners_before_the_files_before_the_models()
    {
        var owner = new OwnerRecord { Tenant = "home", By = "Ada", Fields = FieldSet.Empty.With("title", ["Owned"]) };

        var fields = TrackFields.Of(null, owner, Analysis, []).ToDictionary(view => view.Field.Name);

        fields["title"].Values.Should().Equal("Owned");
        fields["title"].Claims[FieldOrigin.File].Should().Equal("From the file");
        fields["genres"].Values.Should().Equal("Bebop");
        fields["genres"].Claims[FieldOrigin.Found].Should().Equal("jazz");
    }

    [Theory]
    [InlineData("2020-05", null, "2020")]
    [InlineData("2020", "1999", "1999")]
    [InlineData(null, "1999", "1999")]
    [InlineData("", null, "2001")]
    public void The_year_is_that_of_a_date_that_is_believed_before_it(string? date, string? year, string holds)
    {
        var file = new Analysis
        {
            Codec = "flac",
            FileFields = FieldSet.Empty.With("year", ["2001"]).With("date", ["2001-07"]),
        };
        var said = FieldSet.Empty.With("year", year is null ? null : [year])
            .With("date", date is null ? null : date.Length == 0 ? [] : [date]);
        var correction = new Correction { Tenant = "home", ContentId = "sha256:0", By = "Ada", Fields = said };

        var view = TrackFields.Of(correction, null, file, []).Single(one => one.Field.Name == "year");

        view.Values.Should().Equal(holds);
        view.Origin.Should().Be(holds == "2001" ? FieldOrigin.File : FieldOrigin.Correction);
        view.Claims[FieldOrigin.File].Should().Equal("2001");
        view.Claims.ContainsKey(FieldOrigin.Correction).Should().Be(year is not null, "nobody else has said it");
    }

    [Fact]
    public void What_can_be_measured_is_measured_and_the_claims_stand_beside_it()
    {
        var bpm = TrackFields.Of(null, null, Analysis, []).Single(view => view.Field.Name == "bpm");

        bpm.Origin.Should().Be(FieldOrigin.Found);
        bpm.Values.Should().Equal("61.5");
        bpm.Claims[FieldOrigin.File].Should().Equal("123");
    }

    [Fact]
    public void A_correction_stands_above_all_even_one_that_says_there_is_no_value()
    {
        var correction = new Correction
        {
            Tenant = "home",
            ContentId = "sha256:0",
            By = "Ada",
            Fields = FieldSet.Empty.With("bpm", ["123"]).With("genres", []),
        };

        var fields = TrackFields.Of(correction, null, Analysis, []).ToDictionary(view => view.Field.Name);

        fields["bpm"].Should().Match<FieldView>(view => view.Origin == FieldOrigin.Correction);
        fields["bpm"].Values.Should().Equal("123");
        fields["genres"].Values.Should().BeEmpty();
    }
}
