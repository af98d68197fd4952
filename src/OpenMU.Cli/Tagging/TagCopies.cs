using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Cli.Tagging;

/// <summary>
/// The tagged copies in a folder and whose they are, by a list that is kept beside them: no copy takes the place of
/// another track's, whose name may differ in nothing that file systems allow, nor of a file that was there before.
/// </summary>
internal sealed class TagCopies
{
    private readonly string folder;
    private readonly DurableLines<Line> lines;
    private readonly Dictionary<string, string> owners = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> copies = new(StringComparer.Ordinal);

    /// <param name="folder">Made where it is missing.</param>
    public TagCopies(DirectoryInfo folder)
    {
        this.folder = Directory.CreateDirectory(folder.FullName).FullName;
        var path = Path.Combine(this.folder, $"{SystemFiles.PartPrefix}copies.jsonl");
        lines = new DurableLines<Line>(path);
        foreach (var line in lines.Read()) Take(line);

        // What a killed run has left.
        foreach (var part in Directory.EnumerateFiles(
            this.folder, $"{SystemFiles.PartPrefix}*", SearchOption.AllDirectories).Where(file => file != path))
        {
            File.Delete(part);
        }
    }

    /// <summary>Where a track's copy lies, or is to lie.</summary>
    /// <exception cref="IOException">A file is there that is no copy of ours.</exception>
    public string Of(Track track)
    {
        var name = copies.GetValueOrDefault(track.BlobName) ?? Free(ExchangeText.SafePath(track.FileName));
        var copy = Path.Combine(folder, name);
        return owners.ContainsKey(name) || !File.Exists(copy)
            ? copy
            : throw new IOException($"{copy} is there already and is no copy that was written here: move it away.");
    }

    /// <summary>Notes whose a copy is, on the disk, before it is there.</summary>
    public void Begin(Track track, string copy)
    {
        var name = Path.GetRelativePath(folder, copy).Replace('\\', '/');
        if (copies.GetValueOrDefault(track.BlobName) == name) return;
        lines.Append(new Line(name, track.BlobName));
        Take(new Line(name, track.BlobName));
    }

    private string Free(string name)
    {
        var free = name;
        for (var i = 2; owners.ContainsKey(free); i++)
            free = $"{name[..^Path.GetExtension(name).Length]} ({i}){Path.GetExtension(name)}";
        return free;
    }

    private void Take(Line line) => (owners[line.Copy], copies[line.Track]) = (line.Track, line.Copy);

    /// <summary>One copy.</summary>
    /// <param name="Copy">Path within the folder, with forward slashes.</param>
    /// <param name="Track">Name of the track's blob.</param>
    private sealed record Line(string Copy, string Track);
}
