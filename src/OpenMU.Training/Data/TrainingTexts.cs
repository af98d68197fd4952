namespace OpenMU.Training.Data;

/// <summary>Texts about music from a user's files.</summary>
public static class TrainingTexts
{
    /// <summary>
    /// The column "caption" of a CSV file with a header (MusicCaps), or the lines of any other
    /// file; empty ones left out.
    /// </summary>
    /// <exception cref="InvalidDataException">A CSV file has no such column, or a row of it has more or fewer fields
    /// than the header.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        var texts = path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            ? CsvFile.Column(path, "caption")
            : File.ReadLines(path);
        return [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0)];
    }
}
