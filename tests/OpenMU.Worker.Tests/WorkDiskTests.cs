using Microsoft.Extensions.Logging.Abstractions;

namespace OpenMU.Worker.Tests;

public sealed class WorkDiskTests : IDisposable
{
    private const long GiB = 1L << 30;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-disk-");
    private long used;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(null, 3)]
    [InlineData(4 * GiB, 2)]
    [InlineData(GiB, 1)]
    public async Task Twenty_four_downloads_of_2_GiB_get_through_a_disk_of_8_one_after_another(long? limit, int atOnce)
    {
        using var disk = Disk(8 * GiB, limit);
        var (holding, most) = (0, 0);
        var full = new TaskCompletionSource();

        async Task DownloadAsync()
        {
            using var room = await disk.TakeAsync(2 * GiB, Cancel);
            var now = Interlocked.Increment(ref holding);
            lock (folder) most = Math.Max(most, now);
            if (now == atOnce) full.TrySetResult();
            for (var part = 0; part < 4; part++)
            {
                Interlocked.Add(ref used, GiB / 2);
                room.Wrote((int)(GiB / 2));
                Interlocked.Read(ref used).Should().BeLessThan(8 * GiB, "the disk must not fill");
                await full.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            }

            Interlocked.Decrement(ref holding);
            Interlocked.Add(ref used, -2 * GiB);
        }

        await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Task.Run(DownloadAsync)));

        most.Should().Be(atOnce);
    }

    [Fact]
    public async Task A_disk_that_others_have_filled_is_unwell_until_the_file_fits()
    {
        using var disk = Disk(8 * GiB, limit: null);
        used = 7 * GiB;
        var refused = (await disk.Awaiting(d => d.TakeAsync(2 * GiB, Cancel)).Should().ThrowAsync<IOException>()).Which;

        (await disk.IsToBlameAsync(refused)).Should().BeTrue();
        disk.Problem.Should().Be("A file of 2048 MiB does not fit on the disk, of which 1024 MiB are free.");
        (await disk.ProveAsync(Cancel)).Should().BeFalse();
        used = 5 * GiB;
        (await disk.ProveAsync(Cancel)).Should().BeTrue();
        disk.Problem.Should().BeNull();
        (await disk.TakeAsync(2 * GiB, Cancel)).Dispose();
    }

    [Fact]
    public async Task A_file_that_no_empty_disk_would_hold_is_no_fault_that_passes()
    {
        using var disk = Disk(GiB, limit: null);

        var refused = await disk.Awaiting(d => d.TakeAsync(2 * GiB, Cancel))
            .Should().ThrowAsync<InvalidOperationException>();

        refused.WithMessage("The file has 2048 MiB, the worker's disk 1024 MiB in all.");
        (await disk.IsToBlameAsync(refused.Which)).Should().BeFalse();
    }

    [Theory]
    [InlineData(28, true)]
    [InlineData(122, true)]
    [InlineData(30, true)]
    [InlineData(2, false)]
    public async Task What_the_disk_refuses_is_told_from_other_failures(int error, bool isDisk)
    {
        using var disk = Disk(GiB, limit: null);

        (await disk.IsToBlameAsync(new IOException("No.", error))).Should().Be(isDisk);
    }

    [Fact]
    public async Task A_full_device_says_so_with_one_of_these_errors()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        using var disk = Disk(GiB, limit: null);
        await using var device = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.Write, 0);

        var refused = await device.Awaiting(d => d.WriteAsync(new byte[10], Cancel).AsTask())
            .Should().ThrowAsync<IOException>();

        (await disk.IsToBlameAsync(refused.Which)).Should().BeTrue();
    }

    private WorkDisk Disk(long total, long? limit) => new(
        folder.FullName, limit, () => (total - Interlocked.Read(ref used), total), TimeProvider.System,
        NullLogger.Instance);
}
