using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Tracks;

public sealed class AnalysisTests
{
    private static readonly Analysis Measured = new()
    {
        Codec = "flac",
        Bpm = 117.6,
        Key = MusicalKey.Parse("C# minor"),
        Beats = [new Beat(0.5, 1), new Beat(1, 2)],
        Chords = [new ChordSegment(0, 2, "A:min7", 0.9), new ChordSegment(2, 4, "N", 0.5)],
    };

    [Theory]
    [InlineData("GetAudioTempo", "117.6")]
    [InlineData("F3", "C# minor")]
    [InlineData("GetAudioDownbeat", "[{'time': 0.5, 'beat_number': 1}, {'time': 1.0, 'beat_number': 2}]")]
    [InlineData("Format", null)]
    public void Tools_answer_from_what_the_catalogue_holds(string tool, string? result) =>
        Measured.Facts().Call(tool).Should().Be(result);

    [Fact]
    public void Chords_are_those_that_were_stored() =>
        Measured.Facts().GetAudioChords().Should().StartWith("[{'start_time': 0.0, 'end_time': 2.0, 'chord': 'A");

    [Fact]
    public void What_a_person_has_put_right_stands_above_the_measurement()
    {
        var facts = Measured.Facts(new Correction { By = "Ada", Bpm = 58.8, Key = MusicalKey.Parse("8A") });

        facts.GetAudioTempo().Should().Be("58.8");
        facts.GetAudioKey().Should().Be("A minor");
        facts.Beats.Should().Equal(Measured.Beats);
    }

    [Fact]
    public void What_was_not_found_is_no_answer()
    {
        var facts = new Analysis { Codec = "flac" }.Facts();

        MusicalFacts.Tools.Keys.Select(facts.Call).Should().OnlyContain(answer => answer == null);
    }

    [Fact]
    public async Task Where_fields_come_from_is_stored_once_and_what_was_heard_with_each_analysis()
    {
        await using var file = await CatalogueFile.CreateAsync();
        foreach (var (name, seconds) in (List<(string, double)>)[("a", 61.5), ("b", 7.25), ("c", 0)])
        {
            await using var one = file.Open();
            one.Add(Shelf.Ready("home", name, analysis => analysis.Sources = seconds == 0 ? [] :
            [
                new FieldSource("Bpm", "mir.tempo", "1", "open", seconds, 0.75),
                new FieldSource("Key", "mir.key", "1", "open", seconds, null),
            ]));
            await one.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await using var db = file.Open();
        db.Set<Provenance>().Should().ContainSingle().Which.Fields.Should().Contain("mir.tempo");
        var analyses = await db.Analyses.OrderBy(a => a.JobId).ToListAsync(TestContext.Current.CancellationToken);
        analyses.Select(a => a.Sources.Sum(source => source.SecondsHeard)).Should().Equal(123, 14.5, 0);
        analyses[0].Sources[1].Should().Be(new FieldSource("Key", "mir.key", "1", "open", 61.5, null));
        analyses[0].Heard.Should().Be("[[61.5,0.75],[61.5,null]]");
        db.ChangeTracker.HasChanges().Should().BeFalse();
    }

    [Fact]
    public void The_names_of_a_key_follow_it()
    {
        Measured.Should().BeEquivalentTo(new { Camelot = "12A", OpenKey = "5m" });
        new Analysis { Codec = "flac" }
            .Should().BeEquivalentTo(new { Camelot = (string?)null, OpenKey = (string?)null });
    }
}
