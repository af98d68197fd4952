using OpenMU.Training.Data;

namespace OpenMU.Training.Tests.Data;

public sealed class TrainingTextsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-texts-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_captions_of_a_table_are_read_with_their_commas_quotes_and_line_ends()
        => Read("captions.csv", "ytid,caption\na,\"Slow, \"\"sad\"\" jazz\nwith piano\"\nb,  \nc,Fast rock\n")
            .Should().Equal("Slow, \"sad\" jazz\nwith piano", "Fast rock");

    [Fact]
    public void Other_files_are_read_line_by_line() => Read("texts.txt", "A slow tune, in minor.\n\n  A march. \n")
        .Should().Equal("A slow tune, in minor.", "A march.");

    [Fact]
    public void A_table_without_captions_is_an_error()
        => FluentActions.Invoking(() => Read("other.csv", "id,text\na,b\n"))
            .Should().Throw<InvalidDataException>().WithMessage("*no column 'caption'*");

    private IReadOnlyList<string> Read(string name, string content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return TrainingTexts.Read(path);
    }
}
