namespace OpenMU.Mir.Tests;

public class TrackJsonTests
{
    [Fact]
    public void A_line_has_the_fields_that_other_programs_read() =>
        TrackJson.Line("a/b.flac", Measured.Song).Should().Be(
            """{"file":"a/b.flac","tempo":117.647,"beats":[0.021,0.531,1.041,1.551],"downbeats":[0.531],"key":"C# minor","""
            + """ "chords":[[0,0.531,"N"],[0.531,1.041,"C#:min"],[1.041,1.551,"F#:min7/b3"],[1.551,2.4,"B:sus2"],[2.4,4,"E:5"]]}"""
                .TrimStart());

    [Fact]
    public void What_is_not_there_is_null_or_empty() =>
        TrackJson.Line("new\nline", Measured.Silence).Should().Be(
            """{"file":"new\nline","tempo":null,"beats":[],"downbeats":[],"key":null,"chords":[[0,1.5,"N"]]}""");

    [Fact]
    public void The_document_has_every_result()
    {
        var document = TrackJson.Document("a.flac", Measured.Song);
        ((string)document["info"]!["title"]!).Should().Be("A \"song\"");
        ((double)document["tempo"]!["bpm"]!).Should().Be(117.6471);
        ((double)document["tempo"]!["alternatives"]![0]!["bpm"]!).Should().Be(58.8);
        ((string)document["metre"]!).Should().Be("4/4");
        ((string)document["key"]!["camelot"]!).Should().Be("12A");
        ((string)document["chords"]![1]!["chord"]!).Should().Be("C#:min");
        ((double)document["loudness"]!["truePeakDbtp"]!).Should().Be(-0.8);
        ((double)document["quality"]!["bandwidthHz"]!).Should().Be(16_000);
        document.ToJsonString().Should().Contain("mono-as-stereo");
    }
}
