using System.CommandLine;
using System.Text.Json;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu convert OUT --from FOLDER</c>: makes a model folder from published checkpoints. OpenMU's parts are
/// published apart: <c>--llama FOLDER --audiomae FILE --projector FILE</c>.
/// </summary>
internal static class ConvertModel
{
    public static Command Command()
    {
        var output = new Argument<string>("output") { Description = "The model folder to be; it must not exist." };
        var from = new Option<string?>("--from")
        {
            Description = "A whole model as it is published, such as a MiDashengLM or a MOSS-Music: config.json, "
                + "tokenizer.json, safetensors."
        };
        var llama = new Option<string?>("--llama")
        {
            Description = "Llama-3-8B-Instruct: a folder of Hugging Face (config.json, safetensors) or of Meta "
                + "(params.json, consolidated.00.pth)."
        };
        var audio = new Option<string?>("--audiomae") { Description = "vitb_finetuned.pth of AudioMAE." };
        var projector = new Option<string?>("--projector")
        {
            Description = "mm_projector.bin, or non_lora_trainables.bin beside an adapter."
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
            Description = $"How numbers are stored: {string.Join(", ", WeightTypes.ByName.Keys)}.",
            DefaultValueFactory = _ => "bf16"
        }.AcceptOnlyFromAmong([.. WeightTypes.ByName.Keys]);
        var merge = new Option<bool>("--merge")
        {
            Description = "Adds the adapter to the matrices instead of writing it beside them."
        };
        var licence = new Option<string?>("--licence")
        {
            Description = "What the weights may be used for: open, non-commercial or proprietary; without it, what "
                + "the published ones may (OpenMU: non-commercial, others: open)."
        };
        var command = new Command("convert", "Makes a model folder from published checkpoints.")
        {
            output, from, llama, audio, projector, adapter, tokenizer, prompt, config, type, merge, licence
        };
        Option<string?>[] parts = [llama, audio, projector], extras = [tokenizer, prompt, config];
        command.Validators.Add(result =>
        {
            var whole = result.GetValue(from) is not null;
            var wrong = whole ? [.. parts.Concat(extras).Where(part => result.GetValue(part) is not null)]
                : parts.Where(part => result.GetValue(part) is null).ToArray();
            if (wrong.Length == 0) return;
            var names = string.Join(", ", wrong.Select(part => part.Name));
            result.AddError(whole
                ? $"--from names a whole model: {names} cannot stand beside it."
                : $"A model is made --from a folder, or of parts: {names} is missing.");
        });
        command.SetAction((parsed, cancel) =>
        {
            var options = new ConversionOptions
            {
                Type = WeightTypes.ByName[parsed.GetRequiredValue(type)],
                Merge = parsed.GetValue(merge),
                Licence = parsed.GetValue(licence),
                Audio = parsed.GetValue(config) is { } path ? ReadConfig(path).Audio : new(),
            };
            var target = parsed.GetRequiredValue(output);
            return parsed.GetValue(from) is { } folder
                ? RunAsync(folder, parsed.GetValue(adapter), options, target, AnsiConsole.Console, cancel)
                : RunAsync(
                    new(parsed.GetValue(llama)!, parsed.GetValue(audio)!, parsed.GetValue(projector)!)
                    {
                        Adapter = parsed.GetValue(adapter),
                        Tokenizer = parsed.GetValue(tokenizer),
                        PromptFrom = parsed.GetValue(prompt),
                    },
                    options, target, AnsiConsole.Console, cancel);
        });
        return command;
    }

    /// <summary>Checks a folder of published files, whatever the family, then writes the model folder.</summary>
    /// <returns>0.</returns>
    public static async Task<int> RunAsync(
        string folder, string? adapter, ConversionOptions options, string output, IAnsiConsole console,
        CancellationToken cancel)
    {
        using var conversion = new Conversion(folder, options, adapter);
        await WriteAsync(conversion, output, console, cancel);
        return 0;
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
        await WriteAsync(conversion, output, console, cancel);
        if (sources.PromptFrom is null)
        {
            console.WriteLine("The prompt begins with no words. The published weights were trained with some: convert "
                + "with --prompt-from to have them.");
        }
        return 0;
    }

    private static async Task WriteAsync(
        Conversion conversion, string output, IAnsiConsole console, CancellationToken cancel)
    {
        await ByteProgress.ShowAsync(
            console, "converting", conversion.Bytes, written => conversion.Write(output, written, cancel));
        console.WriteLine(
            $"{output}: {conversion.Config.Family}, {ByteProgress.Size(conversion.Bytes)} of weights.");
    }
}
