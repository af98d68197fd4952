namespace OpenMU.Cli.Tagging;

/// <summary>
/// What was written into files in place, kept in the folder of their backups. A file is replaced in one step after its
/// backup and its line are on the disk: after a kill at any moment each file is whole, as before or as tagged, and its
/// backup is there.
/// </summary>
internal sealed class TagJournal(string folder)
{
    private readonly string path = Path.Combine(folder, "journal.jsonl");
    private readonly DurableLines<Entry> lines = new(Path.Combine(folder, "journal.jsonl"));

    /// <summary>One file that was to be tagged.</summary>
    /// <param name="File">Its full path.</param>
    /// <param name="Backup">Name of its backup within the folder.</param>
    /// <param name="Before">What it held before, as <see cref="MusicSource.ContentAsync"/> says.</param>
    /// <param name="After">What it holds once it is tagged.</param>
    /// <param name="Part">The tagged copy that takes its place.</param>
    internal sealed record Entry(string File, string Backup, string Before, string After, string Part);

    /// <summary>Notes a copy that is about to be made beside a file, so that none is left there after a kill.</summary>
    public void Start(string file, string part) => lines.Append(new Entry(file, "", "", "", part));

    /// <summary>Whether a file is what a run before has made of these bytes.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="before">What the bytes are called, as <see cref="MusicSource.ContentAsync"/> says.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<bool> IsTaggedAsync(string file, string before, CancellationToken cancel)
    {
        var known = lines.Read().Where(entry => entry.File == file && entry.Before == before).ToList();
        if (known.Count == 0) return false;
        var now = await MusicSource.ContentAsync(file, cancel);
        return known.Exists(entry => entry.After == now);
    }

    /// <summary>Keeps a backup of a file and notes what is about to become of it, both on the disk.</summary>
    /// <param name="file">To be replaced.</param>
    /// <param name="part">The tagged copy, whole, beside the file.</param>
    /// <param name="cancel">Leaves the file as it is.</param>
    public async Task BeginAsync(string file, string part, CancellationToken cancel)
    {
        var before = await MusicSource.ContentAsync(file, cancel);
        var backup = $"{before.Replace(':', '-')}{Path.GetExtension(file)}";
        var kept = Path.Combine(folder, backup);
        if (!File.Exists(kept))
        {
            var whole = $"{kept}.part";
            File.Copy(file, whole, overwrite: true);
            TaggedCopy.Flush(whole);
            File.Move(whole, kept);
        }

        lines.Append(new Entry(file, backup, before, await MusicSource.ContentAsync(part, cancel), part));
    }

    /// <summary>Finishes what a killed run had begun: a tagged copy that is whole takes its file's place.</summary>
    /// <returns>The files that were finished.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync(CancellationToken cancel)
    {
        var finished = new List<string>();
        foreach (var entry in lines.Read().Where(entry => File.Exists(entry.Part)))
        {
            var isWhole = await MusicSource.ContentAsync(entry.Part, cancel) == entry.After;
            if (isWhole && await IsAsync(entry.File, entry.Before, cancel))
            {
                File.Move(entry.Part, entry.File, overwrite: true);
                finished.Add(entry.File);
            }
            else
            {
                File.Delete(entry.Part);
            }
        }

        return finished;
    }

    /// <summary>Puts every backup back, the last first. A file that somebody has changed since is left alone.</summary>
    /// <returns>Files that are as they were, and those that were left alone.</returns>
    public async Task<(int Restored, IReadOnlyList<string> Left)> UndoAsync(CancellationToken cancel)
    {
        var (restored, left) = (0, new List<string>());
        foreach (var entry in lines.Read().Reverse())
        {
            File.Delete(entry.Part);
            if (entry.Backup.Length == 0) continue;
            if (await IsAsync(entry.File, entry.Before, cancel)) continue;
            var backup = Path.Combine(folder, entry.Backup);
            if (!await IsAsync(entry.File, entry.After, cancel) || !await IsAsync(backup, entry.Before, cancel))
            {
                left.Add(entry.File);
                continue;
            }

            var part = TaggedCopy.Part(entry.File);
            File.Copy(backup, part);
            TaggedCopy.Flush(part);
            File.Move(part, entry.File, overwrite: true);
            restored++;
        }

        if (left.Count == 0 && File.Exists(path)) File.Move(path, $"{path}.undone", overwrite: true);
        return (restored, left);
    }

    private static async Task<bool> IsAsync(string file, string content, CancellationToken cancel) =>
        File.Exists(file) && await MusicSource.ContentAsync(file, cancel) == content;
}
