namespace OpenMU.Cli.Hub;

/// <summary>
/// The folder with what has been fetched of a repository at one commit. One process at a time has it.
/// </summary>
internal sealed class DownloadFolder : IDisposable
{
    private readonly FileStream held;

    private DownloadFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <exception cref="HubException">Another process fetches the same.</exception>
    public static DownloadFolder Open(string home, HubModel model)
    {
        var path = PathOf(home, model);
        Directory.CreateDirectory(path);
        try
        {
            return new(path, new FileStream(
                $"{path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            throw new HubException($"Another process is fetching {model.Name} into {path}; let it finish, or end it.");
        }
    }

    /// <summary>Where the files of this commit are, whether any is there or none.</summary>
    public static string PathOf(string home, HubModel model)
    {
        var commit = model.Commit.Length == 40 ? model.Commit[..12] : model.Commit.Replace('/', '-');
        return System.IO.Path.Combine(home, ModelHome.Downloads, $"{model.Name.Owner}--{model.Name.Name}@{commit}");
    }

    public void Remove() => Directory.Delete(Path, recursive: true);

    public void Dispose() => held.Dispose();
}
