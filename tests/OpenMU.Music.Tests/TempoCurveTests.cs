using CsCheck;

namespace OpenMU.Music.Tests;

public sealed class TempoCurveTests
{
    private static readonly Gen<double> Jitter = Gen.Double[-0.012, 0.012];

    [Fact]
    public void A_tempo_that_holds_is_one_stretch_however_beats_jitter_and_one_is_missed() =>
        Gen.Select(Gen.Double[40, 220], Jitter.Array[10, 200], Gen.Int[3, 8]).Sample((bpm, jitter, missed) =>
        {
            var beat = 60 / bpm;
            var beats = jitter.Select((off, i) => new Beat(1 + (i * beat) + (off * Math.Min(1, beat)), 0)).ToList();
            beats.RemoveAt(missed);

            var curve = TempoCurve.Of(beats);

            curve.Should().ContainSingle();
            curve[0].Bpm.Should().BeApproximately(bpm, 0.03 * bpm);
            (curve[0].Start, curve[0].End).Should().Be((beats[0].Seconds, beats[^1].Seconds));
        });

    [Fact]
    public void A_change_is_found_within_two_beats_of_where_it_is() =>
        Gen.Select(Gen.Double[60, 180], Gen.Double[1.08, 1.7], Gen.Bool, Gen.Int[16, 80], Gen.Int[16, 80])
            .Sample((bpm, factor, slower, before, after) =>
            {
                var then = slower ? bpm / factor : bpm * factor;
                var beats = Beats((before, bpm), (after, then));

                var curve = TempoCurve.Of(beats);

                curve.Should().HaveCount(2);
                curve[0].Bpm.Should().BeApproximately(bpm, 0.02 * bpm);
                curve[1].Bpm.Should().BeApproximately(then, 0.02 * then);
                curve[0].End.Should().Be(curve[1].Start)
                    .And.BeApproximately(beats[before].Seconds, 121 / Math.Min(bpm, then));
            });

    [Fact]
    public void Hours_of_beats_are_divided_like_minutes_only_less_finely()
    {
        var beats = Beats((20_000, 120), (20_000, 90));

        var curve = TempoCurve.Of(beats, 120);

        curve.Select(part => Math.Round(part.Bpm, 6)).Should().Equal(120, 90);
        curve[0].End.Should().BeApproximately(beats[20_000].Seconds, 20);
    }

    [Fact]
    public void Counting_twice_as_many_beats_is_no_other_tempo()
    {
        var curve = TempoCurve.Of(Beats((40, 70), (80, 140), (40, 70)));

        curve.Should().ContainSingle();
        TempoCurve.Of(Beats((40, 70), (80, 105), (40, 70))).Should().HaveCount(3);
    }

    [Theory]
    [InlineData(35, 35, 52.5)]
    [InlineData(140, 140, 210)]
    [InlineData(71, 70, 105)]
    public void The_stretches_are_given_at_the_level_of_the_tempo_that_is_shown(double bpm, double one, double two) =>
        TempoCurve.Of(Beats((60, 70), (40, 105)), bpm).Select(part => Math.Round(part.Bpm, 6))
            .Should().Equal(one, two);

    [Fact]
    public void A_ramp_is_several_stretches_each_faster_than_the_one_before()
    {
        var (beats, time) = (new List<Beat>(), 0.0);
        for (var i = 0; i < 120; i++)
        {
            beats.Add(new Beat(time, 0));
            time += 60 / (90 + (0.5 * i));
        }

        var curve = TempoCurve.Of(beats);

        curve.Count.Should().BeGreaterThan(3);
        curve.Select(part => part.Bpm).Should().BeInAscendingOrder();
    }

    [Fact]
    public void Without_two_beats_in_order_there_is_none()
    {
        TempoCurve.Of([]).Should().BeEmpty();
        TempoCurve.Of([new Beat(1, 1)]).Should().BeEmpty();
        TempoCurve.Of([new Beat(1, 1), new Beat(1, 2), new Beat(2, 3)]).Should().BeEmpty();
    }

    private static List<Beat> Beats(params (int Count, double Bpm)[] parts)
    {
        var (beats, time) = (new List<Beat> { new(0, 0) }, 0.0);
        foreach (var (count, bpm) in parts)
        {
            for (var i = 0; i < count; i++) beats.Add(new Beat(time += 60 / bpm, 0));
        }

        return beats;
    }
}
