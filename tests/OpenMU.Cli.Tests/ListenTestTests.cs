using System.Text.Json;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

public sealed class ListenTestTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tables_of_texts_become_a_page_with_sounds_without_names_and_answers_become_scores()
    {
        foreach (var name in (string[])["one.wav", "two.wav"])
            await File.WriteAllBytesAsync(In(name), TestSound.Clicks(8, 44_100), Cancel);
        await File.WriteAllTextAsync(
            In("old.json"),
            JsonSerializer.Serialize(new[] { (Name: "one.wav", Text: "A calm piano."), (Name: "two.wav", Text: "A march.") }
                .Select(said => new { file = In(said.Name), words = new { caption = said.Text } })),
            Cancel);
        await File.WriteAllTextAsync(In("new.csv"), "file,text\none.wav,Clicks.\ntwo.wav,\"A metronome, fast.\"\n", Cancel);

        var made = await OpenMuVerb.RunAsync(
            "listen-test", "make", In("old.json"), In("new.csv"), "-o", In("page"), "--checks", "0", "--seconds", "5");

        made.Code.Should().Be(0, made.Error);
        made.Output.Should().Contain("2 trials").And.Contain("page.key.json");
        Directory.GetFiles(In("page"), "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)).Order()
            .Should().Equal("001.wav", "002.wav", "index.html");
        new FileInfo(In("page/sounds/001.wav")).Length.Should().Be(44 + (5 * 44_100 * 2));
        (await File.ReadAllTextAsync(In("page/index.html"), Cancel)).Should().Contain("A metronome, fast.").And.NotContain("old");
        var again = await OpenMuVerb.RunAsync("listen-test", "make", In("old.json"), In("new.csv"), "-o", In("page"));
        again.Code.Should().Be(2);
        again.Error.Should().Contain("already");

        await File.WriteAllTextAsync(
            In("ann.csv"),
            "listener,trial,choice,left_untrue,right_untrue,heard_seconds,seconds,at\r\nann,1,left,false,true,5,9,\r\nann,2,same,false,false,5,8,\r\n",
            Cancel);
        var scored = await OpenMuVerb.RunAsync(
            "listen-test", "score", In("page.key.json"), In("ann.csv"), "--csv", In("scores.csv"));

        scored.Code.Should().Be(0, scored.Error);
        scored.Output.Should().Contain("old is better").And.Contain("new over old").And.Contain("1 listeners, 2 recordings");
        (await File.ReadAllTextAsync(In("scores.csv"), Cancel)).Should().StartWith("measure,percent,low,high,answers\r\n\"old is better\",");
    }

    [Theory]
    [InlineData("{}", "file,text\nx.wav,x\n", "not what")]
    [InlineData("[]", "file,text\nx.wav,x\n", "a.json says nothing of any recording")]
    [InlineData("[{\"file\": \"y.wav\", \"words\": {\"caption\": \"y\"}}]", "file,text\nx.wav,x\n", "no recording that both")]
    [InlineData("[{\"file\": \"y.wav\", \"words\": {\"caption\": \"y\"}}]", "path,words\na,b\n", "no columns file and text")]
    [InlineData("""[{"file": "a/x.wav", "words": {"caption": "x"}}, {"file": "b/x.wav", "words": {"caption": "y"}}]""", "file,text\n", "two recordings named x.wav")]
    [InlineData("""[{"file": "gone.wav", "words": {"caption": "x"}}]""", "file,text\ngone.wav,y\n", "gone.wav does not exist")]
    public async Task What_cannot_be_compared_is_one_line(string json, string csv, string problem)
    {
        await File.WriteAllTextAsync(In("a.json"), json, Cancel);
        await File.WriteAllTextAsync(In("b.csv"), csv, Cancel);

        var (code, _, error) = await OpenMuVerb.RunAsync("listen-test", "make", In("a.json"), In("b.csv"), "-o", In("page"));

        code.Should().Be(2);
        error.Should().Contain(problem);
        Directory.Exists(In("page")).Should().BeFalse();
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string In(string name) => Path.Combine(folder.FullName, name);
}
