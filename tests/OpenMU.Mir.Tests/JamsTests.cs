using OpenMU.Testing;

namespace OpenMU.Mir.Tests;

public class JamsTests
{
    [Fact]
    public async Task Documents_are_valid_JAMS()
    {
        var schema = await JamsSchema.ReadAsync();
        schema.Validate(Jams.Of(Measured.Song).ToJsonString()).Should().BeEmpty();
        schema.Validate(Jams.Of(Measured.Silence).ToJsonString()).Should().BeEmpty();

        // The check itself can fail.
        var wrong = Jams.Of(Measured.Song);
        wrong["annotations"]![3]!["data"]![1]!["value"] = "C#:sus2";
        schema.Validate(wrong.ToJsonString()).Should().NotBeEmpty();
    }

    [Fact]
    public void Every_tool_has_its_annotation()
    {
        var annotations = Jams.Of(Measured.Song)["annotations"]!.AsArray();
        string[] Values(int annotation) =>
            [.. annotations[annotation]!["data"]!.AsArray().Select(observation => observation!["value"]!.ToString())];
        annotations.Select(annotation => (string)annotation!["namespace"]!)
            .Should().Equal("tempo", "beat", "key_mode", "chord_harte", "segment_open", "segment_salami_function");
        Values(0).Should().Equal("117.6471");
        Values(1).Should().Equal("4", "1", "2", "3");
        Values(2).Should().Equal("C#:minor", "N");
        Values(3).Should().Equal("N", "C#:min", "F#:min7/b3", "B:(2,5)", "E:(5)");
        Values(4).Should().Equal("A", "B");
        Values(5).Should().Equal("intro");
        ((double)annotations[3]!["data"]![1]!["duration"]!).Should().BeApproximately(0.51, 1e-9);
        ((string)annotations[2]!["annotation_metadata"]!["annotation_tools"]!).Should().Be("OpenMU.Mir.Key");
    }

    [Fact]
    public void What_JAMS_cannot_say_stands_in_the_sandbox()
    {
        var sandbox = Jams.Of(Measured.Song)["sandbox"]!["openmu"]!;
        ((double)sandbox["loudness"]!["integratedLufs"]!).Should().Be(-14.25);
        sandbox["quality"]!["faults"]!.AsArray().Select(fault => (string)fault!)
            .Should().Equal("clipped", "mono-as-stereo");
    }
}
