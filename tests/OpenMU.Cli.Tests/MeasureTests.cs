using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

public sealed class MeasureTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-measure-");

    public MeasureTests()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "a.wav"), TestSound.Tone(3, 440));
        File.WriteAllText(
            Truth,
            """{"id": "a", "file": "a.wav", "tempo": 120, "key": "C major", "tuning_cents": 0, "chords": [[0, 3, "A:maj"]]}""");
    }

    private string Truth => Path.Combine(folder.FullName, "truth.jsonl");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("plain")]
    [InlineData("mp3")]
    [InlineData("8khz")]
    public async Task What_is_known_of_the_clips_is_scored_with_intervals_worst_clips_and_confidence(string variant)
    {
        var (code, table) = await RunAsync(Truth, variant);

        code.Should().Be(0);
        table.Should().StartWith($"1 clips, {variant}, 3 s of sound")
            .And.Contain("| tuning to 10 cents | 1 | 100.0 | 100.0 to 100.0 |")
            .And.Contain("| chord root | 1 | ").And.Contain("worst key exact: a 0")
            .And.Contain("| key | 0 | - | 1 | 0.0 | - |");
        table.Should().NotContain("beat F");
    }

    [Fact]
    public async Task A_recording_40_cents_flat_is_heard_to_be_so() =>
        (await RunAsync(Truth, "flat40")).Table.Should().Contain("| tuning to 10 cents | 1 | 100.0 |");

    [Fact]
    public async Task A_missing_file_or_variant_is_named()
    {
        await FluentActions.Awaiting(() => RunAsync(Truth, "backwards"))
            .Should().ThrowAsync<UsageException>().WithMessage("*backwards*silence60*");
        await FluentActions.Awaiting(() => RunAsync(Truth + "x", "plain"))
            .Should().ThrowAsync<UsageException>().WithMessage("*truth.jsonlx does not exist*");
    }

    private static async Task<(int Code, string Table)> RunAsync(string truth, string variant)
    {
        using var output = new StringWriter();
        return (await Measure.RunAsync(truth, variant, worst: 3, output, CancellationToken.None), output.ToString());
    }
}
