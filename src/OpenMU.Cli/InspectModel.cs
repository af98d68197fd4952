using System.CommandLine;
using OpenMU.Model.Weights;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary><c>openmu inspect FOLDER</c>: what a model folder holds, and whether it is whole.</summary>
internal static class InspectModel
{
    public static Command Command()
    {
        var folder = new Argument<string>("folder") { Description = "A model folder." };
        var quick = new Option<bool>("--quick") { Description = "Reads the headers only, not the numbers." };
        var command = new Command(
            "inspect",
            "Says what a model folder holds, and whether it is whole: every tensor there, every number finite.")
        {
            folder, quick
        };
        command.SetAction((parsed, cancel) =>
            RunAsync(parsed.GetRequiredValue(folder), parsed.GetValue(quick), AnsiConsole.Console, cancel));
        return command;
    }

    /// <summary>Prints sizes and parts.</summary>
    /// <returns>0.</returns>
    public static async Task<int> RunAsync(string folder, bool quick, IAnsiConsole console, CancellationToken cancel)
    {
        var report = FolderReport.Of(folder, cancel: cancel);
        if (!quick)
        {
            await ByteProgress.ShowAsync(
                console, "reading", report.Bytes, read => FolderReport.Of(folder, read, cancel));
        }
        var llama = report.Config.Llama;
        console.WriteLine($"version   {report.Version}");
        console.WriteLine($"licence   {report.Config.Licence}");
        console.WriteLine($"family    {report.Config.Family}");
        console.WriteLine($"audio     {report.Config.Encoder}");
        console.WriteLine($"language  {llama.NumHiddenLayers} layers of {llama.HiddenSize}, {llama.NumAttentionHeads} "
            + $"heads, {llama.NumKeyValueHeads} key/value heads, {llama.IntermediateSize} inside, {llama.VocabSize} "
            + $"tokens, {llama.MaxPositionEmbeddings} positions");
        console.WriteLine(
            $"adapter   {(report.Config.Lora is { } lora ? $"rank {lora.R}, alpha {lora.Alpha}" : "none")}");
        var table = new Table().AddColumns("part", "tensors", "parameters", "bytes", "type");
        foreach (var part in report.Parts)
        {
            table.AddRow(
                part.Part, $"{part.Tensors}", $"{part.Parameters:N0}", ByteProgress.Size(part.Bytes),
                string.Join(", ", part.Types));
        }
        table.AddRow(
            "all", $"{report.Parts.Sum(part => part.Tensors)}", $"{report.Parameters:N0}",
            ByteProgress.Size(report.Bytes), "");
        console.Write(table);
        console.WriteLine(quick
            ? "Every tensor is there. The numbers were not read."
            : "Every tensor is there and every number is finite.");
        return 0;
    }
}
