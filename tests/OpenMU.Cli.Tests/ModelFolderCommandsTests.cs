using System.CommandLine;
using OpenMU.Model.Families;
using Spectre.Console;

namespace OpenMU.Cli.Tests;

/// <summary>The commands that make a model folder and look into one.</summary>
public sealed class ModelFolderCommandsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory().FullName;
    private readonly StringWriter output = new();
    private readonly IAnsiConsole console;

    public ModelFolderCommandsTests()
    {
        console = AnsiConsole.Create(
            new() { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
    }

    public void Dispose()
    {
        output.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task A_random_model_is_made_once_and_described()
    {
        var folder = Path.Combine(root, "random");
        (await RandomModel.RunAsync(folder, OpenMuConfig.Tiny, 1, console, TestContext.Current.CancellationToken))
            .Should().Be(0);
        (await InspectModel.RunAsync(folder, quick: false, console, TestContext.Current.CancellationToken))
            .Should().Be(0);
        output.ToString().Should().Contain("version   random-").And.Contain("licence   open")
            .And.Contain("192 music tokens").And.Contain("language model").And.Contain("every number is finite");
        var again = () =>
            RandomModel.RunAsync(folder, OpenMuConfig.Tiny, 1, console, TestContext.Current.CancellationToken);
        await again.Should().ThrowAsync<IOException>().WithMessage("*there already*");
    }

    [Fact]
    public async Task What_is_no_model_folder_is_said_in_a_sentence()
    {
        var inspect = () => InspectModel.RunAsync(root, quick: true, console, TestContext.Current.CancellationToken);
        await inspect.Should().ThrowAsync<InvalidDataException>().WithMessage("*no config.json*");
        var convert = () => ConvertModel.RunAsync(
            new(root, Path.Combine(root, "vitb_finetuned.pth"), Path.Combine(root, "mm_projector.bin")), new(),
            Path.Combine(root, "out"), console, TestContext.Current.CancellationToken);
        await convert.Should().ThrowAsync<InvalidDataException>()
            .WithMessage("*neither a folder of Hugging Face*nor of Meta*");
        Directory.GetFileSystemEntries(root).Should().BeEmpty();
    }

    [Theory]
    [InlineData(
        "\"rope_scaling\": {\n\"rope_type\": \"yarn\"\n}", "{}",
        "says rope_scaling.rope_type \"yarn\"; accepted: default or llama3.")]
    [InlineData(
        "\"quantization_config\": {\n\"bits\": 4\n}", "{}",
        "says quantization_config {\"bits\":4}; accepted: null or empty.")]
    [InlineData("\"new\\nkey\": 1", "{}", "says new\\nkey 1; accepted: only keys that are known here*")]
    [InlineData("\"mlp_bias\": false", "{\n\"audio\": 3\n}", "*audio*")]
    [InlineData("\"mlp_bias\": false", "{\"widows\": 3}", "*widows*")]
    public async Task A_conversion_is_refused_in_one_line_that_names_the_key(string key, string own, string message)
    {
        var config = Path.Combine(root, "config.json");
        await File.WriteAllTextAsync(config, $$"""
            {"model_type": "llama", "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
             "vocab_size": 300, "max_position_embeddings": 64, "rms_norm_eps": 1e-5, {{key}}}
            """, TestContext.Current.CancellationToken);
        var ours = Path.Combine(root, "ours.json");
        await File.WriteAllTextAsync(ours, own, TestContext.Current.CancellationToken);
        string[] arguments =
        [
            "convert", Path.Combine(root, "out"), "--llama", root, "--audiomae", "a.pth", "--projector",
            "b.bin", "--config", ours
        ];
        var run = () => new RootCommand { ConvertModel.Command() }.Parse(arguments).InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false },
            TestContext.Current.CancellationToken);
        var said = (await run.Should().ThrowAsync<InvalidDataException>().WithMessage($"*{message}")).Which.Message;
        said.Should().StartWith(own == "{}" ? config : ours).And.NotContainAny("\n", "\r");
    }

    [Theory]
    [InlineData(999L, "1.0 kB")]
    [InlineData(16_265_000_000L, "16.3 GB")]
    [InlineData(19_552_896L, "19.6 MB")]
    public void Sizes_are_told_in_powers_of_ten(long bytes, string text) => ByteProgress.Size(bytes).Should().Be(text);
}
