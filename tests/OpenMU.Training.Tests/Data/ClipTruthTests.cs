using System.Text.Json;
using OpenMU.Music;
using OpenMU.Training.Data;

namespace OpenMU.Training.Tests.Data;

public sealed class ClipTruthTests
{
    private const string Made = """
        {"id":"train-7-00000","file":"audio/train-7-00000.wav","seconds":12,"tempo":100.5,"tempo_class":"medium","metre":"6/8","beats_per_bar":2,"key":"C# minor","genre":"folk","moods":["calm"],"instruments":["piano"],"drums":true,"melody":false,"groove_family":"folk","groove":["folk:Folk"],"drum_family":null,"split":"train","soundfont":"a.sf2","tuning_cents":-12.5,"seed":"train-7-00000","sha256":null,"beats":[0.5,1.1],"downbeats":[0.5],"chords":[[0,1.5,"C#:min"],[1.5,12,"N"]]}
        """;

    private const string Annotated = """
        {"id": "a", "file": "a.wav", "tempo": 120.0, "metre": "12/8", "key": "A minor", "beats": [0.5, 5.5, 6, 6.5, 7], "downbeats": [0.5, 6.5], "chords": [[0, 4, "A:min"], [4, 8, "E:7"]]}
        """;

    [Fact]
    public void A_line_of_a_made_clip_comes_back_as_it_was()
    {
        var truth = ClipTruth.Parse(Made);

        truth.ToJson().Should().Be(Made.Trim());
        truth.IsSynthetic.Should().BeTrue();
        truth.Chords.Should().Equal(new ChordSegment(0, 1.5, "C#:min"), new ChordSegment(1.5, 12, "N"));
        truth.Sounding.Should().Equal("piano", "drums");
    }

    [Fact]
    public void An_annotated_clip_says_what_is_known_of_it()
    {
        var truth = ClipTruth.Parse(
            """{"id": "a", "file": "a.wav", "key": "X", "beats": null, "source": "a person"}""");

        truth.Should().BeEquivalentTo(
            new { Id = "a", Key = "X", Tempo = (double?)null, IsSynthetic = false, Split = "train" });
        truth.Beats.Should().BeEmpty();
        truth.Facts().Should().BeEmpty();
    }

    [Fact]
    public void A_clip_of_another_generator_may_name_its_tune_and_count_its_seed()
    {
        var named = ClipTruth.Parse("""{"id": "a", "file": "a.wav", "melody": "Flute", "seed": 2026}""");

        named.Should().BeEquivalentTo(new { Melody = true, Seed = (string?)null, IsSynthetic = false });
        ClipTruth.Parse("""{"id": "a", "file": "a.wav", "melody": null}""").Melody.Should().BeFalse();
    }

    [Fact]
    public void A_truth_moves_with_its_sound()
    {
        var moved = ClipTruth.Parse(Annotated).Moved(factor: 2, silence: 10, cut: 20);

        moved.Tempo.Should().Be(60);
        moved.Beats.Should().Equal(11);
        moved.Chords.Should().Equal(new ChordSegment(10, 18, "A:min"), new ChordSegment(18, 20, "E:7"));
    }

    [Theory]
    [InlineData(-40, false, "A minor", "A:min", 30)]
    [InlineData(-40, true, "A minor", "A:min", -40)]
    [InlineData(-70, true, "G# minor", "Ab:min", 30)]
    [InlineData(360, true, "C# minor", "Db:min", -40)]
    public void A_truth_takes_the_names_of_the_semitones_that_its_sound_lies_nearest_to(
        double cents, bool renamed, string key, string chord, double tuning)
    {
        // Not renamed, it keeps its names wherever it lies.
        var start = renamed
            ? Annotated
            : Annotated.Replace("\"key\"", "\"tuning_cents\": -30, \"key\"", StringComparison.Ordinal);

        var retuned = ClipTruth.Parse(start).Retuned(cents, renamed);

        retuned.Key.Should().Be(key);
        retuned.Chords[0].Label.Should().Be(chord);
        retuned.TuningCents.Should().Be(tuning);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"id": "a"}""")]
    [InlineData("""{"id": "a", "file": "a.wav", "chords": [[0, 1]]}""")]
    [InlineData("""{"id": "a", "file": "a.wav", "chords": [[0, "1", "C"]]}""")]
    [InlineData("""{"id": "a", "file": "a.wav", "tempo": "fast"}""")]
    public void A_line_that_is_no_clip_is_refused(string line) =>
        FluentActions.Invoking(() => ClipTruth.Parse(line)).Should().Throw<JsonException>();

    [Fact]
    public void A_folder_gives_full_paths_and_names_the_line_that_is_broken()
    {
        var folder = Directory.CreateTempSubdirectory("openmu-truth-").FullName;
        try
        {
            FluentActions.Invoking(() => ClipTruth.Read(folder))
                .Should().Throw<InvalidDataException>().WithMessage("*truth.jsonl*");
            File.WriteAllText(Path.Combine(folder, "truth.jsonl"), Made + "\n\n");
            ClipTruth.Read(folder).Should().ContainSingle().Which.File
                .Should().Be(Path.Combine(folder, "audio", "train-7-00000.wav"));
            File.AppendAllText(Path.Combine(folder, "truth.jsonl"), "{}");
            FluentActions.Invoking(() => ClipTruth.Read(folder))
                .Should().Throw<InvalidDataException>().WithMessage("*line 3*");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
