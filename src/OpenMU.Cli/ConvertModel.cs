using System.CommandLine;
using System.Text.Json;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using Spectre.Console;
using static TorchSharp.torch;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu convert OUT --llama FOLDER --audiomae FILE --projector FILE</c>: makes a model folder from the
/// published checkpoints.
/// </summary>
internal static class ConvertModel
{
    private static readonly Dictionary<string, ScalarType> Types =
        new() { ["bf16"] = ScalarType.BFloat16, ["fp16"] = ScalarType.Float16, ["fp32"] = ScalarType.Float32 };

    public static Command Command()
    {
        var output = new Argument<string>("output") { Description = "The model folder to be; it must not exist." };
        var llama = new Option<string>("--llama")
        {
            Description = "Llama-3-8B-Instruct: a folder of Hugging Face (config.json, safetensors) or of Meta "
                + "(params.json, consolidated.00.pth).",
            Required = true
        };
        var audio =
            new Option<string>("--audiomae") { Description = "vitb_finetuned.pth of AudioMAE.", Required = true };
        var projector = new Option<string>("--projector")
        {
            Description = "mm_projector.bin, or non_lora_trainables.bin beside an adapter.",
            Required = true
        };
        var adapter = new Option<string?>("--adapter")
        {
            Description = "A folder of PEFT: adapter_config.json with adapter_model.safetensors or .bin."
        };
        var tokenizer = new Option<string?>("--tokenizer")
        {
            Description = "tokenizer.json or tokenizer.model; without it, the one in the --llama folder."
        };
        var prompt = new Option<string?>("--prompt-from")
        {
            Description = "A clone of github.com/sony/openmu, for the words its prompts begin with."
        };
        var config = new Option<string?>("--config")
        {
            Description = "A config.json whose \"audio\" sizes are those of the tower, where "
                + "they are not the published ones."
        };
        var type = new Option<string>("--type")
        {
            Description = $"How numbers are stored: {string.Join(", ", Types.Keys)}.",
            DefaultValueFactory = _ => "bf16"
        }.AcceptOnlyFromAmong([.. Types.Keys]);
        var merge = new Option<bool>("--merge")
        {
            Description = "Adds the adapter to the matrices instead of writing it beside them."
        };
        var licence = new Option<string>("--licence")
        {
            Description = "What the weights may be used for: open, non-commercial or proprietary.",
            DefaultValueFactory = _ => "non-commercial"
        };
        var command = new Command("convert", "Makes a model folder from the published checkpoints.")
        {
            output, llama, audio, projector, adapter, tokenizer, prompt, config, type, merge, licence
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new(parsed.GetRequiredValue(llama), parsed.GetRequiredValue(audio), parsed.GetRequiredValue(projector))
            {
                Adapter = parsed.GetValue(adapter),
                Tokenizer = parsed.GetValue(tokenizer),
                PromptFrom = parsed.GetValue(prompt),
            },
            new()
            {
                Type = Types[parsed.GetRequiredValue(type)],
                Merge = parsed.GetValue(merge),
                Licence = parsed.GetRequiredValue(licence),
                Audio = parsed.GetValue(config) is { } path ? ReadConfig(path).Audio : new(),
            },
            parsed.GetRequiredValue(output), AnsiConsole.Console, cancel));
        return command;
    }

    /// <exception cref="InvalidDataException">The file is no configuration of a model folder.</exception>
    private static OpenMuConfig ReadConfig(string path)
    {
        try
        {
            return OpenMuConfig.FromJson(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Checks all sources, then writes the folder with a progress bar.</summary>
    /// <returns>0.</returns>
    public static async Task<int> RunAsync(
        ConversionSources sources, ConversionOptions options, string output, IAnsiConsole console,
        CancellationToken cancel)
    {
        using var conversion = new Conversion(sources, options);
        await ByteProgress.ShowAsync(
            console, "converting", conversion.Bytes, written => conversion.Write(output, written, cancel));
        console.WriteLine($"{output}: {ByteProgress.Size(conversion.Bytes)} of weights.");
        if (sources.PromptFrom is null)
        {
            console.WriteLine("The prompt begins with no words. The published weights were trained with some: convert "
                + "with --prompt-from to have them.");
        }
        return 0;
    }
}
