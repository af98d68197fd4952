namespace OpenMU.Worker;

/// <summary>A track on the disk. Its disposal deletes it and gives back the room that it took.</summary>
internal sealed class DownloadedFile(string path, WorkDisk.Room room) : IDisposable
{
    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Notes what has been written.</summary>
    public void Wrote(int bytes) => room.Wrote(bytes);

    public void Dispose()
    {
        if (File.Exists(path)) File.Delete(path);
        room.Dispose();
    }
}
