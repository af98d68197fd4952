using System.Diagnostics;
using OpenMU.Cli.Drills;

namespace OpenMU.Cli.Tests.Drills;

public class FrozenThreadTests
{
    [Fact]
    public async Task A_thread_stands_still_in_the_library_and_its_process_can_still_be_ended()
    {
        FrozenThread.Unsupported.Should().BeNull();
        using var busy = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            ["-v", "quiet", "-f", "lavfi", "-i", "testsrc2=size=640x480", "-c:v", "mpeg4", "-threads", "2",
                "-f", "null", "-"]))!;
        try
        {
            string? library;
            while ((library = LibraryOf(busy.Id)) is null) await Task.Delay(50, TestContext.Current.CancellationToken);
            (await FrozenThread.FreezeAsync(busy.Id, library, TestContext.Current.CancellationToken)).Should().BeTrue();

            Directory.EnumerateDirectories($"/proc/{busy.Id}/task")
                .Select(thread => File.ReadAllText(Path.Combine(thread, "stat")))
                .Count(stat => stat[(stat.LastIndexOf(')') + 2)..][0] == 't').Should().Be(1, "a tracer stops one");
        }
        finally
        {
            busy.Kill();
        }

        await busy.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_process_that_has_ended_is_not_waited_for()
    {
        using var ended = Process.Start("true");
        await ended.WaitForExitAsync(TestContext.Current.CancellationToken);

        (await FrozenThread.FreezeAsync(ended.Id, "true", TestContext.Current.CancellationToken)).Should().BeFalse();
    }

    private static string? LibraryOf(int processId) =>
        File.ReadLines($"/proc/{processId}/maps").Select(line => line[(line.LastIndexOf('/') + 1)..])
            .FirstOrDefault(file => file.StartsWith("libavcodec.so", StringComparison.Ordinal));
}
