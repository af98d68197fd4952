using System.CommandLine;
using OpenMU.Model.Weights;

namespace OpenMU.Cli.Hub;

/// <summary>
/// The folder with this user's models: OPENMU_MODELS, else a place of the user's own. Each folder in it that holds a
/// model folder is called by its name.
/// </summary>
internal static class ModelHome
{
    private const string Variable = "OPENMU_MODELS";

    /// <summary>Where downloads are kept until they are removed.</summary>
    public const string Downloads = ".downloads";

    public static string Default => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } said
        ? said
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } user
            ? Path.Combine(user, "openmu", "models")
            : "openmu-models";

    public static Option<DirectoryInfo> Option() => new("--models")
    {
        Description = $"The folder with the models (default: {Variable}, else openmu/models where the user's programs keep "
            + "their data).",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo(Default),
    };

    /// <summary>The model folders in it.</summary>
    public static IEnumerable<string> Folders(string home) => Directory.Exists(home)
        ? Directory.GetDirectories(home).Where(IsModel).Order(StringComparer.Ordinal)
        : [];

    /// <summary>A path, or the folder of a model that is called so.</summary>
    public static string Resolve(string model) =>
        !Directory.Exists(model) && Path.GetFileName(model) == model && IsModel(Path.Combine(Default, model))
            ? Path.Combine(Default, model)
            : model;

    private static bool IsModel(string folder) =>
        !Path.GetFileName(folder).StartsWith('.') && File.Exists(Path.Combine(folder, ModelFolder.ConfigFile));
}
