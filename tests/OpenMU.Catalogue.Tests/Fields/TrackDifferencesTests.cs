using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Fields;

public sealed class TrackDifferencesTests
{
    [Theory]
    [InlineData("bpm", "128", null)]
    [InlineData("bpm", "126", null)]
    [InlineData("bpm", "64", DifferenceKind.Octave)]
    [InlineData("bpm", "256", DifferenceKind.Octave)]
    [InlineData("bpm", "192", DifferenceKind.Octave)]
    [InlineData("bpm", "120", DifferenceKind.Other)]
    [InlineData("key", "A minor", null)]
    [InlineData("key", "C major", DifferenceKind.Relative)]
    [InlineData("key", "A major", DifferenceKind.Parallel)]
    [InlineData("key", "E minor", DifferenceKind.Fifth)]
    [InlineData("key", "F# minor", DifferenceKind.Other)]
    [InlineData("duration", "201.9", null)]
    [InlineData("duration", "202.1", DifferenceKind.Other)]
    public void What_the_owner_says_is_held_against_what_was_measured(string field, string said, DifferenceKind? kind)
    {
        var owner = new OwnerRecord
        {
            Tenant = "home",
            By = "Ada",
            Fields = FieldSet.Empty.With(CatalogueField.Find(field)!, said)
        };
        var analysis = new Analysis
        {
            Codec = "flac",
            Bpm = 128,
            Key = MusicalKey.Parse("A minor"),
            DurationSeconds = 200,
            FileFields = FieldSet.Empty.With(FieldNames.Title, ["x"])
        };

        var differences = TrackDifferences.Of(TrackFields.Of(null, owner, analysis, []));

        differences.Select(one => (one.Field, one.Origin, (DifferenceKind?)one.Kind)).Should().BeEquivalentTo(
            kind is null ? [] : new[] { (field, FieldOrigin.Owner, kind) });
    }
}
