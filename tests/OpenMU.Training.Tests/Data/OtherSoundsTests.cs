using OpenMU.Training.Data;

namespace OpenMU.Training.Tests.Data;

public sealed class OtherSoundsTests
{
    [Fact]
    public void Every_kind_is_sound_in_range_and_the_same_from_the_same_seed()
    {
        for (var i = 0; i < 32; i++)
        {
            var samples = OtherSounds.Make(i, 1, 0.5);
            samples.Should().HaveCount(8000, OtherSounds.NameOf(i)).And.OnlyContain(x => x >= -1 && x <= 1);
            samples.Should().Equal(OtherSounds.Make(i, 1, 0.5));
        }

        OtherSounds.Make(1, 1, 0.5).Should().NotEqual(OtherSounds.Make(1, 2, 0.5));
    }

    [Fact]
    public void Half_of_them_are_the_plain_noises()
    {
        OtherSounds.Make(6, 3, 0.5).Should().Equal(NoiseSounds.Make(3, 3, 0.5));
        Enumerable.Range(0, 16).Select(OtherSounds.NameOf).Should().OnlyHaveUniqueItems().And.Contain("noise/white-0")
            .And.Contain("noise/rain-0").And.Contain("noise/engine-3");
    }
}
