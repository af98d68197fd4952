namespace OpenMU.Mir.Audio;

/// <summary>A file or folder that is taken for no music.</summary>
/// <param name="RelativePath">Its path below the folder, with forward slashes.</param>
/// <param name="Reason">Why, for people; the same words for all that are alike.</param>
public sealed record PassedOverFile(string RelativePath, string Reason)
{
    public const string MacCompanion = "what macOS keeps about another file";
    public const string SystemFolder = "a folder that a system keeps for itself";
    public const string OtherKind = "no audio by their names";
    public const string NoLyrics = "lyrics by their names, but empty, unreadable or far too large";
    public const string NoAudio = "no audio by their names nor by their first bytes";

    public const string Part = "what openmu had begun to write";

    private const int Named = 5;

    /// <summary>One line for each reason: the first few by name, and how many more.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<PassedOverFile> files)
    {
        foreach (var alike in files.GroupBy(file => file.Reason).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var names = string.Join(", ", alike.Take(Named).Select(file => MusicFolder.Printable(file.RelativePath)));
            var more = alike.Count() > Named ? $" and {alike.Count() - Named} more" : "";
            yield return $"passed over, {alike.Key}: {names}{more}";
        }
    }
}
