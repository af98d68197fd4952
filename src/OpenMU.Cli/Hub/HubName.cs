using System.Text.RegularExpressions;

namespace OpenMU.Cli.Hub;

/// <summary>A repository of a model hub at one revision, written <c>owner/name[@revision]</c>.</summary>
internal sealed partial record HubName(string Owner, string Name, string Revision)
{
    private const string DefaultRevision = "main";

    /// <summary>"owner/name", as in addresses.</summary>
    public string Repository => $"{Owner}/{Name}";

    /// <exception cref="UsageException">The text is no such name.</exception>
    public static HubName Parse(string text)
    {
        var match = Form.Match(text);
        if (!match.Success || text.Contains("..", StringComparison.Ordinal))
            throw new UsageException($"'{text}' is no repository of a hub; it must be owner/name or owner/name@revision.");
        var revision = match.Groups["revision"] is { Success: true } said ? said.Value : DefaultRevision;
        return new(match.Groups["owner"].Value, match.Groups["name"].Value, revision);
    }

    public override string ToString() => Revision == DefaultRevision ? Repository : $"{Repository}@{Revision}";

    [GeneratedRegex(
        @"\A(?<owner>[A-Za-z0-9][A-Za-z0-9._-]{0,95})/(?<name>[A-Za-z0-9][A-Za-z0-9._-]{0,95})"
        + @"(@(?<revision>[A-Za-z0-9][A-Za-z0-9._/-]{0,199}))?\z")]
    private static partial Regex Form { get; }
}
