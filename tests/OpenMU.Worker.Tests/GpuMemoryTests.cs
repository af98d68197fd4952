namespace OpenMU.Worker.Tests;

public sealed class GpuMemoryTests
{
    [Fact]
    public void Every_GPU_there_is_has_memory_and_uses_no_more_and_a_machine_without_one_says_nothing()
    {
        var readings = GpuMemory.Read().ToList();

        readings.Should().NotContain(reading =>
            reading.TotalBytes <= 0 || reading.UsedBytes < 0 || reading.UsedBytes > reading.TotalBytes);
        readings.Select(reading => reading.Device).Should().Equal(Enumerable.Range(0, readings.Count));
        if (!File.Exists("/proc/driver/nvidia/version")) readings.Should().BeEmpty();
    }
}
