using OpenMU.Model.Kernels;
using TorchSharp;

namespace OpenMU.Model.Tests.Kernels;

public class KernelThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Every_number_is_worked_on_once(int total)
    {
        for (var round = 0; round < 200; round++)
        {
            var hits = new int[total];
            KernelThreads.For(total, 4, (start, end) =>
            {
                for (var i = start; i < end; i++) Interlocked.Increment(ref hits[i]);
            });
            hits.All(hit => hit == 1).Should().BeTrue();
        }
    }

    [Fact]
    public void Libtorch_gets_its_threads_back_after_few_rows()
    {
        var before = torch.get_num_threads();
        torch.set_num_threads(2);
        try
        {
            using (KernelThreads.ForRows(1)) torch.get_num_threads().Should().Be(1);
            torch.get_num_threads().Should().Be(2);
            using (KernelThreads.ForRows(1000)) torch.get_num_threads().Should().Be(2);
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void A_failing_piece_is_an_error_for_the_caller()
        => FluentActions.Invoking(() =>
            KernelThreads.For(100, 1, (_, end) => ArgumentOutOfRangeException.ThrowIfEqual(end, 100)))
            .Should().Throw<Exception>();

    [Fact]
    public void Calls_from_several_threads_do_not_wait_for_each_other_for_ever()
        => Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 100; i++)
            {
                var sum = 0;
                KernelThreads.For(64, 1, (start, end) => Interlocked.Add(ref sum, end - start));
                sum.Should().Be(64);
            }
        });
}
