using CsCheck;
using OpenMU.Mir.Audio;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class ChordEstimatorTests
{
    [Fact]
    public void Triads_are_recognised_on_all_twelve_roots()
    {
        for (var root = 0; root < 12; root++)
        {
            foreach (var third in (int[])[4, 3])
            {
                var bass = 36 + root;
                var chords = ChordEstimator.Estimate(
                    Notes.Chords([[bass, bass + 12, bass + 12 + third, bass + 19, bass + 24 + third]], 3));
                var middle = ChordLabel.Parse(chords.First(chord => chord.End > 1.5).Label);

                middle.Root.Should().Be(root);
                middle.Notes[third].Should().Be(1);
                middle.Notes[7 - third].Should().Be(0);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(12)]
    public void A_chord_without_a_third_is_a_power_chord_clean_or_distorted(float drive)
    {
        // From the low E of a guitar upwards; one of the twelve may be missed.
        var basses = Enumerable.Range(40, 12).ToArray();

        basses.Count(bass => Middle([bass, bass + 7, bass + 12]) == $"{ChordLabel.RootName(bass % 12)}:5")
            .Should().BeGreaterThanOrEqualTo(11);
        foreach (var third in (int[])[3, 4])
        {
            basses.Select(bass => Middle([bass, bass + 7, bass + 12, bass + 12 + third]))
                .Should().OnlyContain(label => !label.EndsWith(":5", StringComparison.Ordinal));
        }

        string Middle(int[] notes)
        {
            var clean = Notes.Chords([notes], 3);
            var heard = drive == 0
                ? clean
                : clean with { Samples = [.. clean.Samples.Select(sample => 0.5f * MathF.Tanh(drive * sample))] };
            return ChordEstimator.Estimate(heard).First(chord => chord.End > 1.5).Label;
        }
    }

    [Fact]
    public void A_song_moved_by_some_semitones_has_its_chords_moved_by_as_many()
    {
        var home = Roots(0);
        Gen.Int[1, 11].Sample(n => Roots(n).Should().Equal(home.Select(root => (root + n) % 12)), iter: 4);

        static int[] Roots(int transposed)
        {
            var chords = ChordEstimator.Estimate(Notes.Chords(Notes.Cadence(transposed, minor: false), 1.5));
            return [.. ((double[])[0.75, 2.25, 3.75, 5.25]).Select(time =>
                ChordLabel.Parse(chords.First(chord => chord.End > time).Label).Root)];
        }
    }

    [Fact]
    public void Silence_noise_and_drums_hold_no_chord()
    {
        foreach (var waveform in new[] { Notes.Silence(4), Notes.Noise(6), Notes.Drums(6) })
            ChordEstimator.Estimate(waveform).Should().ContainSingle().Which.Label.Should().Be("N");
        ChordEstimator.Estimate(Notes.Silence(0)).Should().BeEmpty();
    }

    [Fact]
    public void Segments_follow_each_other_from_the_start_to_the_end()
    {
        var waveform = Notes.Chords(Notes.Cadence(2, minor: true), 1.2);
        var chords = ChordEstimator.Estimate(waveform);

        chords[0].Start.Should().Be(0);
        chords[^1].End.Should().BeApproximately(waveform.DurationSeconds, 0.1);
        for (var i = 1; i < chords.Count; i++) chords[i].Start.Should().Be(chords[i - 1].End);
        chords.Should().OnlyContain(chord => chord.Confidence >= 0 && chord.Confidence <= 1);
    }

    [Fact]
    public void With_beats_chords_change_on_them()
    {
        double[] beats = [.. Enumerable.Range(0, 12).Select(i => i * 0.5)];
        var chords = ChordEstimator.Estimate(Notes.Chords(Notes.Cadence(7, minor: false), 1.5), beats);

        chords.Should().HaveCount(4);
        chords.Skip(1).Select(chord => chord.Start).Should().Equal(1.5, 3, 4.5);
    }
}
