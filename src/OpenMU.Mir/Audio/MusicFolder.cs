using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Mir.Audio;

/// <summary>A file that looks like audio, or something that stands where one should and cannot be read.</summary>
/// <param name="FullPath">Where it lies.</param>
/// <param name="RelativePath">Its path below the folder, with forward slashes.</param>
/// <param name="SizeBytes">0 where it cannot be read.</param>
/// <param name="ModifiedUtc">The file's own time stamp.</param>
/// <param name="Problem">Why it cannot be uploaded, for people; null if it can.</param>
public sealed record MusicFile(
    string FullPath, string RelativePath, long SizeBytes, DateTime ModifiedUtc, string? Problem);

/// <summary>What a folder of music holds.</summary>
/// <param name="Files">All candidates, ordered by relative path so that runs are repeatable.</param>
/// <param name="Lyrics">Files of lyrics that lie beside a candidate, in the same order.</param>
/// <param name="PassedOver">What is neither, in the same order.</param>
public sealed record MusicFolderContents(
    IReadOnlyList<MusicFile> Files, IReadOnlyList<MusicFile> Lyrics, IReadOnlyList<PassedOverFile> PassedOver);

/// <summary>Looks through a folder of music and all folders in it.</summary>
public static class MusicFolder
{
    // Names of what usually lies beside music: such files are not opened.
    private static readonly HashSet<string> OtherExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".7z", ".avi", ".avif", ".bak", ".bmp", ".csv", ".cue", ".db", ".doc", ".docx", ".gif", ".heic", ".htm",
        ".html", ".ini", ".jpeg", ".jpg", ".json", ".log", ".lrc", ".m3u", ".m3u8", ".md", ".md5", ".mid", ".midi",
        ".nfo", ".pdf", ".pls", ".png", ".rar", ".rtf", ".sfv", ".sh", ".svg", ".tif", ".tiff", ".txt", ".url",
        ".webp", ".xml", ".xspf", ".yaml", ".yml", ".zip",
    };

    // Pipes and devices have no length either, and opening one could wait for ever: nothing of length 0 is ever opened.
    private const string Empty = "The file is empty, or it is a pipe or a device.";

    /// <summary>A path on one line of a terminal: control characters in it become U+FFFD.</summary>
    public static string Printable(string path) =>
        string.Concat(path.Select(character => char.IsControl(character) ? '\uFFFD' : character));

    /// <summary>
    /// All candidates below <paramref name="folder"/>, ordered by relative path so that runs are repeatable.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<MusicFile> Find(string folder) => Search(folder).Files;

    /// <summary>All candidates below <paramref name="folder"/>, and what is passed over.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static MusicFolderContents Search(string folder)
    {
        var root = new DirectoryInfo(folder);
        if (!root.Exists) throw new DirectoryNotFoundException($"There is no folder {folder}.");

        var (found, lyrics, passedOver) = (new List<MusicFile>(), new List<MusicFile>(), new List<PassedOverFile>());
        Walk(root, "", found, lyrics, passedOver, []);
        found.Sort((a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        lyrics.Sort((a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        passedOver.Sort((a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        return new MusicFolderContents(found, lyrics, passedOver);
    }

    private static void Walk(
        DirectoryInfo folder, string prefix, List<MusicFile> found, List<MusicFile> lyrics,
        List<PassedOverFile> passedOver, HashSet<string> visited)
    {
        // A link that leads back up must not be walked for ever.
        var real = (folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName;
        if (!visited.Add(real)) return;

        FileSystemInfo[] entries;
        try
        {
            entries = folder.GetFileSystemInfos();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            found.Add(Unreadable(folder, prefix.TrimEnd('/'), $"The folder cannot be read: {e.Message}"));
            return;
        }

        var before = found.Count;
        var texts = new List<FileInfo>();
        foreach (var entry in entries)
        {
            var relative = prefix + entry.Name;
            if (entry is DirectoryInfo && SystemFiles.IsFolder(entry.Name))
                passedOver.Add(new(relative, PassedOverFile.SystemFolder));
            else if (entry is DirectoryInfo inner) Walk(inner, relative + "/", found, lyrics, passedOver, visited);
            else if (LyricsFile.IsNamedSo(entry.Name) && !SystemFiles.IsNamedLikeMacCompanion(entry.Name))
                texts.Add((FileInfo)entry);
            else if (WhyPassedOver((FileInfo)entry) is { } reason) passedOver.Add(new(relative, reason));
            else found.Add(Describe((FileInfo)entry, relative));
        }

        AddTexts(texts, prefix, found[before..], lyrics, passedOver);

        // People do lose track of a folder that is named like a song; say why nothing came of it.
        if (found.Count == before && AudioFileTypes.IsAudio(folder.Extension))
        {
            found.Add(Unreadable(
                folder, prefix.TrimEnd('/'),
                "This is a folder without audio files in it, although it is named like one."));
        }
    }

    private static void AddTexts(
        List<FileInfo> texts, string prefix, List<MusicFile> found, List<MusicFile> lyrics,
        List<PassedOverFile> passedOver)
    {
        foreach (var text in texts)
        {
            var file = Describe(text, prefix + text.Name);
            if (!found.Exists(music => LyricsFile.BelongsTo(file.RelativePath, music.RelativePath)))
                passedOver.Add(new(file.RelativePath, PassedOverFile.OtherKind));
            else if (file.Problem is not null || LyricsFile.TooLarge(file.SizeBytes) is not null)
                passedOver.Add(new(file.RelativePath, PassedOverFile.NoLyrics));
            else lyrics.Add(file);
        }
    }

    private static MusicFile Describe(FileInfo file, string relative)
    {
        if (relative.Contains('\uFFFD'))
            return Unreadable(file, relative, "The file's name is not valid UTF-8: rename it.");
        try
        {
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            if (target is not { Exists: true }) return Unreadable(file, relative, "This is a link that leads nowhere.");
            return new MusicFile(
                file.FullName, relative, target.Length, target.LastWriteTimeUtc, target.Length > 0 ? null : Empty);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Unreadable(file, relative, file.LinkTarget is null
                ? $"The file cannot be read: {e.Message}"
                : "This is a link that leads nowhere.");
        }
    }

    private static MusicFile Unreadable(FileSystemInfo entry, string relative, string problem) =>
        new(entry.FullName, relative, 0, entry.LastWriteTimeUtc, problem);

    /// <summary>
    /// Why an entry is no music; null if it is to be tried. A name with an audio file's ending is tried whatever is in
    /// it.
    /// </summary>
    private static string? WhyPassedOver(FileInfo file)
    {
        if (file.Name.StartsWith(SystemFiles.PartPrefix, StringComparison.Ordinal)) return PassedOverFile.Part;
        var isAudioName = AudioFileTypes.IsAudio(file.Extension);
        if (SystemFiles.IsNamedLikeMacCompanion(file.Name))
        {
            var head = FileSignature.Read(file);
            if (SystemFiles.IsMacCompanion(head) || (head.Length == 0 && file.LinkTarget is null))
                return PassedOverFile.MacCompanion;
        }

        if (isAudioName) return null;
        if (OtherExtensions.Contains(file.Extension)) return PassedOverFile.OtherKind;
        // Anything else after a dot may well be a part of the title, as in "Mr. Brightside".
        return FileSignature.IsAudio(FileSignature.Read(file)) ? null : PassedOverFile.NoAudio;
    }
}
