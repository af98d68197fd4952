namespace OpenMU.Training.Evaluation;

/// <summary>Shortens lyrics as the published evaluation does.</summary>
public static class LyricsExcerpt
{
    /// <summary>
    /// The first lines while their words, counted as pieces between single spaces (an empty line counts one), stay
    /// below <paramref name="words"/>; then a full stop unless there is one.
    /// </summary>
    /// <exception cref="ArgumentException">The first line alone is too long.</exception>
    public static string Of(string instruction, int words = 400)
    {
        var lines = new List<string>();
        var total = 0;
        foreach (var line in instruction.Split('\n'))
        {
            total += line.Split(' ').Length;
            if (total >= words) break;
            lines.Add(line);
        }
        var text = string.Join('\n', lines);
        if (text.Length == 0)
            throw new ArgumentException($"The first line alone has {words} words or more, or the text is empty.");
        return text[^1] == '.' ? text : text + ".";
    }
}
