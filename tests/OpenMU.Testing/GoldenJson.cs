using System.Text.Json;

namespace OpenMU.Testing;

/// <summary>Reference numbers: the folder named by OPENMU_GOLDEN, else tests/golden of the checkout.</summary>
public static class GoldenJson
{
    public static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(), path))).RootElement;

    private static string Folder()
    {
        if (Environment.GetEnvironmentVariable("OPENMU_GOLDEN") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var golden = Path.Combine(folder.FullName, "tests", "golden");
            if (Directory.Exists(golden)) return golden;
        }

        throw new DirectoryNotFoundException("tests/golden lies nowhere above the tests.");
    }
}
