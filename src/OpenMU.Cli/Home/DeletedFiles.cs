using System.Text.Json;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Cli.Home;

/// <summary>
/// Files of a folder that were deleted from the catalogue and are in the folder still: the next start leaves them where
/// they are, until they are changed.
/// </summary>
/// <param name="path">The file that remembers them.</param>
internal sealed class DeletedFiles(string path)
{
    /// <summary>When each was changed last, by its blob's name.</summary>
    public IReadOnlyDictionary<string, string> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return new Dictionary<string, string>();
        }
    }

    /// <summary>Remembers files.</summary>
    public void Add(IEnumerable<DeletedFile> files)
    {
        var all = new Dictionary<string, string>(Read());
        foreach (var file in files.Where(file => file.Modified is not null)) all[file.BlobName] = file.Modified!;
        // Whole or not at all.
        File.WriteAllText($"{path}.part", JsonSerializer.Serialize(all));
        File.Move($"{path}.part", path, overwrite: true);
    }
}
