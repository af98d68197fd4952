namespace OpenMU.Training.Synthesis;

/// <summary>
/// A list in a file beside this code: sections headed by a name in square brackets, an entry a line; lines that
/// begin with # are comments.
/// </summary>
internal sealed class WordList
{
    private readonly Dictionary<string, string[]> entries;

    private WordList(IReadOnlyList<string> sections, Dictionary<string, string[]> entries) =>
        (Sections, this.entries) = (sections, entries);

    /// <summary>Names of the sections, in the order of the file.</summary>
    public IReadOnlyList<string> Sections { get; }

    /// <summary>Entries of a section, in the order of the file.</summary>
    /// <exception cref="KeyNotFoundException">There is no such section.</exception>
    public string[] this[string section] => entries[section];

    /// <summary>Reads a file that is embedded in this program.</summary>
    public static WordList Read(string file)
    {
        var sections = new List<(string Name, List<string> Entries)>();
        foreach (var line in Lines(file))
        {
            if (line[0] == '[') sections.Add((line[1..^1], []));
            else sections[^1].Entries.Add(line);
        }
        return new([.. sections.Select(section => section.Name)], sections.ToDictionary(
            section => section.Name, section => section.Entries.ToArray(), StringComparer.Ordinal));
    }

    /// <summary>The lines of an embedded file that are neither empty nor comments.</summary>
    public static IReadOnlyList<string> Lines(string file)
    {
        using var reader = new StreamReader(
            typeof(WordList).Assembly.GetManifestResourceStream($"OpenMU.Training.Synthesis.{file}")!);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
    }
}
