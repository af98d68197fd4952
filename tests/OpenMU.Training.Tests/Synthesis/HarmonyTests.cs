using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

public class HarmonyTests
{
    [Theory]
    [InlineData("I", false, "C:maj")]
    [InlineData("vi7", false, "A:min7")]
    [InlineData("bVII", false, "Bb:maj")]
    [InlineData("IVM7", false, "F:maj7")]
    [InlineData("V7", true, "G:7")]
    [InlineData("iio", true, "D:hdim7")]
    [InlineData("VI", true, "Ab:maj")]
    [InlineData("bII", true, "Db:maj")]
    public void Roman_numerals_name_chords_of_the_key(string numeral, bool isMinor, string chord) =>
        Chord.Roman(numeral, tonic: 0, isMinor).Harte.Should().Be(chord);

    [Theory]
    [InlineData("pop")]
    [InlineData("folk")]
    [InlineData("classic")]
    [InlineData("ragtime")]
    [InlineData("jazz")]
    [InlineData("blues")]
    [InlineData("funk")]
    [InlineData("electronic")]
    [InlineData("metal")]
    [InlineData("heroic")]
    [InlineData("epic")]
    [InlineData("lyric")]
    public void Each_style_fills_all_bars_in_either_mode_and_sounds_its_tonic(string style)
    {
        foreach (var isMajor in new[] { true, false })
        {
            var bars = Harmony.Write(style, isMajor, tonic: 2, bars: 24, canShareBars: true, new SeededRandom(style));

            bars.Should().HaveCount(24).And.OnlyContain(bar => bar.Count == 1 || bar.Count == 2);
            bars.SelectMany(bar => bar).Should().Contain(chord => chord.Root == 2);
        }
    }

    [Fact]
    public void A_bar_that_cannot_be_shared_holds_one_chord() =>
        Harmony.Write("jazz", isMajor: true, tonic: 0, bars: 64, canShareBars: false, new SeededRandom("one"))
            .Should().OnlyContain(bar => bar.Count == 1);
}
