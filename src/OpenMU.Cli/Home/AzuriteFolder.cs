using System.Diagnostics;

namespace OpenMU.Cli.Home;

/// <summary>Where the storage emulator's program and its data lie.</summary>
internal static class AzuriteFolder
{
    private const long SmallestFreeSpace = 1 << 20;
    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Holds the id of the process that works on a folder; there is none after it has saved and ended.
    /// </summary>
    public static string PidFile(string location) => Path.Combine(location, "azurite.pid");

    /// <summary>Notes that all that the emulator held is on the disk.</summary>
    public static void MarkSaved(string location) => File.Delete(PidFile(location));

    /// <summary>
    /// Creates a folder where it is missing, and waits for the emulator that a killed program left behind: it saves and
    /// ends by itself. Two emulators on one folder would corrupt it, so one that does not end is killed.
    /// </summary>
    /// <returns>True if the last emulator there had no chance to save, or may have had none.</returns>
    public static async Task<bool> TakeAsync(string location, CancellationToken cancel)
    {
        Directory.CreateDirectory(location);
        if (!File.Exists(PidFile(location))) return false;
        if (!int.TryParse(await File.ReadAllTextAsync(PidFile(location), cancel), out var pid)) return true;
        try
        {
            using var orphan = Process.GetProcessById(pid);
            // Process ids are given out again: it is ended only if it is an emulator on this very folder.
            var commandLine = (await File.ReadAllTextAsync($"/proc/{pid}/cmdline", cancel)).Split('\0');
            if (commandLine.Contains(location)
                && commandLine.Any(part => part.EndsWith("azurite.js", StringComparison.Ordinal)))
                await EndAsync(orphan, cancel);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            // It has ended by itself, or this system has no /proc to ask.
        }

        return true;
    }

    /// <summary>
    /// The emulator's script: OPENMU_AZURITE names it, else it lies in infra/ above the program in a checkout.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static string ScriptPath()
    {
        if (Environment.GetEnvironmentVariable("OPENMU_AZURITE") is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? named
                : throw new InvalidOperationException($"OPENMU_AZURITE names {named}, which does not exist.");
        }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "infra", "node_modules", "azurite", "dist", "src", "azurite.js");
            if (File.Exists(script)) return script;
        }

        throw new InvalidOperationException(
            "The storage emulator is not installed: run `npm ci --prefix infra`, or ./start.sh, which does it.");
    }

    /// <summary>Whether hardly anything can be written to a folder's disk.</summary>
    public static bool IsDiskFull(string location)
    {
        try
        {
            return new DriveInfo(location).AvailableFreeSpace < SmallestFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task EndAsync(Process orphan, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeToSave);
        try
        {
            await orphan.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            orphan.Kill(entireProcessTree: true);
            await orphan.WaitForExitAsync(cancel);
        }
    }
}
