using OpenMU.Training.Data;

namespace OpenMU.Training.Tests.Data;

public sealed class BareMusicTests
{
    [Fact]
    public void Every_kind_sounds_in_range_and_is_the_same_from_the_same_seed()
    {
        for (var i = 0; i < 10; i++)
        {
            var samples = BareMusic.Make(i, 1, 1);
            samples.Should().HaveCount(16000, BareMusic.NameOf(i)).And.OnlyContain(x => x >= -1 && x <= 1);
            samples.Max(MathF.Abs).Should().BeGreaterThan(0.015f, "quiet music is not silence");
            samples.Should().Equal(BareMusic.Make(i, 1, 1));
        }

        Enumerable.Range(0, 5).Select(BareMusic.KindOf).Should()
            .BeEquivalentTo("drone", "pad", "drums", "voice", "plucked");
    }
}
