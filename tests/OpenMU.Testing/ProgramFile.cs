using System.Reflection;

namespace OpenMU.Testing;

/// <summary>
/// Where a program lies that a test starts: in its own folder, as it was built. Beside the tests it would have their
/// settings of the runtime.
/// </summary>
public static class ProgramFile
{
    /// <param name="project">Such as <c>OpenMU.Worker</c>.</param>
    public static string Of(string project) => Path.Combine(FolderOf(project), $"{project}.dll");

    /// <param name="project">Such as <c>OpenMU.Functions</c>.</param>
    public static string FolderOf(string project) => AppContext.BaseDirectory.Replace(
        Path.Combine("tests", Assembly.GetEntryAssembly()!.GetName().Name!), Path.Combine("src", project),
        StringComparison.Ordinal);
}
