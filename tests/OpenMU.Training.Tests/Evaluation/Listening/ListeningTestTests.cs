using OpenMU.Training.Evaluation.Listening;

namespace OpenMU.Training.Tests.Evaluation.Listening;

public sealed class ListeningTestTests
{
    private static SystemTexts System(string name, int count, string says) => new(
        name, Enumerable.Range(0, count).ToDictionary(i => $"{i:00}.ogg", i => $"{says} {i}"));

    [Fact]
    public void Every_recording_that_both_speak_of_is_compared_once_each_system_on_either_side_half_of_the_time()
    {
        var test = ListeningTest.Draw(System("one", 21, "A"), System("two", 20, "B"), most: 100, checks: 0, seed: 7);

        test.Trials.Select(trial => trial.Recording).Order().Should()
            .Equal(Enumerable.Range(0, 20).Select(i => $"{i:00}.ogg"));
        test.Trials.Count(trial => trial.A == Side.Left).Should().Be(10);
        test.Trials.Should().OnlyContain(trial =>
            trial.A == Side.Left ? trial.Left.StartsWith('A') && trial.Right.StartsWith('B')
                : trial.Left.StartsWith('B') && trial.Right.StartsWith('A'));
        test.Trials.Select(trial => trial.Number).Should().Equal(Enumerable.Range(1, 20));
        test.Trials.Select(trial => trial.Recording).Should().NotBeInAscendingOrder("their order is drawn too");
    }

    [Fact]
    public void A_check_sets_what_a_system_says_of_a_recording_beside_what_it_says_of_another()
    {
        var test = ListeningTest.Draw(System("one", 12, "A"), System("two", 12, "B"), most: 8, checks: 4, seed: 3);

        var checks = test.Trials.Where(trial => trial.A is null).ToList();
        checks.Should().HaveCount(4);
        test.Trials.Should().HaveCount(12);
        foreach (var check in checks)
        {
            var (right, wrong) = check.True == Side.Left ? (check.Left, check.Right) : (check.Right, check.Left);
            right.Should().EndWith($" {int.Parse(check.Recording[..2])}");
            wrong.Should().StartWith(right[..1]).And.NotBe(right);
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_the_key_reads_back()
    {
        var (a, b) = (System("one", 9, "A"), System("two", 9, "B"));
        var test = ListeningTest.Draw(a, b, most: 6, checks: 2, seed: 5);

        ListeningTest.Draw(a, b, most: 6, checks: 2, seed: 5).Should().BeEquivalentTo(test);
        ListeningTest.Parse(test.ToJson()).Should().BeEquivalentTo(test);
    }

    [Fact]
    public void The_page_names_neither_system_nor_recording_and_no_text_ends_its_script()
    {
        var a = new SystemTexts("alpha", new Dictionary<string, string> { ["secret.ogg"] = "</script><b>Loud</b>" });
        var b = new SystemTexts("beta", new Dictionary<string, string> { ["secret.ogg"] = "Quiet & \"slow\"." });

        var page = ListeningPage.Of(ListeningTest.Draw(a, b, 1, 0, 1));

        page.Should().NotContain("alpha").And.NotContain("beta").And.NotContain("secret").And.NotContain("<b>Loud");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    public void What_is_no_key_is_refused(string text) =>
        FluentActions.Invoking(() => ListeningTest.Parse(text)).Should().Throw<InvalidDataException>();
}
