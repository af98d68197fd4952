using OpenMU.Model;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;

namespace OpenMU.Training.Tests.Stages;

public sealed class RecordingCalibrationTests
{
    private static readonly TagGroup[] Groups =
    [
        new() { Group = "genre", Exclusive = true, Labels = ["rock", "jazz"] },
        new() { Group = "instrument", Labels = ["piano", "flute"], Thresholds = [0.2, 0.3] },
    ];

    [Fact]
    public void What_is_stated_below_the_new_threshold_was_mostly_wrong()
    {
        // From 0.65 on piano is right, below it is wrong; flute is too rare for a threshold of its own.
        HeardRecording[] heard = [.. Enumerable.Range(0, 20).Select(i => Heard(i, 0.05 * i, present: i >= 13))];

        var fitted = RecordingCalibration.Fit(Groups, heard);

        fitted[1].Thresholds[0].Should().BeGreaterThan(0.3).And.BeLessThanOrEqualTo(0.65);
        fitted[1].Thresholds[1].Should().Be(0.3);
        var (before, after) = (
            RecordingCalibration.Judge(Groups, heard)[1], RecordingCalibration.Judge(fitted, heard)[1]);
        after.Precision.Should().BeGreaterThan(before.Precision);
        after.Right.Should().Be(before.Right);
        after.Coverage.Should().BeLessThan(before.Coverage);
    }

    [Fact]
    public void What_nobody_knows_is_not_judged()
    {
        var heard = Heard(0, 0.9, present: true) with
        {
            Recording = new("a.ogg", "a", new Dictionary<string, double> { ["instrument:piano"] = 0.5 }),
        };

        RecordingCalibration.Judge(Groups, [heard])[1].Should().Be(new StatedTags("instrument", 1, 1, 0, 0));
    }

    [Fact]
    public void About_half_of_the_packages_is_held_out() =>
        Enumerable.Range(0, 200).Count(i => RecordingCalibration.IsHeldOut($"package-{i}")).Should().BeInRange(70, 130);

    [Fact]
    public void A_table_names_files_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("labels");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.ogg"), "");
            var table = Path.Combine(folder.FullName, "labels.tsv");
            File.WriteAllLines(table, ["file\tpackage\tinstrument:piano\tmood:sad", "a.ogg\tp\t0.7\t", "b.ogg\tp\t0.1\t0.2"]);

            var recording = LabelledRecording.ReadTable(table).Should().ContainSingle("the other file is not there").Subject;

            (recording.Package, recording.Holds("instrument", "piano"), recording.Holds("mood", "sad"))
                .Should().Be(("p", true, null));
            File.WriteAllLines(table, ["name\tpackage"]);
            FluentActions.Invoking(() => LabelledRecording.ReadTable(table)).Should().Throw<InvalidDataException>();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static HeardRecording Heard(int number, double piano, bool present) => new(
        new($"{number}.ogg", $"package-{number}", new Dictionary<string, double>
        {
            ["instrument:piano"] = present ? 0.9 : 0.1,
            ["instrument:flute"] = 0.1,
        }),
        [[0.6, 0.4], [piano, 0.1]]);
}
