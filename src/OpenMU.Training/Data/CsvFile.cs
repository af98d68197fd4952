using System.Text;

namespace OpenMU.Training.Data;

/// <summary>
/// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, line ends and doubled quotes.
/// </summary>
internal static class CsvFile
{
    /// <summary>The rows as fields by the names of the first row.</summary>
    /// <exception cref="InvalidDataException">A row has more or fewer fields than the first; the message names
    /// file and row.</exception>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Read(string path)
    {
        using var reader = new StreamReader(path);
        if (Row(reader) is not { } names) yield break;
        for (var row = 2; Row(reader) is { } fields; row++)
        {
            if (fields is [""]) continue;
            if (fields.Count != names.Count)
                throw new InvalidDataException($"{path}, row {row}: {fields.Count} fields, {names.Count} expected.");
            yield return names.Zip(fields).ToDictionary(pair => pair.First, pair => pair.Second);
        }
    }

    /// <summary>The fields of one column.</summary>
    /// <exception cref="InvalidDataException">The file has no such column, or a row has more or fewer fields than
    /// the first.</exception>
    public static IReadOnlyList<string> Column(string path, string name)
    {
        using (var reader = new StreamReader(path))
        {
            if (Row(reader)?.Contains(name) != true) throw new InvalidDataException($"{path} has no column '{name}'.");
        }
        return [.. Read(path).Select(row => row[name])];
    }

    private static List<string>? Row(StreamReader reader)
    {
        if (reader.Peek() < 0) return null;
        List<string> fields = [];
        var field = new StringBuilder();
        var quoted = false;
        while (true)
        {
            var c = reader.Read();
            if (quoted && c == '"' && reader.Peek() == '"') field.Append((char)reader.Read());
            else if (c == '"') quoted = !quoted;
            else if (quoted && c >= 0) field.Append((char)c);
            else if (c is ',' or '\n' or < 0)
            {
                fields.Add(field.ToString());
                field.Clear();
                if (c != ',') return fields;
            }
            else if (c != '\r') field.Append((char)c);
        }
    }
}
