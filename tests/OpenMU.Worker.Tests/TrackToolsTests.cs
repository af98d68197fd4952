using OpenMU.Catalogue.Tracks;
using OpenMU.Model.Text;

namespace OpenMU.Worker.Tests;

public sealed class TrackToolsTests
{
    private static readonly Analysis Measured = new()
    {
        Codec = "flac",
        Bpm = 117.6,
        Key = "C# minor",
        Beats = [new Beat(0.5, 1), new Beat(1, 2)],
        Chords = [new Chord(0, 2, "A:min7", 0.9), new Chord(2, 4, "N", 0.5)],
    };

    [Theory]
    [InlineData("GetAudioTempo", "117.6")]
    [InlineData("F3", "C# minor")]
    [InlineData("GetAudioDownbeat", "[{'time': 0.5, 'beat_number': 1}, {'time': 1.0, 'beat_number': 2}]")]
    [InlineData("Format", null)]
    public void Tools_answer_from_what_the_catalogue_holds(string tool, string? result) => TrackTools.Of(Measured)(tool).Should().Be(result);

    [Fact]
    public void Chords_are_those_that_were_stored() => TrackTools.Of(Measured)("GetAudioChords").Should().StartWith("[{'start_time': 0.0, 'end_time': 2.0, 'chord': 'A");

    [Fact]
    public void What_a_person_has_put_right_stands_above_the_measurement()
    {
        var tools = TrackTools.Of(Measured, new Correction { By = "Ada", Bpm = 58.8, Key = "8A" });

        tools("GetAudioTempo").Should().Be("58.8");
        tools("GetAudioKey").Should().Be("A minor");
    }

    [Fact]
    public void What_was_not_found_is_no_answer()
    {
        var tools = TrackTools.Of(new Analysis { Codec = "flac" });

        foreach (var tool in (string[])["GetAudioTempo", "GetAudioKey", "GetAudioChords", "GetAudioDownbeat"]) tools(tool).Should().BeNull();
    }
}
