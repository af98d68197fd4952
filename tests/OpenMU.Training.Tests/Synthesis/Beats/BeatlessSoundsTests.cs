using OpenMU.Mir.Audio;
using OpenMU.Training.Synthesis.Beats;

namespace OpenMU.Training.Tests.Synthesis.Beats;

/// <summary>All but speech, which needs espeak-ng.</summary>
public sealed class BeatlessSoundsTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("noise")]
    [InlineData("rain")]
    [InlineData("wind")]
    public async Task Each_kind_sounds_for_as_long_as_is_asked_and_is_the_same_again(string kind)
    {
        async Task<byte[]> Make()
        {
            await BeatlessSounds.MakeAsync(
                kind, path, 4, isHeldOut: false, new SeededRandom(kind), CancellationToken.None);
            return await File.ReadAllBytesAsync(path, CancellationToken.None);
        }

        (await Make()).Should().Equal(await Make());
        var sound = await AudioFile.ReadMonoAsync(path, 22_050, null, DecodeLimits.Default, CancellationToken.None);
        sound.DurationSeconds.Should().BeApproximately(4, 0.01);
        sound.Samples.Max(Math.Abs).Should().BeInRange(0.05f, 0.9f);
    }
}
