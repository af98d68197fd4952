using System.Text;
using System.Xml;

namespace OpenMU.Catalogue.Exchange;

/// <summary>How texts stand in tables and XML, and how they are read again.</summary>
public static class ExchangeText
{
    /// <summary>
    /// Spreadsheets run text that begins with one of these; an apostrophe before it makes it text.
    /// </summary>
    private const string Formulas = "=+-@\t\r";

    /// <summary>UTF-8 without a mark. Halves of characters become the replacement character.</summary>
    public static StreamWriter Writer(Stream output) => new(output, new UTF8Encoding(false), leaveOpen: true);

    /// <summary>
    /// The text with an apostrophe before it where a spreadsheet might run it, or where it has such apostrophes of its
    /// own.
    /// </summary>
    public static string Disarm(string text) => IsFormula(text) ? $"'{text}" : text;

    /// <summary>A cell of a table, quoted as RFC 4180 says where it has to be.</summary>
    public static string Quoted(string cell, char separator = ',') =>
        cell.AsSpan().ContainsAny([separator, '"', '\r', '\n'])
            ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : cell;

    /// <summary>The text that <see cref="Disarm"/> was given.</summary>
    public static string Restore(string cell) => cell.StartsWith('\'') && IsFormula(cell) ? cell[1..] : cell;

    /// <summary>
    /// Values of a list in one cell, separated by <c>; </c>. A semicolon within a value has a backslash before it, and
    /// so has a backslash.
    /// </summary>
    public static string JoinList(IEnumerable<string> values) => string.Join("; ", values.Select(value =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)));

    /// <summary>The values that <see cref="JoinList"/> was given, without spaces around them.</summary>
    public static IReadOnlyList<string> SplitList(string cell)
    {
        var (values, value) = (new List<string>(), new StringBuilder());
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] == '\\' && i + 1 < cell.Length && cell[i + 1] is '\\' or ';') value.Append(cell[++i]);
            else if (cell[i] == ';') Take();
            else value.Append(cell[i]);
        }

        Take();
        return values;

        void Take()
        {
            if (value.ToString().Trim() is { Length: > 0 } whole) values.Add(whole);
            value.Clear();
        }
    }

    /// <summary>The text without halves of characters and what XML cannot hold.</summary>
    public static string ForXml(string? text)
    {
        var kept = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value)) kept.Append(rune);
        }

        return kept.ToString();
    }

    /// <summary>The text on one line, as playlists need it.</summary>
    public static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n', '\v', '\f', '\u0085', '\u2028', '\u2029'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>
    /// A file's path that leads out of no folder: parts that go up, roots and characters that file systems refuse are
    /// taken out of it.
    /// </summary>
    public static string SafePath(string path)
    {
        var parts = path.Replace('\\', '/').Split('/')
            .Select(part => string.Concat(part.EnumerateRunes().Select(rune => IsRefused(rune) ? "_" : $"{rune}")))
            .Select(part => part.Trim(' ')).Where(part => part.Length > 0 && part.Trim('.').Length > 0);
        return string.Join('/', parts) is { Length: > 0 } safe ? safe : "_";
    }

    private static bool IsRefused(Rune rune) =>
        rune.Value < ' ' || (rune.IsBmp && "<>:\"|?*\u007f".Contains((char)rune.Value, StringComparison.Ordinal));

    private static bool IsFormula(string text) =>
        text.TrimStart('\'') is [var first, ..] && Formulas.Contains(first, StringComparison.Ordinal);
}
