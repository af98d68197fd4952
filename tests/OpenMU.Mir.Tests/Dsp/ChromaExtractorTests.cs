using CsCheck;
using OpenMU.Mir.Dsp;
using OpenMU.Testing;

namespace OpenMU.Mir.Tests.Dsp;

public class ChromaExtractorTests
{
    [Fact]
    public void The_size_of_the_blocks_does_not_matter()
    {
        var samples = Notes.Chords(Notes.Cadence(3, minor: false)).Samples;
        var whole = Extract(samples, samples.Length);
        Gen.Int[1, 30000].Sample(block => Levels(Extract(samples, block)).Should().Equal(Levels(whole)), iter: 3);
    }

    [Fact]
    public void A_note_is_loudest_at_its_own_semitone()
    {
        var power = new float[Chromagram.Semitones];
        for (var note = 36; note <= 96; note += 5)
        {
            Extract(Notes.Chords([[note]], 2).Samples, 4096).SemitonePower(8, power);
            Array.IndexOf(power, power.Max()).Should().Be(note - Chromagram.LowestPitch);
        }
    }

    [Fact]
    public void There_is_a_frame_for_each_started_hop()
    {
        Extract(new float[1], 1).Frames.Should().Be(1);
        Extract(new float[2048], 100).Frames.Should().Be(1);
        Extract(new float[2049], 100).Frames.Should().Be(2);
        Extract([], 1).Frames.Should().Be(0);
    }

    [Fact]
    public void Samples_that_are_not_numbers_read_as_silence()
    {
        var samples = new float[8192];
        samples[100] = float.NaN;
        samples[200] = float.PositiveInfinity;
        Levels(Extract(samples, 512)).Should().OnlyContain(level => level == 0);
    }

    private static Chromagram Extract(float[] samples, int block)
    {
        var extractor = new ChromaExtractor(Notes.Rate);
        for (var i = 0; i < samples.Length; i += block)
            extractor.Push(samples.AsSpan(i, Math.Min(block, samples.Length - i)));
        return extractor.Finish();
    }

    private static byte[] Levels(Chromagram chromagram) =>
        [.. Enumerable.Range(0, chromagram.Frames).SelectMany(frame => chromagram.Levels(frame).ToArray())];
}
