using OpenMU.Music;
using OpenMU.Music.Questions;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Questions;

namespace OpenMU.Training.Tests.Evaluation.Questions;

public sealed class QuestionJudgeTests
{
    private static readonly ClipTruth Truth = new()
    {
        Id = "a",
        File = "a.wav",
        Seconds = 24,
        Tempo = 120,
        TempoClass = "fast",
        BeatsPerBar = 4,
        Key = "A minor",
        Genre = "jazz",
        Moods = ["happy", "groovy"],
        Instruments = ["piano", "bass"],
        Drums = true,
        Chords = [new ChordSegment(0, 4, "A:min"), new ChordSegment(4, 8, "D:maj")],
    };

    [Fact]
    public void There_are_five_questions_of_each_of_twelve_kinds_in_two_wordings()
    {
        foreach (var set in new[] { SetQuestion.All, SetQuestion.Reworded })
        {
            set.GroupBy(question => question.Kind).Should().HaveCount(12).And.OnlyContain(kind => kind.Count() == 5);
        }

        SetQuestion.Reworded.Select(question => (question.Kind, question.Expected))
            .Should().Equal(SetQuestion.All.Select(question => (question.Kind, question.Expected)));
        SetQuestion.All.Concat(SetQuestion.Reworded).Select(question => question.Text)
            .Should().OnlyHaveUniqueItems().And.HaveCount(120);
    }

    [Fact]
    public void Every_expectation_is_one_that_can_be_judged() => SetQuestion.All.Should().OnlyContain(
        question => QuestionJudge.Judge(question.Expected, "Nothing.", Truth) == Verdict.Wrong);

    [Theory]
    [InlineData("tempo", "The tempo is 118.9 BPM, which is fast.", Verdict.Right)]
    [InlineData("tempo", "The tempo is 60.0 BPM.", Verdict.Wrong)]
    [InlineData("tempo", "I am not sure: no tempo was found.", Verdict.Wrong)]
    [InlineData("tempo>100", "Yes, the tempo is 120.0 BPM.", Verdict.Right)]
    [InlineData("tempo>100", "No, the tempo is 120.0 BPM.", Verdict.Wrong)]
    [InlineData("pace", "It is fast.", Verdict.Right)]
    [InlineData("pace", "It is medium.", Verdict.Wrong)]
    [InlineData("key", "The key is A minor.", Verdict.Right)]
    [InlineData("key", "The key is C major.", Verdict.Wrong)]
    [InlineData("key=C major", "No, the key is A minor.", Verdict.Right)]
    [InlineData("mode", "The key is E minor.", Verdict.Right)]
    [InlineData("metre=3", "No, the metre is 4/4: 4 beats in a bar.", Verdict.Right)]
    [InlineData("chords", "The chords are A minor, D major, A minor.", Verdict.Right)]
    [InlineData("chords", "The chords are E minor, C major.", Verdict.Wrong)]
    [InlineData("duration", "It lasts 24.0 seconds (0:24).", Verdict.Right)]
    [InlineData("instruments", "I hear piano and drums, and perhaps banjo.", Verdict.Right)]
    [InlineData("instruments", "I hear piano and banjo.", Verdict.Wrong)]
    [InlineData("instruments", "I am not sure which instruments play.", Verdict.NotSure)]
    [InlineData("instruments", HonestAnswer.Refusal, Verdict.Wrong)]
    [InlineData("instrument=saxophone", "No, I hear no saxophone.", Verdict.Right)]
    [InlineData("instrument=drums", "No, I hear no drums.", Verdict.Wrong)]
    [InlineData("instrument=banjo", "Yes, I hear banjo.", Verdict.Wrong)]
    [InlineData("genre", "It sounds like jazz.", Verdict.Right)]
    [InlineData("genre", "I am not sure which genre it is: perhaps metal.", Verdict.NotSure)]
    [InlineData("genre=metal", "No, it does not sound like metal.", Verdict.Right)]
    [InlineData("mood=sad", "Yes, it feels sad.", Verdict.Wrong)]
    [InlineData("lyrics", "No lyrics are known for this track.", Verdict.Right)]
    [InlineData("refusal", HonestAnswer.Refusal, Verdict.Right)]
    [InlineData("refusal", "Yes, I hear strings.", Verdict.Wrong)]
    [InlineData("premise=banjo", "I hear no banjo in this recording.", Verdict.Right)]
    [InlineData("premise=piano", "I hear no piano in this recording.", Verdict.Wrong)]
    public void An_answer_is_judged_by_its_words_and_the_truth(string expected, string answer, Verdict verdict) =>
        QuestionJudge.Judge(expected, answer, Truth).Should().Be(verdict);

    [Fact]
    public void Without_truth_only_refusals_are_judged()
    {
        QuestionJudge.Judge("refusal", "Yes.", truth: null).Should().Be(Verdict.Wrong);
        QuestionJudge.Judge("key", "The key is A minor.", truth: null).Should().Be(Verdict.Unjudged);
    }
}
