using CsCheck;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

public sealed class ExcerptTests
{
    private static readonly float[] Tone =
        [.. Enumerable.Range(0, 3 * AudioDecoder.SampleRate).Select(i => MathF.Sin(i * 0.05f))];

    [Fact]
    public void However_the_blocks_fall_the_excerpt_is_the_beginning_of_the_whole()
    {
        var whole = Of(null, [Tone]);
        whole.DurationSeconds.Should().Be(3);
        Gen.Select(Gen.Int[500, 60_000].Array[1, 8], Gen.Double[0.1, 4]).Sample((sizes, seconds) =>
        {
            var blocks = new List<float[]>();
            for (var at = 0; at < Tone.Length; at += blocks[^1].Length)
                blocks.Add(Tone[at..Math.Min(Tone.Length, at + sizes[blocks.Count % sizes.Length])]);
            var excerpt = Of(seconds, blocks);
            var expected = Math.Min(whole.Samples.Length, (int)Math.Ceiling(seconds * 16_000));
            return excerpt.Samples.AsSpan().SequenceEqual(whole.Samples.AsSpan(0, expected));
        }, iter: 50);
    }

    [Fact]
    public void A_full_excerpt_takes_nothing_more_and_a_restarted_one_begins_again()
    {
        var excerpt = new Excerpt(16_000, 0.5);
        excerpt.IsFull.Should().BeFalse();
        excerpt.Push(Tone);
        excerpt.IsFull.Should().BeTrue();
        excerpt.Restart();
        excerpt.IsFull.Should().BeFalse();
        excerpt.Push(new float[AudioDecoder.SampleRate]);
        excerpt.Finish().Samples.Should().HaveCount(8_000).And.OnlyContain(sample => sample == 0);
    }

    private static Waveform Of(double? seconds, IEnumerable<float[]> blocks)
    {
        var excerpt = new Excerpt(16_000, seconds);
        foreach (var block in blocks) excerpt.Push(block);
        return excerpt.Finish();
    }
}
