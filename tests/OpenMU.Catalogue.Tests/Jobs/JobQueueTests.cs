using System.Diagnostics;
using OpenMU.Catalogue.Jobs;

namespace OpenMU.Catalogue.Tests.Jobs;

public sealed class JobQueueTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void A_message_carries_its_trace_and_without_one_looks_as_it_always_did()
    {
        JobQueue.Write(new JobMessage(7)).Should().Be("""{"JobId":7}""");
        JobQueue.Read(JobQueue.Write(new JobMessage(7, Parent))).Should().Be(new JobMessage(7, Parent));
        JobQueue.Read("""{"JobId":7}""")
            .Should().Be(new JobMessage(7), "messages from before there were traces are still on queues");
    }

    [Theory]
    [InlineData(Parent, "0af7651916cd43dd8448eb211c80319c")]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("no trace at all", null)]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01", null)]
    public void What_continues_a_trace_belongs_to_it_and_what_is_no_trace_begins_one(string? parent, string? trace)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);

        using var activity = Telemetry.Continue("test", parent);

        activity.Should().NotBeNull();
        if (trace is null) activity!.ParentId.Should().BeNull();
        else activity!.TraceId.ToString().Should().Be(trace);
    }
}
