using CsCheck;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Fields;

public sealed class CatalogueFieldTests
{
    // Whole characters: halves of some do not outlive any file.
    private static readonly Gen<string> Text = Gen.String.Select(text => string.Concat(text.EnumerateRunes()));

    private static readonly Gen<CatalogueField> AField =
        Gen.Int[0, CatalogueField.Known.Count - 1].Select(i => CatalogueField.Known[i]);

    [Theory]
    [InlineData("bpm", "120,50", "120.5")]
    [InlineData("key", "8a", "A minor")]
    [InlineData("key", "F#m", "F# minor")]
    [InlineData("isrc", "de-a12-34-56789", "DEA123456789")]
    [InlineData("explicit", "Yes", "true")]
    [InlineData("year", "1999", "1999")]
    [InlineData("date", "2024-05", "2024-05")]
    [InlineData("date", "31 May 2024", "2024-05-31")]
    [InlineData("title", "  Cafe\u0301\u0007 ", "Café")]
    public void A_value_is_stored_in_one_spelling(string field, string text, string stored) =>
        CatalogueField.Find(field)!.ReadText(text).Should().Equal(stored);

    [Theory]
    [InlineData("bpm", "fast", "BPM 'fast' is no number.")]
    [InlineData("bpm", "0", "BPM '0' lies outside 0 to 1000.")]
    [InlineData("bpm", "NaN", "BPM 'NaN' is no number.")]
    [InlineData("key", "H dur", "There is no key 'H dur': give one such as Am, C# minor or 8A.")]
    [InlineData("isrc", "12345", "'12345' is no ISRC: two letters, three letters or digits, seven digits.")]
    [InlineData("year", "-3", "Year '-3' is no whole number.")]
    [InlineData("explicit", "maybe", "Explicit 'maybe' is neither yes nor no.")]
    [InlineData("date", "soon", "Released 'soon' is no date such as 2024, 2024-05 or 2024-05-31.")]
    public void What_is_not_of_its_type_is_refused_in_one_line(string field, string text, string reason) =>
        FluentActions.Invoking(() => CatalogueField.Find(field)!.ReadText(text))
            .Should().Throw<FormatException>().WithMessage(reason);

    [Fact]
    public void A_list_is_divided_at_semicolons_and_says_nothing_twice()
    {
        CatalogueField.Find("ARTISTS")!.ReadText("Ann; Bob;;Ann ").Should().Equal("Ann", "Bob");
        CatalogueField.Find("genres")!.ReadText(@"Fado;Ja\;zz").Should().Equal("Fado", "Ja;zz");
    }

    [Fact]
    public void An_owner_declares_fields_under_a_prefix_of_their_own()
    {
        CatalogueField.Custom(" Cue sheet ", FieldType.Text).Name.Should().Be("x.Cue sheet");
        FluentActions.Invoking(() => CatalogueField.Custom("a=b", FieldType.Text)).Should().Throw<FormatException>();
    }

    [Fact]
    public void What_was_read_once_is_read_the_same_again() =>
        Gen.Select(AField, Gen.String).Sample((field, text) =>
        {
            IReadOnlyList<string> once;
            try
            {
                once = field.ReadText(text);
            }
            catch (FormatException)
            {
                return;
            }

            field.Read(once).Should().Equal(once);
        });

    [Fact]
    public void Fields_come_back_from_their_JSON_as_they_were() =>
        Gen.Select(AField, Text.Array[0, 3]).Array[0, 6].Sample(pairs =>
        {
            var fields = pairs.Aggregate(FieldSet.Empty, (set, pair) => set.With(pair.Item1.Name, pair.Item2));

            FieldSet.Parse(fields.ToJson()).Should().BeEquivalentTo(fields);
            FieldSet.Parse(fields.ToJson()).Equals(fields).Should().BeTrue();
        });
}
