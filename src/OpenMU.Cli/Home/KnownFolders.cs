using System.Text.Json;

namespace OpenMU.Cli.Home;

/// <summary>Which folders of music were uploaded from here, by what their blobs' names begin with.</summary>
/// <param name="path">The file that remembers them.</param>
internal sealed class KnownFolders(string path)
{
    /// <summary>Prefix and full path of each.</summary>
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

    /// <summary>Replaces the file, whole or not at all.</summary>
    public void Write(IReadOnlyDictionary<string, string> folders)
    {
        var whole = $"{path}.part";
        File.WriteAllText(whole, JsonSerializer.Serialize(folders));
        File.Move(whole, path, overwrite: true);
    }
}
