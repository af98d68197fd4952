using CsCheck;

namespace OpenMU.Music.Tests;

public sealed class PitchClassTests
{
    [Theory]
    [InlineData("C", 0)]
    [InlineData("c#", 1)]
    [InlineData("D♭", 1)]
    [InlineData("E flat", 3)]
    [InlineData("e-Flat", 3)]
    [InlineData("F Sharp", 6)]
    [InlineData("Cb", 11)]
    [InlineData("b", 11)]
    [InlineData("bb", 10)]
    [InlineData("B##", 1)]
    public void A_name_is_read_in_any_spelling(string name, int pitchClass) =>
        PitchClass.TryParse(name).Should().Be(pitchClass);

    [Theory]
    [InlineData("")]
    [InlineData("H")]
    [InlineData("C#b")]
    [InlineData("C  sharp")]
    [InlineData("C major")]
    public void What_is_no_name_is_none(string name) => PitchClass.TryParse(name).Should().BeNull();

    [Fact]
    public void Every_name_is_read_as_what_it_was_written_for() =>
        Gen.Select(Gen.Int[0, 11], Gen.Bool)
            .Sample((pitch, flat) => PitchClass.TryParse(PitchClass.Name(pitch, flat)).Should().Be(pitch));

    [Fact]
    public void Octaves_make_no_difference() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[-9, 9])
            .Sample((pitch, octave) => PitchClass.Of(pitch + 12 * octave).Should().Be(pitch));
}
