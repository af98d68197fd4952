using System.Text.Json.Nodes;

namespace OpenMU.Music.Tests;

public sealed class JamsPartsTests
{
    [Fact]
    public void A_tempo_that_holds_is_one_observation_of_the_whole_track_and_one_that_changes_one_of_each_stretch()
    {
        Said([new(1, 59, 120)]).Should().Equal((0, 60, 120));
        Said([]).Should().Equal((0, 60, 120));
        Said([new(1, 30, 120), new(30, 59, 140)]).Should().Equal((1, 29, 120), (30, 29, 140));

        static IEnumerable<(double, double, double)> Said(IReadOnlyList<TempoSegment> segments) =>
            JamsParts.Tempo(120, 0.9, 60, segments).Select(one => (Of(one, "time"), Of(one, "duration"), Of(one, "value")));

        static double Of(JsonObject observation, string name) => observation[name]!.GetValue<double>();
    }
}
