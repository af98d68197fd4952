using System.Text.Json;
using OpenMU.Cli.Hub;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>The list of models, and the names that it gives.</summary>
public sealed class ModelsTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("openmu-models-").FullName;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task What_is_here_and_what_is_known_is_listed_for_people_and_as_JSON()
    {
        SmallRandomModel.Write(home);
        Directory.CreateDirectory(Path.Combine(home, "broken"));
        await File.WriteAllTextAsync(Path.Combine(home, "broken", "config.json"), "{");

        var (code, text, error) = await OpenMuProgram.RunAsync("models", "--models", home);
        var json = (await OpenMuProgram.RunAsync("models", "--models", home, "--json")).Output;

        code.Should().Be(ExitCode.Done, error);
        text.Should().Contain("random-1").And.Contain("Float32").And.Contain("openmu-tiny").And.Contain("apache-2.0")
            .And.Contain("midashenglm-0.6b").And.Contain("cannot be used");
        using var document = JsonDocument.Parse(json);
        var here = document.RootElement.GetProperty("here").EnumerateArray().ToDictionary(
            model => model.GetProperty("name").GetString()!);
        here["random-1"].GetProperty("version").GetString().Should().StartWith("random-1-");
        here["random-1"].GetProperty("bytes").GetInt64().Should().BePositive();
        here["broken"].GetProperty("problem").GetString().Should().Contain("config.json");
        document.RootElement.GetProperty("known").EnumerateArray()
            .Should().OnlyContain(model => model.GetProperty("licence").GetString()!.Length > 0);
    }

    [Fact]
    public async Task A_model_is_called_by_the_name_of_its_folder()
    {
        SmallRandomModel.Write(home);
        await File.WriteAllBytesAsync(Path.Combine(home, "a.wav"), TestSound.Tone(2, 440));

        var (code, _, error) = await OpenMuProgram.RunInAsync(
            new Dictionary<string, string> { ["OPENMU_MODELS"] = home },
            "ask", Path.Combine(home, "a.wav"), "What is it?", "--model", "random-1");

        code.Should().Be(ExitCode.Done, error);
    }

    [Theory]
    [InlineData("artist/model", "main")]
    [InlineData("Artist-1/model.v2_x@refs/pr/3", "refs/pr/3")]
    [InlineData("a/b@0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567")]
    public void A_repository_is_named_with_or_without_a_revision(string text, string revision) =>
        HubName.Parse(text).Revision.Should().Be(revision);

    [Theory]
    [InlineData("../etc")]
    [InlineData("a/../b")]
    [InlineData("a/b/c")]
    [InlineData("a/b@../x")]
    [InlineData("a/b@")]
    [InlineData("/b")]
    [InlineData("https://hub/a")]
    [InlineData("a/b c")]
    [InlineData("no-such-model")]
    [InlineData("openmu")]
    public void What_names_no_repository_is_an_error_of_the_command_line(string text) =>
        FluentActions.Invoking(() => KnownModel.Find(text)).Should().Throw<UsageException>()
            .Which.Message.Should().NotContain("\n");

    [Fact]
    public void A_known_name_is_one_of_a_repository_with_a_licence()
    {
        var (name, known) = KnownModel.Find("MiDashengLM-0.6b");

        name.Repository.Should().Be("mispeech/midashenglm-0.6b-fp32");
        known!.Licence.Should().Be("apache-2.0");
        KnownModel.Find(name.Repository).Known.Should().BeSameAs(known);
    }

    [Theory]
    [InlineData("model-00001-of-00002.safetensors,model-00002-of-00002.safetensors,model.safetensors.index.json,consolidated.safetensors,config.json",
        "model-00001-of-00002.safetensors,model-00002-of-00002.safetensors,model.safetensors.index.json,config.json")]
    [InlineData("model.safetensors,model.fp16.safetensors,tag_head.safetensors,tags.json,chat.py",
        "model.safetensors,tag_head.safetensors,tags.json")]
    [InlineData("weights.safetensors,.hidden.safetensors,a\\b.safetensors,training_args.bin,vocab.json",
        "weights.safetensors,vocab.json")]
    public void Of_several_sets_of_weights_one_is_taken_and_of_other_files_the_known_kinds(
        string listed, string wanted) =>
        HubFile.Wanted(listed.Split(',').Select(file => new HubFile(file, 1, "")))
            .Select(file => file.Name).Should().BeEquivalentTo(wanted.Split(','));

    [Theory]
    [InlineData("ftp://hub")]
    [InlineData("hub")]
    [InlineData("https://me:secret@hub")]
    [InlineData("https://hub?x=1")]
    public void An_endpoint_that_cannot_be_one_is_refused_without_repeating_it(string endpoint) =>
        FluentActions.Invoking(() => HubSettings.Read(endpoint)).Should().Throw<UsageException>()
            .Which.Message.Should().Contain("--endpoint").And.NotContain("secret");
}
