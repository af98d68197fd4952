namespace OpenMU.Worker.Tests;

public sealed class WorkFolderTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("openmu-work-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void A_worker_leaves_nothing_behind()
    {
        using (var folder = WorkFolder.Open(root.FullName))
            File.WriteAllText(Path.Combine(folder.Path, "download"), "half a file");
        root.GetFileSystemInfos().Should().BeEmpty();
    }

    [Fact]
    public void What_a_killed_worker_left_is_deleted_by_the_next_and_a_living_ones_folder_is_not()
    {
        using var living = WorkFolder.Open(root.FullName);
        var left = root.CreateSubdirectory("0123456789abcdef0123456789abcdef");
        File.WriteAllText(Path.Combine(left.FullName, "download"), "half a file");
        File.WriteAllText(left.FullName + ".lock", "");

        using var next = WorkFolder.Open(root.FullName);

        Directory.Exists(left.FullName).Should().BeFalse();
        File.Exists(left.FullName + ".lock").Should().BeFalse();
        Directory.Exists(living.Path).Should().BeTrue();
        next.Path.Should().NotBe(living.Path);
    }
}
