using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

public class MonoMixTests
{
    [Theory]
    [InlineData(1, new float[] { 1, 2, 3, 4 }, new float[] { 1, 2, 3, 4 })]
    [InlineData(2, new float[] { 1, 3, -2, 4 }, new float[] { 2, 1 })]
    [InlineData(3, new float[] { 1, 2, 6, -3, 0, 0 }, new float[] { 3, -1 })]
    public void The_mean_of_the_channels_is_mono(int channels, float[] interleaved, float[] expected) =>
        MonoMix.Mean(interleaved, channels, new float[10]).ToArray().Should().Equal(expected);

    [Theory]
    [InlineData(new float[] { 1, -1 }, new float[] { 1, 3, -2, 4 }, new float[] { -1, -3 })]
    [InlineData(new float[] { -1, 1, 1 }, new float[] { 1, 2, 5, -3, 0, 0 }, new float[] { 2, 1 })]
    public void Channels_can_be_turned_round_before_their_mean(float[] signs, float[] interleaved, float[] expected) =>
        MonoMix.MeanWithSigns(interleaved, signs, new float[10]).ToArray().Should().Equal(expected);
}
