using System.Xml.Linq;
using OpenMU.Model;
using OpenMU.Model.Families;
using OpenMU.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Evaluation;

public sealed class RobustnessStudiesTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly OpenMu model = ToyClips.Model();
    private readonly TagHead tags = ToyClips.Tags();
    private readonly RobustnessStudies studies;

    public RobustnessStudiesTests() =>
        studies = new(model, ToyClips.Tokenizer, tags, new() { MaxNewTokens = 8, Threads = 2 });

    public void Dispose()
    {
        tags.Dispose();
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Snippets_of_music_stand_beside_snippets_of_noise()
    {
        var study = studies.Noise(ToyClips.All, "");
        study.Conditions.Should().Equal("1 s", "5 s", "10 s", "30 s");
        study.Series.Select(series => series.Name).Should().Contain(["multiple choice: OpenMU",
            "multiple choice: white noise", "multiple choice: silence", "tags, genre: white noise"]);
        study.Series.Should().AllSatisfy(series => series.Values.Should().HaveCount(4));
    }

    [Fact]
    public void Every_variant_of_the_sound_is_scored_and_further_ones_too()
    {
        var study = studies.Robustness(ToyClips.All, [("another soundfont", ToyClips.All)], "");
        study.Conditions
            .Should().Equal([.. AudioPerturbation.All.Select(variant => variant.Name), "another soundfont"]);
        foreach (var series in study.Series)
            series.Values[^1].Should().Be(series.Values[0], "the further clips are the same ones");
    }

    [Fact]
    public void Several_clips_are_asked_about_as_far_as_prompts_reach()
    {
        var study = studies.Clips(ToyClips.All, "");
        study.Conditions.Should().Equal("1", "2", "3", "4");
        study.Series.Should().HaveCount(4);
        study.Series[0].Values[0].Should().Be(study.Series[3].Values[0], "one clip is one clip");
    }

    [Fact]
    public void A_study_is_a_table_and_a_plot_of_the_same_numbers()
    {
        var study = new Study(
            "A & B", "x", ["1 s", "<5 s>"], [new("one", [0.5, 0.25]), new("two", [null, 1])], "Note.");
        study.ToMarkdown("a.svg")
            .Should().EndWith("| x | one | two |\n|---|---|---|\n| 1 s | 50.0 |  |\n| <5 s> | 25.0 | 100.0 |\n");
        var svg = XDocument.Parse(StudyPlot.Svg(study));
        svg.Descendants().Count(element => element.Name.LocalName == "circle").Should().Be(3);
        svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)
            .Should().Contain(["A & B", "<5 s>", "one", "two", "100 %"]);
    }
}
