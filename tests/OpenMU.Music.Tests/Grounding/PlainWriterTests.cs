using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

public sealed class PlainWriterTests
{
    private static readonly MusicalFacts Known = new()
    {
        Bpm = 67.96,
        Key = MusicalKey.Parse("D minor"),
        Beats = [new Beat(0.5, 1), new Beat(1, 2), new Beat(1.5, 3)],
        Decisions = TagDecisions.Of(
            [
                new("genre", "orchestral", 0.8), new("instrument", "strings", 0.9), new("instrument", "brass", 0.7),
                new("instrument", "choir", 0.5), new("mood", "solemn", 0.6), new("mood", "calm", 0.5),
            ]),
    };

    [Fact]
    public void A_caption_says_what_was_decided() => PlainWriter.Caption(Known)
        .Should().Be("A slow orchestral piece that feels solemn and calm, with strings, brass and choir.");

    [Fact]
    public void A_description_adds_what_was_measured() => PlainWriter.Description(Known).Should().Be(
        "A slow orchestral piece that feels solemn and calm, with strings, brass and choir. "
        + "It moves at about 68 beats per minute in D minor. There are 3 beats in each bar.");

    [Fact]
    public void Captions_of_different_tracks_have_different_shapes()
    {
        string[] shapes = [.. from genre in MusicVocabulary.Genres
            from mood in MusicVocabulary.Moods
            let decided = TagDecisions.Of(
                [
                    new("genre", genre.Name, 0.8), new("instrument", "strings", 0.9), new("instrument", "drums", 0.8),
                    new("mood", mood.Name, 0.7),
                ])
            let caption = PlainWriter.Caption(new MusicalFacts { Bpm = 100, Decisions = decided })
            select caption.Replace(genre.Name, "GENRE", StringComparison.OrdinalIgnoreCase)
                .Replace(mood.Name, "MOOD", StringComparison.OrdinalIgnoreCase).Replace("An ", "A ", StringComparison.Ordinal)];

        shapes.Distinct().Should().HaveCountGreaterThanOrEqualTo(4).And.OnlyContain(shape =>
            shape.Contains("MOOD") && shape.Contains("mid-tempo"));
    }

    [Theory]
    [InlineData(OtherSound.Silence, "No music: silence.")]
    [InlineData(OtherSound.Speech, "No music: it sounds like speech.")]
    [InlineData(OtherSound.Noise, "No music: it sounds like noise.")]
    [InlineData(OtherSound.Other, "No music: it sounds like something else.")]
    public void Without_music_neither_tempo_nor_key_is_put_into_words(OtherSound sound, string caption)
    {
        var facts = (Known with { Decisions = TagDecisions.None, DurationSeconds = 12.34 }).HeardAs(new(0.1, sound));
        PlainWriter.Caption(facts).Should().Be(caption);
        PlainWriter.Description(facts).Should().Be($"{caption} It lasts 12.3 seconds.");
    }

    [Theory]
    [InlineData(90.0, null, null, "A mid-tempo piece.")]
    [InlineData(null, "A major", null, "A piece in A major.")]
    [InlineData(null, null, null, "A piece.")]
    [InlineData(150.0, "A major", "waltz", "A fast waltz in A major.")]
    [InlineData(null, null, "electronic", "An electronic piece.")]
    public void What_is_not_known_is_left_out(double? bpm, string? key, string? genre, string caption) =>
        PlainWriter.Caption(new MusicalFacts
        {
            Bpm = bpm,
            Key = key is null ? null : MusicalKey.Parse(key),
            Decisions = TagDecisions.Of(genre is null ? [] : [new("genre", genre, 0.7)]),
        }).Should().Be(caption);
}
