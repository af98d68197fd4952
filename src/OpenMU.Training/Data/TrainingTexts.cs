using System.Text;

namespace OpenMU.Training.Data;

/// <summary>Texts about music from a user's files.</summary>
public static class TrainingTexts
{
    /// <summary>The column "caption" of a CSV file with a header (MusicCaps), or the lines of any other file; empty ones left out.</summary>
    /// <exception cref="InvalidDataException">A CSV file has no such column.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        var rows = path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? Csv(File.ReadAllText(path)) : [.. File.ReadLines(path).Select(line => new List<string> { line })];
        var column = 0;
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            column = rows.Count == 0 ? -1 : rows[0].IndexOf("caption");
            if (column < 0) throw new InvalidDataException($"{path} has no column 'caption'.");
            rows.RemoveAt(0);
        }
        return [.. rows.Where(row => row.Count > column).Select(row => row[column].Trim()).Where(text => text.Length > 0)];
    }

    /// <summary>RFC 4180: quoted fields may hold commas, line ends and doubled quotes.</summary>
    private static List<List<string>> Csv(string text)
    {
        var rows = new List<List<string>> { new() };
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (quoted && letter == '"' && i + 1 < text.Length && text[i + 1] == '"') field.Append(text[i++]);
            else if (letter == '"') quoted = !quoted;
            else if (quoted || (letter != ',' && letter != '\n' && letter != '\r')) field.Append(letter);
            else if (letter != '\r')
            {
                rows[^1].Add(field.ToString());
                field.Clear();
                if (letter == '\n') rows.Add([]);
            }
        }
        if (field.Length > 0 || rows[^1].Count > 0) rows[^1].Add(field.ToString());
        return [.. rows.Where(row => row.Count > 0)];
    }
}
