namespace OpenMU.Web.Tests;

/// <summary>The checkout that the tests were built from: documentation is tested beside the code.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo folder) =>
        File.Exists(Path.Combine(folder.FullName, "OpenMU.Functions.sln")) ? folder.FullName : Find(folder.Parent!);
}
