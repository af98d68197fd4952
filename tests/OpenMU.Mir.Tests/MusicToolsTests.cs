using OpenMU.Music;

namespace OpenMU.Mir.Tests;

public class MusicToolsTests
{
    [Theory]
    [InlineData("GetAudioTempo", "F2", "117.6")]
    [InlineData("GetAudioKey", "F3", "C# minor")]
    [InlineData("GetAudioDownbeat", "F4",
        "[{'time': 0.02, 'beat_number': 4}, {'time': 0.53, 'beat_number': 1}, {'time': 1.04, 'beat_number': 2}, {'time': 1.55, 'beat_number': 3}]")]
    [InlineData("GetAudioChords", "F1",
        "[{'start_time': 0.0, 'end_time': 0.5, 'chord': 'no chord'}, {'start_time': 0.5, 'end_time': 1.0, 'chord': 'C#minor'}, {'start_time': 1.0, 'end_time': 1.6, 'chord': 'F#minor'}, "
        + "{'start_time': 1.6, 'end_time': 2.4, 'chord': 'Bmajor'}, {'start_time': 2.4, 'end_time': 4.0, 'chord': 'Emajor'}]")]
    public void A_tool_answers_to_both_its_names_in_the_published_form(string name, string code, string expected)
    {
        MusicTools.Call(name, Measured.Song).Should().Be(expected);
        MusicTools.Call(code, Measured.Song).Should().Be(expected);
    }

    [Fact]
    public void A_whole_tempo_keeps_its_decimal() => MusicTools.GetAudioTempo(new TempoEstimate(119.98, 1, [])).Should().Be("120.0");

    [Fact]
    public void Flat_keys_are_spelled_as_published() => MusicTools.GetAudioKey(Measured.Song.Key with { Key = "Eb minor" }).Should().Be("D# minor");

    [Fact]
    public void Chords_of_the_same_name_are_one() =>
        MusicTools.GetAudioChords([new ChordSegment(0, 1, "A:min"), new ChordSegment(1, 2, "A:min7"), new ChordSegment(2, 3, "A")]).Should().Be(
            "[{'start_time': 0.0, 'end_time': 2.0, 'chord': 'Aminor'}, {'start_time': 2.0, 'end_time': 3.0, 'chord': 'Amajor'}]");

    [Fact]
    public void Nothing_found_or_no_such_tool_is_no_answer()
    {
        string?[] answers = [.. new[] { "GetAudioTempo", "F3", "F4", "F5", "tempo", "" }.Select(name => MusicTools.Call(name, Measured.Silence))];
        answers.Should().AllSatisfy(answer => answer.Should().BeNull());
        MusicTools.Call("F1", Measured.Silence).Should().Be("[{'start_time': 0.0, 'end_time': 1.5, 'chord': 'no chord'}]");
    }
}
