namespace OpenMU.Pipeline.Tests;

/// <summary>
/// Where a program lies that a test starts: in its own folder, as it was built. Beside the tests it would have their
/// settings of the runtime.
/// </summary>
internal static class ProgramFile
{
    /// <param name="project">Such as <c>OpenMU.Worker</c>.</param>
    public static string Of(string project) => Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "OpenMU.Pipeline.Tests"), Path.Combine("src", project), StringComparison.Ordinal),
        $"{project}.dll");
}
