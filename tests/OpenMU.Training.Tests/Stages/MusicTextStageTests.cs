using OpenMU.Training.Stages;

namespace OpenMU.Training.Tests.Stages;

public class MusicTextStageTests
{
    [Fact]
    public void Tasks_count_alike_whatever_number_of_records_they_have()
    {
        var losses = new TaskLosses();
        for (var batch = 0; batch < 9; batch++) losses.Add("reasoning", 1, 500);
        losses.Add("choice", 3, 10);

        losses.Mean.Should().BeApproximately(2, 1e-12);
    }

    [Fact]
    public void Within_a_task_every_target_token_counts_alike()
    {
        var losses = new TaskLosses();
        losses.Add("captioning", 1, 30);
        losses.Add("captioning", 4, 10);

        losses.Mean.Should().BeApproximately(1.75, 1e-12);
    }
}
