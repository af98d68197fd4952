namespace OpenMU.Mir.Audio;

/// <summary>A file that looks like audio, or something that stands where one should and cannot be read.</summary>
/// <param name="FullPath">Where it lies.</param>
/// <param name="RelativePath">Its path below the folder, with forward slashes.</param>
/// <param name="SizeBytes">0 where it cannot be read.</param>
/// <param name="ModifiedUtc">The file's own time stamp.</param>
/// <param name="Problem">Why it cannot be uploaded, for people; null if it can.</param>
public sealed record MusicFile(string FullPath, string RelativePath, long SizeBytes, DateTime ModifiedUtc, string? Problem);

/// <summary>What a folder of music holds, found recursively.</summary>
public static class MusicFolder
{
    // Every container that ffmpeg commonly finds audio in. The name only decides what is tried: the decoder decides what is audio.
    private static readonly HashSet<string> AudioExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".alac", ".amr", ".ape", ".au", ".caf", ".dff", ".dsf", ".dts", ".eac3", ".flac", ".m4a", ".m4b",
        ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpc", ".oga", ".ogg", ".opus", ".rf64", ".snd", ".spx", ".tta", ".w64", ".wav", ".webm",
        ".wma", ".wv",
    };

    // First bytes of the usual containers, for files without an extension: tagged MP3, FLAC, Ogg, WAV, AIFF, Matroska, CAF.
    private static readonly byte[][] Signatures =
        ["ID3"u8.ToArray(), "fLaC"u8.ToArray(), "OggS"u8.ToArray(), "RIFF"u8.ToArray(), "FORM"u8.ToArray(), [0x1A, 0x45, 0xDF, 0xA3], "caff"u8.ToArray()];

    // Pipes and devices have no length either, and opening one could wait for ever: nothing of length 0 is ever opened.
    private const string Empty = "The file is empty, or it is a pipe or a device.";

    /// <summary>A path on one line of a terminal: control characters in it become U+FFFD.</summary>
    public static string Printable(string path) => string.Concat(path.Select(character => char.IsControl(character) ? '\uFFFD' : character));

    /// <summary>All candidates below <paramref name="folder"/>, ordered by relative path so that runs are repeatable.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<MusicFile> Find(string folder)
    {
        var root = new DirectoryInfo(folder);
        if (!root.Exists) throw new DirectoryNotFoundException($"There is no folder {folder}.");

        var found = new List<MusicFile>();
        Walk(root, "", found, []);
        found.Sort((a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        return found;
    }

    private static void Walk(DirectoryInfo folder, string prefix, List<MusicFile> found, HashSet<string> visited)
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
        foreach (var entry in entries)
        {
            var relative = prefix + entry.Name;
            if (entry is DirectoryInfo inner) Walk(inner, relative + "/", found, visited);
            else if (LooksLikeAudio(entry)) found.Add(Describe((FileInfo)entry, relative));
        }

        // People do lose track of a folder that is named like a song; say why nothing came of it.
        if (found.Count == before && AudioExtensions.Contains(folder.Extension))
            found.Add(Unreadable(folder, prefix.TrimEnd('/'), "This is a folder without audio files in it, although it is named like one."));
    }

    private static MusicFile Describe(FileInfo file, string relative)
    {
        if (relative.Contains('\uFFFD')) return Unreadable(file, relative, "The file's name is not valid UTF-8: rename it.");
        try
        {
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            if (target is not { Exists: true }) return Unreadable(file, relative, "This is a link that leads nowhere.");
            return new MusicFile(file.FullName, relative, target.Length, target.LastWriteTimeUtc, target.Length > 0 ? null : Empty);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Unreadable(file, relative, file.LinkTarget is null ? $"The file cannot be read: {e.Message}" : "This is a link that leads nowhere.");
        }
    }

    private static MusicFile Unreadable(FileSystemInfo entry, string relative, string problem) =>
        new(entry.FullName, relative, 0, entry.LastWriteTimeUtc, problem);

    private static bool LooksLikeAudio(FileSystemInfo entry)
    {
        if (entry.Extension.Length > 0) return AudioExtensions.Contains(entry.Extension);
        try
        {
            if (entry is not FileInfo { Length: > 0 }) return false;
            using var file = File.OpenRead(entry.FullName);
            Span<byte> head = stackalloc byte[12];
            head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            foreach (var signature in Signatures)
            {
                if (head.StartsWith(signature)) return true;
            }

            // MPEG audio's frame sync, and the box that opens every MP4.
            return (head.Length >= 2 && head[0] == 0xFF && (head[1] & 0xE6) is 0xE2 or 0xE4 or 0xE6) || (head.Length >= 8 && head[4..8].SequenceEqual("ftyp"u8));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
