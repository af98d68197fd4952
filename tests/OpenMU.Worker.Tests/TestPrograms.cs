namespace OpenMU.Worker.Tests;

/// <summary>Programs of this machine.</summary>
internal static class TestPrograms
{
    /// <summary>The full path of a program on the PATH.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"{program} is not installed.");
}
