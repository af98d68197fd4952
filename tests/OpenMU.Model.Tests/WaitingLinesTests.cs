using CsCheck;

namespace OpenMU.Model.Tests;

public sealed class WaitingLinesTests
{
    [Fact]
    public void The_urgent_go_first_and_after_some_of_them_one_of_the_others()
    {
        var lines = new WaitingLines<string>(inARow: 2);
        foreach (var track in (string[])["a", "b", "c"]) lines.Add(track, isUrgent: false);
        foreach (var question in (string[])["1", "2", "3", "4", "5"]) lines.Add(question, isUrgent: true);

        Served(lines).Should().Equal("1", "2", "a", "3", "4", "b", "5", "c");
    }

    [Fact]
    public void Urgent_ones_that_nobody_waited_behind_do_not_count()
    {
        var lines = new WaitingLines<string>(inARow: 2);
        foreach (var question in (string[])["1", "2", "3"]) lines.Add(question, isUrgent: true);
        Served(lines).Should().Equal("1", "2", "3");
        lines.Add("a", isUrgent: false);
        lines.Add("4", isUrgent: true);

        Served(lines).Should().Equal("4", "a");
    }

    [Fact]
    public void Whoever_leaves_a_line_is_not_served()
    {
        var lines = new WaitingLines<string>(inARow: 2);
        lines.Add("a", isUrgent: false);
        lines.Add("1", isUrgent: true);

        lines.Remove("1").Should().BeTrue();
        lines.Remove("1").Should().BeFalse();
        Served(lines).Should().Equal("a");
    }

    [Fact]
    public void In_any_mixture_each_line_keeps_its_order_and_nobody_waits_behind_more_than_allowed()
    {
        Gen.Select(Gen.Int[1, 5], Gen.Bool.Array[0, 60]).Sample((inARow, arrivals) =>
        {
            var lines = new WaitingLines<string>(inARow);
            foreach (var (i, isUrgent) in arrivals.Index()) lines.Add($"{(isUrgent ? 'u' : 'o')}{i:00}", isUrgent);
            var served = Served(lines);
            served.Where(one => one[0] == 'u').Should().BeInAscendingOrder();
            served.Where(one => one[0] == 'o').Should().BeInAscendingOrder();
            var last = served.FindLastIndex(one => one[0] == 'o');
            var run = 0;
            foreach (var one in served.Take(last + 1))
            {
                run = one[0] == 'u' ? run + 1 : 0;
                run.Should().BeLessThanOrEqualTo(inARow);
            }
        });
    }

    private static List<string> Served(WaitingLines<string> lines)
    {
        var served = new List<string>();
        while (lines.Next is { } next)
        {
            served.Add(next);
            lines.Serve(next[0] is 'u' or (>= '1' and <= '9'));
            lines.Remove(next).Should().BeTrue();
        }
        return served;
    }
}
