namespace OpenMU.Music;

/// <summary>What macOS, Windows and network disks keep beside people's files, some of it named like songs.</summary>
public static class SystemFiles
{
    /// <summary>How names of files begin that this software writes beside music and that are not whole yet.</summary>
    public const string PartPrefix = ".openmu-";

    private static readonly HashSet<string> Folders = new(StringComparer.OrdinalIgnoreCase)
    {
        ".AppleDouble", "__MACOSX", "@eaDir", ".Trashes", ".Spotlight-V100", ".fseventsd", ".TemporaryItems",
        "$RECYCLE.BIN", "System Volume Information", "lost+found",
    };

    /// <summary>Whether a folder of this name is one that a system keeps for itself.</summary>
    public static bool IsFolder(string name) => Folders.Contains(name);

    /// <summary>Whether a path leads through such a folder.</summary>
    /// <param name="path">With forward slashes; its last part is a file.</param>
    public static bool IsInFolder(string path) => path.Split('/')[..^1].Any(IsFolder);

    /// <summary>Whether a file is named as macOS names what it keeps about another file.</summary>
    /// <param name="path">Name or path, with forward slashes.</param>
    public static bool IsNamedLikeMacCompanion(string path) =>
        path.AsSpan(path.LastIndexOf('/') + 1).StartsWith("._", StringComparison.Ordinal);

    /// <summary>
    /// Whether a file begins as AppleDouble or AppleSingle do: what macOS keeps about a file, on disks that cannot keep
    /// it themselves.
    /// </summary>
    public static bool IsMacCompanion(ReadOnlySpan<byte> head) => head is [0, 5, 0x16, 7 or 0, ..];
}
