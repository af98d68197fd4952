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
        console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
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
        (await RandomModel.RunAsync(folder, OpenMuConfig.Tiny, 1, console, TestContext.Current.CancellationToken)).Should().Be(0);
        (await InspectModel.RunAsync(folder, quick: false, console, TestContext.Current.CancellationToken)).Should().Be(0);
        output.ToString().Should().Contain("version   random-").And.Contain("licence   open").And.Contain("192 music tokens").And.Contain("language model").And.Contain("every number is finite");
        var again = () => RandomModel.RunAsync(folder, OpenMuConfig.Tiny, 1, console, TestContext.Current.CancellationToken);
        await again.Should().ThrowAsync<IOException>().WithMessage("*there already*");
    }

    [Fact]
    public async Task What_is_no_model_folder_is_said_in_a_sentence()
    {
        var inspect = () => InspectModel.RunAsync(root, quick: true, console, TestContext.Current.CancellationToken);
        await inspect.Should().ThrowAsync<InvalidDataException>().WithMessage("*no config.json*");
        var convert = () => ConvertModel.RunAsync(new(root, Path.Combine(root, "vitb_finetuned.pth"), Path.Combine(root, "mm_projector.bin")), new(), Path.Combine(root, "out"), console, TestContext.Current.CancellationToken);
        await convert.Should().ThrowAsync<InvalidDataException>().WithMessage("*neither a folder of Hugging Face*nor of Meta*");
        Directory.GetFileSystemEntries(root).Should().BeEmpty();
    }

    [Theory]
    [InlineData(999L, "1.0 kB")]
    [InlineData(16_265_000_000L, "16.3 GB")]
    [InlineData(19_552_896L, "19.6 MB")]
    public void Sizes_are_told_in_powers_of_ten(long bytes, string text) => ByteProgress.Size(bytes).Should().Be(text);
}
