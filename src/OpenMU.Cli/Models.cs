using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenMU.Cli.Hub;
using OpenMU.Model.Weights;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu models</c>: which models are here, and which are known.</summary>
internal static class Models
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public static Command Command()
    {
        var models = ModelHome.Option();
        var json = new Option<bool>("--json") { Description = "The same as JSON: {\"here\": [...], \"known\": [...]}." };
        var command = new Command(
            "models", "Lists the models that are here, and the published ones that `openmu pull` knows by name.")
        {
            models, json
        };
        command.SetAction((parsed, cancel) => Task.FromResult(
            Run(parsed.GetRequiredValue(models).FullName, parsed.GetValue(json), AnsiConsole.Console)));
        return command;
    }

    /// <summary>Prints both lists.</summary>
    /// <returns>0.</returns>
    public static int Run(string home, bool asJson, IAnsiConsole console)
    {
        string?[] folders = [.. ModelHome.Folders(home), ModelOptions.Shipped()];
        ModelHere[] here = [.. folders.OfType<string>().Select(Look)];
        KnownView[] known = [.. KnownModel.All.Select(model => KnownView.Of(model, home))];
        if (asJson)
        {
            console.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(new { here, known }, Json));
            return ExitCode.Done;
        }
        console.WriteLine(here.Length == 0
            ? $"There is no model in {home}."
            : $"Here, in {home} and beside the program:");
        if (here.Length > 0) console.Write(TableOf(here));
        console.WriteLine(
            "Known, for `openmu pull NAME`; memory is that of the weights alone, computed from their number:");
        console.Write(TableOf(known));
        foreach (var model in KnownModel.All) console.WriteLine($"{model.Name}: {model.What}");
        return ExitCode.Done;
    }

    private static ModelHere Look(string folder)
    {
        var name = Path.GetFileName(folder);
        try
        {
            var report = FolderReport.Of(folder);
            var types = report.Parts.SelectMany(part => part.Types).Distinct().Select(type => $"{type}").ToArray();
            return new(
                name, folder, report.Config.Family, report.Bytes, report.Parameters, types, report.Version,
                report.Config.Licence, null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new(name, folder, null, null, null, null, null, null, e.Message);
        }
    }

    private static Table TableOf(IEnumerable<ModelHere> models)
    {
        var table = new Table().AddColumns("name", "family", "size", "type", "version", "licence");
        foreach (var model in models)
        {
            string[] cells = model.Problem is { } problem
                ? [model.Name, "", "", "", $"cannot be used: {problem}", ""]
                : [model.Name, model.Family!, ByteProgress.Size(model.Bytes!.Value), string.Join(", ", model.Types!),
                    model.Version!, model.Licence!];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }
        return table;
    }

    private static Table TableOf(IEnumerable<KnownView> models)
    {
        var table = new Table().AddColumns("name", "repository", "licence", "download", "fp32", "bf16", "int8", "here");
        foreach (var model in models)
        {
            string[] cells =
            [
                model.Name, model.Repository ?? "not published", model.Licence,
                model.Bytes > 0 ? ByteProgress.Size(model.Bytes) : "", ByteProgress.Size(model.MemoryBytes.Fp32),
                ByteProgress.Size(model.MemoryBytes.Bf16), ByteProgress.Size(model.MemoryBytes.Int8),
                model.IsHere ? "yes" : ""
            ];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }
        return table;
    }

    /// <summary>
    /// A folder; all but name and folder are null where <see cref="Problem"/> says why it cannot be used.
    /// </summary>
    private sealed record ModelHere(
        string Name, string Folder, string? Family, long? Bytes, long? Parameters, IReadOnlyList<string>? Types,
        string? Version, string? Licence, string? Problem);

    private sealed record Memory(long Fp32, long Bf16, long Int8);

    private sealed record KnownView(
        string Name, string? Repository, string Licence, long Parameters, long Bytes, Memory MemoryBytes, string What,
        bool IsHere)
    {
        public static KnownView Of(KnownModel model, string home) => new(
            model.Name, model.Repository, model.Licence, model.Parameters, model.Bytes,
            new(model.MemoryAt(4), model.MemoryAt(2), model.MemoryAt(1 + 4.0 / 128)), model.What,
            Directory.Exists(Path.Combine(home, model.Name)));
    }
}
