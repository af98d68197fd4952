using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation.Mir;

namespace OpenMU.Training.Tests.Evaluation.Mir;

public class AccuracyTests
{
    private const string Line = """
        {"id": "a", "file": "a.wav", "tempo": 120.0, "metre": "12/8", "key": "A minor", "beats": [0.5, 5.5, 6, 6.5, 7], "downbeats": [0.5, 6.5], "chords": [[0, 4, "A:min"], [4, 8, "E:7"]]}
        """;

    [Fact]
    public void Power_chords_alone_say_nothing_of_thirds_and_sevenths()
    {
        IEnumerable<string> Measures(params string[] labels)
        {
            var truth = new ClipTruth
            {
                Id = "a",
                File = "a.wav",
                Chords = [.. labels.Select((label, i) => new ChordSegment(i, i + 1, label))],
            };
            return Accuracy.Score(truth, new ClipAnswer(null, null, [], [], truth.Chords)).Select(row => row.Measure);
        }

        Measures("E:5", "N").Should().Contain("chord power").And.NotContain(["chord majmin", "chord sevenths"]);
        Measures("E:5", "A:min").Should().Contain(["chord power", "chord majmin", "chord sevenths"]);
        Measures("A:min").Should().Contain("chord majmin").And.NotContain("chord power");
    }

    [Fact]
    public void An_answer_equal_to_the_truth_scores_one_everywhere()
    {
        var truth = ClipTruth.Parse(Line);

        var scores = Accuracy.Score(
            truth, new ClipAnswer(120, "A minor", truth.Beats, truth.Downbeats, truth.Chords) { Metre = "4/4" });

        scores.Should().HaveCount(14).And.OnlyContain(score => score.Score == 1);
    }

    [Fact]
    public void No_answer_scores_nothing()
    {
        var scores = Accuracy.Score(ClipTruth.Parse(Line), new ClipAnswer(null, null, [], [], []));

        scores.Where(score => score.Measure != "chord segmentation").Should().OnlyContain(score => score.Score == 0);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(120.0, 0)]
    public void Where_there_is_no_tempo_none_is_right(double? answer, double score) =>
        Accuracy.Score(
            ClipTruth.Parse("""{"id": "a", "file": "a.wav", "tempo": 0}"""), new ClipAnswer(answer, null, [], [], []))
            .Should().Equal(("no tempo where there is none", score));

    [Theory]
    [InlineData("12/8", "4/4", true)]
    [InlineData("12/8", "12/8", true)]
    [InlineData("4/4", "12/8", false)]
    [InlineData("7/4", "7/8", true)]
    [InlineData("5/8", "5/4", true)]
    [InlineData("2/4", "6/8", false)]
    [InlineData("4/4", null, false)]
    public void A_metre_is_right_by_its_beats_and_how_they_divide(string truth, string? answer, bool isSame) =>
        Accuracy.IsSameMetre(truth, answer).Should().Be(isSame);

    [Fact]
    public void Only_what_is_known_is_scored()
    {
        var scores = Accuracy.Score(
            ClipTruth.Parse("""{"id": "a", "file": "a.wav", "key": "C major"}"""),
            new ClipAnswer(100, "G major", [], [], []));

        scores.Should().Equal(("key MIREX", 0.5), ("key exact", 0));
    }

    [Fact]
    public void The_interval_holds_the_mean_and_the_worst_come_first()
    {
        (string, IReadOnlyList<(string, double)>)[] clips = [.. Enumerable.Range(0, 40)
            .Select(i => ($"clip{i:00}", (IReadOnlyList<(string, double)>)[("m", i % 4 == 0 ? 0.2 : 1)]))];

        var row = Accuracy.Table(clips, worst: 3).Should().ContainSingle().Subject;

        row.Mean.Should().BeApproximately(0.8, 1e-12);
        row.Low.Should().BeInRange(0.6, 0.79);
        row.High.Should().BeInRange(0.81, 0.95);
        row.Worst.Should().Equal(("clip00", 0.2), ("clip04", 0.2), ("clip08", 0.2));
    }

    [Theory]
    [InlineData(49, -49, 1)]
    [InlineData(12, 0, 0)]
    public void Tuning_goes_round_the_semitone(double heard, double truth, double score) =>
        Accuracy.Score(
            ClipTruth.Parse("""{"id": "a", "file": "a.wav"}""") with { TuningCents = truth },
            new ClipAnswer(null, null, [], [], []) { TuningCents = heard })
            .Should().Equal(("tuning to 10 cents", score));
}
