using System.Text.Json;

namespace OpenMU.Cli.Tagging;

/// <summary>A file of JSON objects, one a line, each on the disk before what it speaks of is done.</summary>
internal sealed class DurableLines<T>(string path)
{
    // Asked for each file of a library.
    private List<T>? known;

    /// <summary>All of them, the first first; one that was cut off by a kill does not count.</summary>
    public IReadOnlyList<T> Read() => known ??= ReadFile();

    /// <summary>Adds one; it is on the disk when this returns.</summary>
    public void Append(T line)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write);
        // A line of a killed run may lack its end.
        file.Write("\n"u8);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(line));
        file.Flush(flushToDisk: true);
        known?.Add(line);
    }

    private List<T> ReadFile()
    {
        if (!File.Exists(path)) return [];
        var lines = new List<T>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                lines.Add(JsonSerializer.Deserialize<T>(line)!);
            }
            catch (JsonException)
            {
                // Nothing was done of a line that is not whole.
            }
        }

        return lines;
    }
}
