using System.Text.Json;
using CsCheck;

namespace OpenMU.Music.Tests;

public sealed class MusicalKeyTests
{
    private static readonly Gen<MusicalKey> Keys = Gen.Int[0, 23].Select(MusicalKey.FromIndex);

    [Theory]
    [InlineData("A minor", "8A", "1m")]
    [InlineData("C major", "8B", "1d")]
    [InlineData("G major", "9B", "2d")]
    [InlineData("C# minor", "12A", "5m")]
    [InlineData("F# major", "2B", "7d")]
    [InlineData("Bb major", "6B", "11d")]
    [InlineData("G# minor", "1A", "6m")]
    [InlineData("F major", "7B", "12d")]
    public void A_key_has_its_published_names(string name, string camelot, string openKey)
    {
        foreach (var spelling in (string[])[name, camelot, openKey, name.ToUpperInvariant(),
            $" {camelot.ToLowerInvariant()} "])
        {
            var key = MusicalKey.Parse(spelling);
            (key.Name, key.Camelot, key.OpenKey).Should().Be((name, camelot, openKey), "of {0}", spelling);
        }
    }

    [Theory]
    [InlineData("Am", "A minor")]
    [InlineData("bbm", "Bb minor")]
    [InlineData("B", "B major")]
    [InlineData("D♭:maj", "C# major")]
    [InlineData("Cb", "B major")]
    [InlineData("e♯ min", "F minor")]
    [InlineData("Ab minor", "G# minor")]
    [InlineData("F sharp minor", "F# minor")]
    [InlineData("B-flat", "Bb major")]
    public void Other_spellings_mean_the_same(string spelling, string name) =>
        MusicalKey.Parse(spelling).Name.Should().Be(name);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("H minor")]
    [InlineData("0A")]
    [InlineData("13A")]
    [InlineData("8")]
    [InlineData("8X")]
    [InlineData("A dorian")]
    [InlineData("99999999999A")]
    public void What_is_no_key_is_none(string? text) => MusicalKey.TryParse(text).Should().BeNull();

    [Fact]
    public void A_text_that_has_to_be_a_key_is_refused_by_name() =>
        FluentActions.Invoking(() => MusicalKey.Parse("H minor"))
            .Should().Throw<FormatException>().WithMessage("*H minor*");

    [Fact]
    public void Every_key_survives_each_of_its_names_its_number_and_JSON() => Keys.Sample(key =>
    {
        foreach (var text in (string[])[key.Name, key.Camelot, key.OpenKey, $"{key}"])
            MusicalKey.TryParse(text).Should().Be(key);
        MusicalKey.FromIndex(key.Index).Should().Be(key);
        var json = JsonSerializer.Serialize(key);
        json.Should().Be($"\"{key.Name}\"");
        JsonSerializer.Deserialize<MusicalKey?>(json).Should().Be(key);
    });

    [Fact]
    public void No_key_in_JSON_is_null_and_another_word_is_refused()
    {
        JsonSerializer.Serialize<MusicalKey?>(null).Should().Be("null");
        FluentActions.Invoking(() => JsonSerializer.Deserialize<MusicalKey>("\"H minor\""))
            .Should().Throw<JsonException>();
    }

    [Fact]
    public void There_are_24_keys_each_its_own_in_the_order_of_the_wheel()
    {
        MusicalKey.All.Should().OnlyHaveUniqueItems().And.HaveCount(24);
        MusicalKey.All.Select(key => key.Camelot)
            .Should().Equal(Enumerable.Range(1, 12).SelectMany(number => (string[])[$"{number}A", $"{number}B"]));
    }

    [Fact]
    public void Neighbours_are_the_key_itself_both_fifths_and_the_relative()
    {
        MusicalKey.Parse("A minor").Neighbours().Select(key => key.Name)
            .Should().Equal("A minor", "D minor", "E minor", "C major");
        MusicalKey.Parse("1B").Neighbours().Select(key => key.Camelot).Should().Equal("1B", "12B", "2B", "1A");
    }

    [Fact]
    public void To_be_a_neighbour_is_mutual() =>
        Keys.Sample(key => key.Neighbours()
            .Should().OnlyContain(neighbour => neighbour.Neighbours().Contains(key)).And.HaveCount(4));

    [Fact]
    public void Transposing_keeps_the_mode_and_twelve_semitones_lead_back() =>
        Gen.Select(Keys, Gen.Int[-30, 30]).Sample((key, semitones) =>
        {
            key.Transposed(semitones).IsMinor.Should().Be(key.IsMinor);
            key.Transposed(semitones).Transposed(12 - semitones).Should().Be(key);
        });
}
