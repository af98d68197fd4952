namespace OpenMU.Music.Tests;

public class KeyNamesTests
{
    [Theory]
    [InlineData("C major", "8B", "1d")]
    [InlineData("A minor", "8A", "1m")]
    [InlineData("G major", "9B", "2d")]
    [InlineData("F# major", "2B", "7d")]
    [InlineData("C# minor", "12A", "5m")]
    [InlineData("Ab minor", "1A", "6m")]
    [InlineData("F major", "7B", "12d")]
    public void A_key_has_the_wheel_name_that_disc_jockeys_know(string name, string camelot, string openKey)
    {
        var key = KeyNames.Number(name);

        KeyNames.Camelot(key).Should().Be(camelot);
        KeyNames.OpenKey(key).Should().Be(openKey);
    }

    [Fact]
    public void Every_number_survives_its_name()
    {
        Enumerable.Range(0, 24).Should().OnlyContain(key => KeyNames.Number(KeyNames.Name(key)) == key);
        Enumerable.Range(0, 24).Select(KeyNames.Camelot).Should().OnlyHaveUniqueItems();
        Enumerable.Range(0, 24).Select(KeyNames.OpenKey).Should().OnlyHaveUniqueItems();
    }
}
