using CsCheck;
using OpenMU.Mir.Dsp;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests.Dsp;

public class OnsetStrengthTests
{
    [Fact]
    public void The_size_of_the_blocks_makes_no_difference()
    {
        var samples = Rhythm.Clicks(5, Rhythm.Grid(120, 5));
        var whole = new OnsetStrength();
        whole.Push(samples);
        var expected = whole.Finish();
        Gen.Int[1, 5000].Array[1, 20].Sample(blocks =>
        {
            var pieces = new OnsetStrength();
            for (int at = 0, k = 0; at < samples.Length; k++)
            {
                var take = Math.Min(blocks[k % blocks.Length], samples.Length - at);
                pieces.Push(samples.AsSpan(at, take));
                at += take;
            }
            pieces.Finish().Levels.Should().Equal(expected.Levels);
        }, iter: 10);
    }

    [Fact]
    public void An_onset_is_measured_at_its_own_time()
    {
        var onsets = OnsetStrength.Of(Rhythm.Wave(Rhythm.Clicks(4, [2.0])));
        var strongest = onsets.Strength.AsSpan().IndexOf(onsets.Strength.Max());
        onsets.TimeOf(strongest).Should().BeApproximately(2.0, 0.025);
    }

    [Fact]
    public void Gain_does_not_change_the_strength()
    {
        var loud = OnsetStrength.Of(Rhythm.Wave(Rhythm.Clicks(4, Rhythm.Grid(100, 4), gain: 0.8)));
        var quiet = OnsetStrength.Of(Rhythm.Wave(Rhythm.Clicks(4, Rhythm.Grid(100, 4), gain: 0.08)));
        quiet.Strength.Zip(loud.Strength, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(0.2f);
    }
}
