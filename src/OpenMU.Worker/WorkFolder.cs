namespace OpenMU.Worker;

/// <summary>
/// A folder of this process's own for downloads. A lock file beside it, which dies with the process, tells living
/// workers' folders from left ones.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private const string LockSuffix = ".lock";

    private readonly FileStream held;

    private WorkFolder(string path, FileStream held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    /// <summary>Deletes the folders of workers that are gone and makes one for this.</summary>
    /// <exception cref="IOException">The root cannot be made or written.</exception>
    public static WorkFolder Open(string root)
    {
        Directory.CreateDirectory(root);
        foreach (var path in Directory.GetFiles(root, "*" + LockSuffix)) DeleteIfLeft(path);

        while (true)
        {
            var path = System.IO.Path.Combine(root, Guid.NewGuid().ToString("N"));
            if (TryLock(path + LockSuffix, FileMode.CreateNew) is not { } held) continue;
            Directory.CreateDirectory(path);
            return new WorkFolder(path, held);
        }
    }

    public void Dispose()
    {
        // Somebody may have cleaned up before.
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        if (File.Exists(Path + LockSuffix)) File.Delete(Path + LockSuffix);
        held.Dispose();
    }

    private static void DeleteIfLeft(string lockPath)
    {
        using var held = TryLock(lockPath, FileMode.Open);
        if (held is null) return;
        var folder = lockPath[..^LockSuffix.Length];
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        File.Delete(lockPath);
    }

    // Fails when another process holds the lock, or has just cleaned it away.
    private static FileStream? TryLock(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (Directory.Exists(System.IO.Path.GetDirectoryName(path)))
        {
            return null;
        }
    }
}
