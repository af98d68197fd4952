using System.Text;

namespace OpenMU.Music.Lyrics;

/// <summary>
/// Lists of words in sections, which anybody can edit: a line <c>[section]</c>, then words between spaces. A star at
/// the end of a word stands for any ending; lines that begin with # say something about the list.
/// </summary>
internal sealed class WordLists
{
    private readonly Dictionary<string, (HashSet<string> Words, string[] Beginnings)> lists;

    private WordLists(Dictionary<string, List<string>> sections) => lists = sections.ToDictionary(
        section => section.Key, section => (
            section.Value.Where(word => !word.EndsWith('*')).ToHashSet(StringComparer.Ordinal),
            section.Value.Where(word => word.EndsWith('*')).Select(word => word[..^1]).ToArray()));

    /// <summary>The sections, in the file's order.</summary>
    public IReadOnlyCollection<string> Sections => lists.Keys;

    /// <summary>Reads a list that lies beside this class.</summary>
    public static WordLists Read(string name)
    {
        using var file = typeof(WordLists).Assembly.GetManifestResourceStream($"OpenMU.Music.Lyrics.{name}")!;
        using var reader = new StreamReader(file);
        var sections = new Dictionary<string, List<string>>();
        List<string>? list = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            if (line.StartsWith('[')) sections[line.Trim('[', ']')] = list = [];
            else list!.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return new WordLists(sections);
    }

    /// <summary>The entry of a section that a word is; null where it is none.</summary>
    /// <param name="section">One of the sections.</param>
    /// <param name="word">As <see cref="Split"/> gives it.</param>
    public string? Find(string section, string word)
    {
        var (words, beginnings) = lists[section];
        return words.Contains(word)
            ? word
            : Array.Find(beginnings, beginning => word.StartsWith(beginning, StringComparison.Ordinal));
    }

    /// <summary>The words of a text, in small letters; an apostrophe within a word belongs to it.</summary>
    public static IEnumerable<string> Split(string text)
    {
        var word = new StringBuilder();
        foreach (var letter in text.Normalize().ToLowerInvariant().Append(' '))
        {
            if (char.IsLetterOrDigit(letter) || (letter is '\'' or '’' && word.Length > 0))
            {
                word.Append(letter == '’' ? '\'' : letter);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString().TrimEnd('\'');
                word.Clear();
            }
        }
    }
}
