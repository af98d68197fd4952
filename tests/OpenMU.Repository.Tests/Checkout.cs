using System.Diagnostics;
using System.Reflection;
using System.Xml.Linq;

namespace OpenMU.Repository.Tests;

/// <summary>The files under test, and the tools that judge them.</summary>
internal static class Checkout
{
    /// <summary>The checkout these tests were built from.</summary>
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>Debug or Release, as these tests were built.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>Project files in src and tests, by project name.</summary>
    public static IReadOnlyDictionary<string, XDocument> Projects(string folder) =>
        Files(folder, "*.csproj").ToDictionary(file => Path.GetFileNameWithoutExtension(file), XDocument.Load);

    /// <summary>
    /// Files that people wrote: no build outputs, no generated migrations. Paths relative to <see cref="Root"/>.
    /// </summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        from folder in folders
        from file in Files(folder, "*.cs")
        let path = Path.GetRelativePath(Root, file)
        where !path.Split('/').Contains("Migrations")
        orderby path
        select path;

    /// <summary>
    /// What people read: the README, docs, and the notes beside sources and models. Paths relative
    /// to <see cref="Root"/>.
    /// </summary>
    public static IEnumerable<string> Documents() =>
        from file in new[] { "docs", "src", "models", "infra" }.SelectMany(folder => Files(folder, "*.md"))
            .Append(Path.Combine(Root, "README.md"))
        let path = Path.GetRelativePath(Root, file)
        orderby path
        select path;

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] ReadLines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    /// <summary>Runs the Bicep compiler in the folder bicep; exit code and everything it said.</summary>
    public static (int ExitCode, string Output) Bicep(params string[] arguments) => Run(Metadata("Bicep"), arguments);

    /// <summary>Runs a tool with bicep's folder as its working directory.</summary>
    public static (int ExitCode, string Output) Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            WorkingDirectory = Path.Combine(Root, "bicep"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What main.bicepparam reads; the values only have to be of the right form.
        start.Environment["OPENMU_ADMIN_GROUP"] = "catalogue-admins";
        start.Environment["OPENMU_ADMIN_GROUP_ID"] = "00000000-0000-0000-0000-000000000000";
        start.Environment["OPENMU_ALERT_EMAIL"] = "operator@example.org";
        start.Environment["OPENMU_ALLOWED_RANGES"] = "192.0.2.0/24,198.51.100.7/32";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        where !Path.GetRelativePath(Root, file).Split('/').Any(part => part is "bin" or "obj" or "node_modules")
        select file;

    private static string Metadata(string key) =>
        typeof(Checkout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
