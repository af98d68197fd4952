using System.Diagnostics;

namespace OpenMU.Model.Tests;

/// <summary>The folders below infra whose pinned npm packages hold vocabularies that may not be committed.</summary>
internal static class NpmFolder
{
    /// <summary>The folder infra/<paramref name="name"/> of this repository.</summary>
    public static string Of(string name)
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            var folder = Path.Combine(parent.FullName, "infra", name);
            if (Directory.Exists(folder)) return folder;
        }
        throw new DirectoryNotFoundException($"No infra/{name} above the test's own folder.");
    }

    /// <summary>Installs what its package-lock.json pins.</summary>
    public static void Install(string folder)
        => Run(folder, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts");

    public static void Run(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} could not install the vocabulary: {errors.Result}");
    }
}
