using CsCheck;

namespace OpenMU.Music.Tests;

public sealed class ChordLabelTests
{
    private static readonly string[] Labels =
        ["C:maj", "F#:min7", "Bb:hdim7", "G", "A:sus4(b7)/5", "E:(1,5)", "D:5", "Db:maj9", "N", "X"];

    [Theory]
    [InlineData("A:min7", 9, "0 3 7 10", 0)]
    [InlineData("F#:maj/3", 6, "0 4 7", 4)]
    [InlineData("Cb", 11, "0 4 7", 0)]
    [InlineData("G:sus4", 7, "0 5 7", 0)]
    [InlineData("N", -1, "", -1)]
    public void A_label_is_its_root_its_notes_and_its_bass(string label, int root, string notes, int bass)
    {
        var chord = ChordLabel.Parse(label);

        (chord.Root, chord.Bass).Should().Be((root, bass));
        string.Join(' ', Enumerable.Range(0, 12).Where(i => chord.Notes[i] == 1)).Should().Be(notes);
    }

    [Theory]
    [InlineData("H:maj")]
    [InlineData("A:moll")]
    [InlineData("")]
    public void What_is_not_Harte_syntax_is_refused(string label) =>
        FluentActions.Invoking(() => ChordLabel.Parse(label)).Should().Throw<FormatException>();

    [Theory]
    [InlineData("A:min", true)]
    [InlineData("B:hdim7", true)]
    [InlineData("G:sus4", false)]
    [InlineData("C:7(#9)", false)]
    [InlineData("N", false)]
    [InlineData("X", false)]
    public void A_chord_is_minor_by_its_third(string label, bool isMinor) =>
        ChordLabel.Parse(label).IsMinor.Should().Be(isMinor);

    [Theory]
    [InlineData("E:5", true)]
    [InlineData("E:(5)", true)]
    [InlineData("E:1", false)]
    [InlineData("E:sus4", false)]
    [InlineData("E:min", false)]
    [InlineData("N", false)]
    [InlineData("X", false)]
    public void A_power_chord_is_root_and_fifth_alone(string label, bool isPower) =>
        ChordLabel.Parse(label).IsPower.Should().Be(isPower);

    [Fact]
    public void Transposing_moves_the_root_and_nothing_else() =>
        Gen.Select(Gen.Int[0, Labels.Length - 1].Select(i => Labels[i]), Gen.Int[-24, 24]).Sample((label, semitones) =>
        {
            var (chord, moved) = (ChordLabel.Parse(label), ChordLabel.Parse(ChordLabel.Transposed(label, semitones)));
            moved.Notes.Should().Equal(chord.Notes);
            moved.Bass.Should().Be(chord.Bass);
            moved.Root.Should().Be(chord.Root < 0 ? -1 : PitchClass.Of(chord.Root + semitones));
            ChordLabel.Parse(ChordLabel.Transposed(ChordLabel.Transposed(label, semitones), -semitones))
                .Should().Be(chord);
        });

    [Fact]
    public void Every_root_is_read_as_what_it_was_written_for() =>
        Gen.Int[0, 11].Sample(root => ChordLabel.Parse($"{ChordLabel.RootName(root)}:min").Root.Should().Be(root));
}
