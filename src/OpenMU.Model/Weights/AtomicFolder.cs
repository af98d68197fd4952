namespace OpenMU.Model.Weights;

/// <summary>Writes a folder so that it exists completely or not at all.</summary>
internal static class AtomicFolder
{
    /// <summary>
    /// Lets <paramref name="write"/> fill a temporary folder beside the target, then renames it. On failure the
    /// temporary folder is deleted.
    /// </summary>
    /// <exception cref="IOException">The folder exists and <paramref name="replace"/> is false.</exception>
    public static void Write(string folder, bool replace, Action<string> write)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        RequireFree(target, replace);
        var temporary = $"{target}.{Path.GetRandomFileName()}";
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
            RequireFree(target, replace);
            if (Directory.Exists(target))
            {
                var old = $"{target}.{Path.GetRandomFileName()}";
                Directory.Move(target, old);
                Directory.Move(temporary, target);
                Directory.Delete(old, recursive: true);
            }
            else
            {
                Directory.Move(temporary, target);
            }
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static void RequireFree(string target, bool replace)
    {
        if (File.Exists(target) || (!replace && Directory.Exists(target)))
            throw new IOException($"{target} is there already and is not overwritten.");
    }
}
