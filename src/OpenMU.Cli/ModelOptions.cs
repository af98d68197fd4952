using System.CommandLine;
using OpenMU.Cli.Hub;
using OpenMU.Model.Weights;
using OpenMU.Worker;

namespace OpenMU.Cli;

/// <summary>The options that choose a model, the same for every verb that listens.</summary>
/// <param name="orShipped">Whether the model that ships listens where none is named; else none does.</param>
internal sealed class ModelOptions(bool orShipped = true)
{
    /// <summary>The name that stands for no model.</summary>
    public const string None = "none";

    private readonly Option<string?> folder = new("--model")
    {
        Description = "Folder of the model that listens, or the name that `openmu pull` gave it"
            + (orShipped
                ? " (default: models/openmu-tiny beside this program's sources, if it is there); 'none' only measures."
                : ". Without it, or with 'none', files are only measured."),
        HelpName = "DIR",
    };

    private readonly Option<int?> threads = new Option<int?>("--model-threads")
    {
        Description = "Threads that compute for the model (default: one per processor).",
        HelpName = "N",
    }.Between(1, 1024);

    private readonly Option<string?> type = TypeOption(
        "Default: fp32 on a CPU, as stored from 1 GB on or where the processor multiplies bf16 itself; bf16 on a GPU.");

    public void AddTo(Command command)
    {
        command.Options.Add(type);
        command.Options.Add(folder);
        command.Options.Add(threads);
    }

    /// <summary>The option of a verb that opens a model folder.</summary>
    /// <param name="byDefault">What holds without it.</param>
    public static Option<string?> TypeOption(string byDefault = "Default: fp32 on a CPU, bf16 on a GPU.") =>
        new Option<string?>("--type")
        {
            Description = "The type of the model's weights in memory: bf16, fp16, fp32 or int8 (half of "
                + "bf16, see docs/models.md). " + byDefault,
            HelpName = "TYPE",
        }.AcceptOnlyFromAmong([.. WeightTypes.ByName.Keys]);

    /// <summary>What was chosen.</summary>
    public WorkerOptions Of(ParseResult parsed) => new()
    {
        ModelFolder = parsed.GetValue(folder) switch
        {
            None => null,
            { } named => ModelHome.Resolve(named),
            null => orShipped ? Shipped() : null
        },
        ModelThreads = parsed.GetValue(threads),
        ModelType = parsed.GetValue(type),
    };

    /// <summary>The model that ships: it lies somewhere above the program in a checkout. Null elsewhere.</summary>
    internal static string? Shipped()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            var model = Path.Combine(above.FullName, "models", "openmu-tiny");
            if (File.Exists(Path.Combine(model, OpenMU.Model.Weights.ModelFolder.ConfigFile))) return model;
        }

        return null;
    }
}
