namespace OpenMU.Model.Weights;

/// <summary>A folder that is there whole or not at all.</summary>
internal static class FolderSwap
{
    /// <summary>Lets <paramref name="write"/> fill a new folder beside the wanted one, which then takes its name; nothing is left of it on failure.</summary>
    /// <exception cref="IOException">The folder is there already and not to be replaced.</exception>
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
        if (File.Exists(target) || (!replace && Directory.Exists(target))) throw new IOException($"{target} is there already and is not overwritten.");
    }
}
