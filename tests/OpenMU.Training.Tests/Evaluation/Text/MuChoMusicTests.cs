using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class MuChoMusicTests
{
    private static readonly string[] Options = ["Jazz", "Reggae", "Classical", "Both jazz and reggae"];

    [Theory]
    [InlineData("B", 1)]
    [InlineData("(C) Classical", 2)]
    [InlineData("The correct answer is: (A)", 0)]
    [InlineData("A or B? The correct answer is: D", 3)]
    [InlineData("Certainly both", 2)]
    [InlineData("it is reggae", 1)]
    [InlineData("A B: it is classical", 2)]
    [InlineData("both jazz and reggae", 0)]
    [InlineData("I do not know", null)]
    [InlineData("", null)]
    public void An_answer_is_read_as_the_published_scorer_reads_it(string answer, int? choice)
        => MuChoMusic.Choice(answer, Options).Should().Be(choice);

    [Theory]
    [InlineData("B", 1)]
    [InlineData("Answer: D", 0)]
    [InlineData("(C) Classical", 2)]
    [InlineData("The correct answer is: (D)", 3)]
    [InlineData("It is reggae.", null)]
    public void By_one_rule_the_first_capital_counts_wherever_it_stands(string answer, int? choice)
        => MuChoMusic.FirstCapital(answer).Should().Be(choice);

    [Theory]
    [InlineData("It is reggae.", 1)]
    [InlineData("Both jazz and reggae!", 3)]
    [InlineData("Answer: D", 3)]
    [InlineData("(C)", 2)]
    [InlineData("(C) Classical", 2)]
    [InlineData("(A) Classical", 2)]
    [InlineData("A slow piece.", null)]
    [InlineData("A or B", null)]
    [InlineData("Jazz or classical", null)]
    [InlineData("", null)]
    public void By_the_other_rule_the_options_own_words_count_and_a_letter_that_stands_alone(string answer, int? choice)
        => MuChoMusic.OwnWords(answer, Options).Should().Be(choice);

    [Fact]
    public void What_was_not_answered_is_wrong_and_not_followed()
        => MuChoMusic.Score([(0, 0), (1, 1), (2, 0), (null, 3)]).Should().Be(new ChoiceScore(4, 0.5, 0.75));

    [Fact]
    public void A_prompt_ends_where_the_answer_begins()
        => MuChoMusic.Prompt("Which genre?", Options).Should().Be("Question: Which genre?\n Options: (A) Jazz (B) "
            + "Reggae (C) Classical (D) Both jazz and reggae \n The correct answer is: ");
}
