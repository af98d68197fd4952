using OpenMU.Training.Annotation;

namespace OpenMU.Training.Tests.Annotation;

public class AnnotationFilterTests
{
    private const string Metadata = """{"genre":"jazz","tempo":117.6}""";

    [Fact]
    public void A_list_is_found_within_a_fence() =>
        AnnotationFilter.Parse("Sure!\n```json\n[{\"question\": \"Q?\", \"answer\": \" A. \"},]\n```")
            .Should().Equal(("Q?", "A."));

    [Theory]
    [InlineData("I cannot do that.")]
    [InlineData("[not json]")]
    [InlineData("")]
    public void Other_answers_are_none(string reply) => AnnotationFilter.Parse(reply).Should().BeNull();

    [Theory]
    [InlineData("A calm jazz trio plays.", true)]
    [InlineData("It moves at 117.6 beats per minute.", true)]
    [InlineData("It moves at 120 beats per minute.", false)]
    [InlineData("According to the metadata this is jazz.", false)]
    [InlineData("As an AI, I am not able to say.", false)]
    [InlineData("The tags suggest a jazz trio.", false)]
    [InlineData("Jazz.", false)]
    [InlineData("The tempo of this is [GetAudioTempo()].", false)]
    public void A_description_speaks_of_the_music_and_has_no_figure_from_nowhere(string answer, bool kept) =>
        AnnotationFilter.Keeps("captioning", "", answer, Metadata).Should().Be(kept);

    [Theory]
    [InlineData("The tempo of this is [GetAudioTempo()] BPM.", true)]
    [InlineData("The tempo of this is 117.6 BPM.", false)]
    [InlineData("The loudness of this is [GetLoudness()] dB.", false)]
    [InlineData("The tempo of this is[GetAudioTempo()] BPM.", false)]
    public void A_tool_answer_calls_a_known_tool_behind_a_space(string answer, bool kept) =>
        AnnotationFilter.Keeps("tools", "How fast?", answer, Metadata).Should().Be(kept);
}
