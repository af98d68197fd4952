using OpenMU.Music.Grounding;
using OpenMU.Music.Questions;

namespace OpenMU.Music.Tests.Grounding;

public sealed class ToolReadingTests
{
    private static readonly MusicalFacts Song = new()
    {
        Bpm = 117.64,
        BpmConfidence = 0.9,
        Key = MusicalKey.Parse("A minor"),
        KeyConfidence = 0.7,
        DurationSeconds = 120,
        Lufs = -9.5,
        Beats = [.. Enumerable.Range(0, 200).Select(i => new Beat(i * 0.5, (i % 4) + 1))],
        Chords = [new ChordSegment(0, 2, "A:min", 0.7), new ChordSegment(2, 4, "F:maj", 0.6)],
    };

    [Fact]
    public void A_number_has_its_unit_where_it_was_measured_and_how_surely() =>
        ToolReading.Of("F2", Song).Should().BeEquivalentTo(
            new ToolReading(null, 117.6, "BPM", null, [], 0, 120, 0.9));

    [Fact]
    public void A_key_a_length_and_a_loudness_are_values_of_their_own()
    {
        ToolReading.Of("GetAudioKey", Song)!.Should().BeEquivalentTo(new { Key = "A minor", Confidence = 0.7 });
        ToolReading.Of("duration", Song)!.Should().BeEquivalentTo(new { Number = 120.0, Unit = "s" });
        ToolReading.Of("loudness", Song)!.Should().BeEquivalentTo(new { Number = -9.5, Unit = "LUFS" });
        ToolReading.Of("telepathy", Song).Should().BeNull();
    }

    [Fact]
    public void Chords_and_beats_say_from_which_second_to_which_and_a_long_list_has_its_beginning()
    {
        ToolReading.Of("GetAudioChords", Song)!.Segments.Should().Equal(
            new ToolSegment(0, 2, "A minor"), new ToolSegment(2, 4, "F major"));
        ToolReading.Of("GetAudioDownbeat", Song)!.Segments.Should().HaveCount(ToolReading.MaxSegments)
            .And.StartWith([new ToolSegment(0, 0, "1"), new ToolSegment(0.5, 0.5, "2")]);
    }

    [Fact]
    public void What_a_person_has_put_right_is_of_no_tools_confidence() =>
        ToolReading.Of("F2", Song.CorrectedBy(90, null))!.Should().BeEquivalentTo(
            new { Number = 90.0, Confidence = (double?)null });

    [Fact]
    public void Of_several_tracks_each_measurement_says_which_it_is_of()
    {
        var slow = Song with { Bpm = 60, BpmConfidence = 0.5 };
        var answer = new HonestAnswer(
            "[2] is slower.", AnswerOutcome.Answered,
            [new ToolResult("GetAudioTempo", "[1] 117.6"), new ToolResult("GetAudioTempo", "[2] 60.0")]);

        answer.ReadOff(Song, slow).Tools
            .Select(tool => (tool.Reading!.Track, tool.Reading.Number, tool.Reading.Confidence))
            .Should().Equal((1, 117.6, 0.9), (2, 60.0, 0.5));
    }
}
