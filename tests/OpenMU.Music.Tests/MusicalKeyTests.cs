namespace OpenMU.Music.Tests;

public sealed class MusicalKeyTests
{
    [Theory]
    [InlineData("A minor", "8A", "1m")]
    [InlineData("C major", "8B", "1d")]
    [InlineData("G major", "9B", "2d")]
    [InlineData("C# minor", "12A", "5m")]
    [InlineData("F# major", "2B", "7d")]
    [InlineData("Bb major", "6B", "11d")]
    [InlineData("G# minor", "1A", "6m")]
    public void A_key_has_its_published_names(string name, string camelot, string openKey)
    {
        foreach (var spelling in (string[])[name, camelot, openKey, name.ToUpperInvariant(), $" {camelot.ToLowerInvariant()} "])
            MusicalKey.TryParse(spelling).Should().Be(new MusicalKey(name, camelot, openKey), "of {0}", spelling);
    }

    [Theory]
    [InlineData("Am", "A minor")]
    [InlineData("bbm", "Bb minor")]
    [InlineData("B", "B major")]
    [InlineData("D♭:maj", "C# major")]
    [InlineData("Cb", "B major")]
    [InlineData("e♯ min", "F minor")]
    public void Other_spellings_mean_the_same(string spelling, string name) => MusicalKey.TryParse(spelling)!.Name.Should().Be(name);

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
    public void There_are_24_keys_each_its_own() =>
        MusicalKey.All.Select(key => key.Name).Should().OnlyHaveUniqueItems().And.HaveCount(24);
}
