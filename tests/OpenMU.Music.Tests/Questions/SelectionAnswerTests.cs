using OpenMU.Music.Questions;

namespace OpenMU.Music.Tests.Questions;

public class SelectionAnswerTests
{
    private const string Note = "A note.";

    private static readonly SelectedTrack[] Two =
    [
        new("Dawn", new() { Bpm = 96, Key = MusicalKey.Parse("A minor") }, 180, -14),
        new("Rush", new() { Bpm = 128.04, Key = MusicalKey.Parse("C major") }, 95.5, -9),
    ];

    [Theory]
    [InlineData("Which is faster?", "[2] Rush is faster. [1] Dawn: 96.0 BPM; [2] Rush: 128.0 BPM.")]
    [InlineData("Which one is the slowest?", "[1] Dawn is slower. [1] Dawn: 96.0 BPM; [2] Rush: 128.0 BPM.")]
    [InlineData("Do they have the same tempo?", "The tempo differs. [1] Dawn: 96.0 BPM; [2] Rush: 128.0 BPM.")]
    [InlineData("How fast are they?", "[1] Dawn: 96.0 BPM; [2] Rush: 128.0 BPM.")]
    [InlineData("Are they in the same key?", "The keys differ. [1] Dawn: A minor; [2] Rush: C major.")]
    [InlineData("Which is louder?", "[2] Rush is louder. [1] Dawn: -14.0 LUFS; [2] Rush: -9.0 LUFS.")]
    [InlineData("Which is shorter?", "[2] Rush is shorter. [1] Dawn: 180.0 s; [2] Rush: 95.5 s.")]
    public void What_was_measured_is_compared_with_each_figure_beside_its_track(string question, string answer)
        => SelectionAnswer.FromMeasurements(question, Two)!.Text.Should().Be(answer);

    [Fact]
    public void Three_tracks_have_a_fastest_two_may_share_it_and_what_looks_equal_is_equal()
    {
        SelectedTrack Third(double bpm) => Two[1] with { Name = "Run", Facts = Two[1].Facts with { Bpm = bpm } };

        SelectionAnswer.FromMeasurements("Which is fastest?", [.. Two, Third(140)])!.Text
            .Should().StartWith("[3] Run is the fastest. ");
        SelectionAnswer.FromMeasurements("Which is fastest?", [.. Two, Third(128)])!.Text
            .Should().StartWith("[2] Rush and [3] Run are the fastest. ");
        SelectionAnswer.FromMeasurements("Which is fastest?", [Two[1], Third(128)])!.Text
            .Should().StartWith("The tempo is the same. ");
    }

    [Fact]
    public void Where_nothing_was_found_the_answer_says_so_of_that_track()
    {
        SelectedTrack[] tracks = [Two[0], new("Rain", MusicalFacts.None, 60)];

        SelectionAnswer.FromMeasurements("Which is faster?", tracks)!.Text
            .Should().Be("[1] Dawn: 96.0 BPM; [2] Rain: no tempo was found.");
        SelectionAnswer.FromMeasurements("Same key?", [tracks[1], tracks[1]])!.Text
            .Should().Be("I am not sure. [1] Rain: no key was found; [2] Rain: no key was found.");
    }

    [Theory]
    [InlineData("Describe these two.")]
    [InlineData("Which has the calmer mood?")]
    [InlineData("Why does the faster one feel happier?")]
    public void Other_questions_are_the_models(string question)
        => SelectionAnswer.FromMeasurements(question, Two).Should().BeNull();

    [Theory]
    [InlineData("[1] is at 96 BPM.", 0)]
    [InlineData("[1] is at 128 BPM.", 1)]
    [InlineData("[1] is at 96 BPM and [2] is in C major.", 0)]
    [InlineData("[1] is in C major and [2] at 128 BPM.", 1)]
    [InlineData("Both are at 128 BPM.", 1)]
    [InlineData("[3] is at 128 BPM.", 1)]
    [InlineData("Both are songs.", 0)]
    public void A_models_sentence_stays_if_it_is_true_of_the_track_that_it_cites(string written, int dropped)
    {
        var answer = SelectionAnswer.Of(written, Two, Note, out var left);

        left.Should().Be(dropped);
        answer.Text.Should().Be(dropped > 0 ? SelectionAnswer.Nothing : $"{Cited(written)}: {written} ({Note})");
        answer.Outcome.Should().Be(dropped > 0 ? AnswerOutcome.NotSure : AnswerOutcome.Answered);
    }

    [Fact]
    public void An_answer_keeps_each_figure_beside_its_track_and_what_the_model_was_not_trained_for_is_refused()
    {
        var answer = SelectionAnswer.WithoutModel("Which is faster?", Two, HonestAnswer.OwnTasks)!;

        answer.Outcome.Should().Be(AnswerOutcome.Answered);
        answer.Tools.Select(tool => (tool.Name, tool.Value))
            .Should().Equal(("GetAudioTempo", "[1] 96.0"), ("GetAudioTempo", "[2] 128.0"));
        SelectionAnswer.WithoutModel("Who made these?", Two, HonestAnswer.OwnTasks)!
            .Outcome.Should().Be(AnswerOutcome.Refused);
        SelectionAnswer.WithoutModel("Who made these?", Two, trainedFor: null).Should().BeNull();
        SelectionAnswer.WithoutModel("Describe both.", Two, HonestAnswer.OwnTasks).Should().BeNull();
    }

    private static string Cited(string written) => written.Contains("[1]") && !written.Contains("[2]")
        ? "[1] Dawn"
        : "[1] Dawn, [2] Rush";
}
