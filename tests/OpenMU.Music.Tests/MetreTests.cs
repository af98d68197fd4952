using CsCheck;

namespace OpenMU.Music.Tests;

public sealed class MetreTests
{
    [Theory]
    [InlineData("4/4", 4, false)]
    [InlineData("3/4", 3, false)]
    [InlineData("6/8", 2, true)]
    [InlineData("12/8", 4, true)]
    [InlineData("5/4", 5, false)]
    [InlineData("6/4", 6, false)]
    [InlineData("7/8", 7, false)]
    public void A_listener_taps_the_beats_of_a_metre(string label, int beats, bool isCompound) =>
        Metre.Parse(label).Should().BeEquivalentTo(new { Beats = beats, IsCompound = isCompound });

    [Theory]
    [InlineData(2, "2/4")]
    [InlineData(5, "5/4")]
    [InlineData(6, "6/8")]
    [InlineData(7, "7/8")]
    [InlineData(12, "12/8")]
    public void Units_alone_are_those_that_such_a_metre_mostly_has(int units, string label) =>
        Metre.OfUnits(units).Label.Should().Be(label);

    [Fact]
    public void A_metre_survives_its_label() => Gen.Select(Gen.Int[1, 99], Gen.Int[0, 4].Select(power => 1 << power))
        .Sample((upper, lower) => Metre.TryParse($"{new Metre(upper, lower)}").Should().Be(new Metre(upper, lower)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("4")]
    [InlineData("4/")]
    [InlineData("0/4")]
    [InlineData("3/4/5")]
    [InlineData("three/four")]
    public void What_is_no_metre_is_none(string? label) => Metre.TryParse(label).Should().BeNull();

    [Fact]
    public void A_text_that_has_to_be_a_metre_is_refused_by_name() =>
        FluentActions.Invoking(() => Metre.Parse("waltz")).Should().Throw<FormatException>().WithMessage("*waltz*");
}
