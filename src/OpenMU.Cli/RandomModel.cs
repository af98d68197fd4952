using System.CommandLine;
using OpenMU.Model.Families;
using OpenMU.Model.Weights;
using Spectre.Console;
using static TorchSharp.torch;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu random-model OUT --shape 8b</c>: a model folder with random weights, for tests and
/// measurements at any size.
/// </summary>
internal static class RandomModel
{
    public static Command Command()
    {
        var output = new Argument<string>("output") { Description = "The model folder to be; it must not exist." };
        var shape = new Option<string>("--shape")
        {
            Description = $"Which sizes: {string.Join(", ", RandomWeights.Shapes.Keys)}. "
                + "The largest takes 18 GB of disk.",
            DefaultValueFactory = _ => "tiny"
        }.AcceptOnlyFromAmong([.. RandomWeights.Shapes.Keys]);
        var seed = new Option<long>("--seed")
        {
            Description = "The same seed gives the same numbers.",
            DefaultValueFactory = _ => 1
        };
        var command = new Command("random-model", "Makes a model folder with random weights.") { output, shape, seed };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(output), RandomWeights.Shapes[parsed.GetRequiredValue(shape)],
            parsed.GetValue(seed), AnsiConsole.Console, cancel));
        return command;
    }

    /// <summary>Writes the folder in bfloat16 with a progress bar.</summary>
    /// <returns>0.</returns>
    public static async Task<int> RunAsync(
        string output, ModelConfig config, long seed, IAnsiConsole console, CancellationToken cancel)
    {
        var bytes = RandomWeights.Of(config, seed, ScalarType.BFloat16).Sum(tensor => tensor.Bytes);
        await ByteProgress.ShowAsync(console, "making random numbers", bytes, written =>
            RandomWeights.Write(output, config, seed, ScalarType.BFloat16, written, cancel: cancel));
        console.WriteLine($"{output}: {ByteProgress.Size(bytes)} of random weights.");
        return 0;
    }
}
