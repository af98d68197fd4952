namespace OpenMU.Music.Tests;

public class TempoTests
{
    [Fact]
    public void The_pulse_is_as_sure_as_all_its_levels_together() =>
        new Tempo(120, 0.4, [new(60, 0.3), new(240, 0.1), new(180, 0.05), new(80, 0.05)]).PulseConfidence
            .Should().BeApproximately(0.8, 1e-9, "three to two is another pulse");

    [Fact]
    public void A_pulse_is_never_more_than_certain() =>
        new Tempo(120, 0.7, [new(60, 0.5)]).PulseConfidence.Should().Be(1);
}
