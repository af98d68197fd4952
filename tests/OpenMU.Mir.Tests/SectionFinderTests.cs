using OpenMU.Mir.Dsp;
using OpenMU.Music;

namespace OpenMU.Mir.Tests;

public class SectionFinderTests
{
    private const double Step = 0.5;

    // Chords as pitches: two kinds of music that share a key and nothing else.
    private static readonly int[][] Verse = [[48, 60, 64, 67], [45, 57, 60, 64], [41, 57, 60, 65], [43, 59, 62, 67]],
        Chorus = [[53, 69, 72, 77], [55, 71, 74, 79], [52, 67, 71, 76], [57, 72, 76, 81]];

    [Fact]
    public void What_comes_again_has_one_letter_and_begins_where_it_does()
    {
        var found = Find((Verse, 8, 0.1f), (Chorus, 8, 0.3f), (Verse, 8, 0.1f), (Chorus, 8, 0.3f));

        found.Select(part => part.Label).Should().Equal("A", "B", "A", "B");
        found.Skip(1).Select(part => part.Start).Should().Equal(
            [16, 32, 48], (found, truth) => Math.Abs(found - truth) < 0.3);
        found.Select(part => part.Function).Should().Equal("verse", "chorus", "verse", "chorus");
        found.Should().OnlyContain(part => part.Confidence > 0.5 && part.Confidence <= 0.9);
    }

    [Fact]
    public void Sections_follow_one_another_without_gaps()
    {
        var found = Find((Verse, 12, 0.1f), (Chorus, 16, 0.1f), (Verse, 12, 0.1f));

        found.Zip(found.Skip(1)).Should().OnlyContain(pair => pair.First.End == pair.Second.Start);
        found[0].Start.Should().BeLessThan(0.5);
        found[^1].End.Should().BeApproximately(80, 0.5);
    }

    [Fact]
    public void Short_music_has_no_sections() => Find((Verse, 8, 0.1f), (Chorus, 8, 0.1f)).Should().BeEmpty();

    [Fact]
    public void Silence_has_no_sections()
    {
        var silence = new float[60 * TrackMeasurer.FeatureRate];

        SectionFinder.Find(OnsetStrength.Of(new(silence, TrackMeasurer.FeatureRate)), Chroma(silence), BeatTrack.None)
            .Should().BeEmpty();
    }

    [Fact]
    public void Music_without_beats_is_divided_too()
    {
        var audio = Play([(Verse, 8, 0.1f), (Chorus, 8, 0.3f), (Verse, 8, 0.1f), (Chorus, 8, 0.3f)]);

        SectionFinder.Find(OnsetStrength.Of(new(audio, TrackMeasurer.FeatureRate)), Chroma(audio), BeatTrack.None)
            .Select(part => part.Label).Should().Equal("A", "B", "A", "B");
    }

    private static IReadOnlyList<Section> Find(params (int[][] Chords, int Bars, float Level)[] parts)
    {
        var audio = Play(parts);
        var count = parts.Sum(part => part.Bars) * 4;
        Beat[] beats = [.. Enumerable.Range(0, count).Select(i => new Beat(i * Step, (i % 4) + 1))];
        return SectionFinder.Find(
            OnsetStrength.Of(new(audio, TrackMeasurer.FeatureRate)), Chroma(audio), new BeatTrack(beats, null, 1, 1));
    }

    // A chord a bar, struck on every beat.
    private static float[] Play(IReadOnlyList<(int[][] Chords, int Bars, float Level)> parts)
    {
        const int rate = TrackMeasurer.FeatureRate;
        var samples = new float[(int)(parts.Sum(part => part.Bars) * 4 * Step * rate)];
        var at = 0;
        foreach (var (chords, bars, level) in parts)
        {
            for (var beat = 0; beat < bars * 4; beat++, at += (int)(Step * rate))
            {
                foreach (var pitch in chords[beat / 4 % chords.Length])
                {
                    var step = 2 * Math.PI * 440 * Math.Pow(2, (pitch - 69) / 12.0) / rate;
                    for (var i = 0; i < (int)(Step * rate) && at + i < samples.Length; i++)
                        samples[at + i] += (float)(level * Math.Exp(-i / 6000.0) * Math.Sin(step * i));
                }
            }
        }

        return samples;
    }

    private static Chromagram Chroma(float[] samples)
    {
        var extractor = new ChromaExtractor(TrackMeasurer.FeatureRate);
        extractor.Push(samples);
        return extractor.Finish();
    }
}
