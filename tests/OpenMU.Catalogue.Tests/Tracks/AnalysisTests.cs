using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

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
        var facts = Measured.Facts(new Correction
        {
            Tenant = "home",
            ContentId = "sha256:0",
            By = "Ada",
            Fields = FieldSet.Empty.With("bpm", ["58.8"]).With("key", ["A minor"]),
        });

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
    public void Measurements_are_all_that_a_model_did_not_say_and_its_words_can_be_put_back()
    {
        var at = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc);
        var whole = Whole();
        string[] words =
        [
            nameof(Analysis.Caption), nameof(Analysis.Description), nameof(Analysis.DroppedSentences), nameof(Analysis.Tags),
            nameof(Analysis.TagText), nameof(Analysis.ModelProblem), nameof(Analysis.Embedding), nameof(Analysis.Sources),
            nameof(Analysis.Lyrics), nameof(Analysis.Folded), nameof(Analysis.ProvenanceId), nameof(Analysis.Heard),
            nameof(Analysis.JobId), nameof(Analysis.Work), nameof(Analysis.AnalysedAt),
        ];

        var measured = whole.Measurements(at);

        foreach (var property in typeof(Analysis).GetProperties().Where(p => !words.Contains(p.Name)))
            property.GetValue(measured).Should().BeEquivalentTo(property.GetValue(whole), property.Name);
        measured.Should().BeEquivalentTo(new
        {
            JobId = 0,
            AnalysedAt = at,
            Caption = (string?)null,
            Description = (string?)null,
            DroppedSentences = (int?)null,
            ModelProblem = (string?)null,
            Embedding = (object?)null,
        });
        measured.Tags.Should().BeEmpty();
        measured.Sources.Select(source => source.Field).Should().Equal(nameof(Analysis.Bpm));
        measured.Lyrics.Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { whole.Lyrics[0].Text, Summary = (string?)null });

        measured.TakeWords(whole);

        measured.Should().BeEquivalentTo(whole, options => options
            .Excluding(a => a.JobId).Excluding(a => a.Work).Excluding(a => a.AnalysedAt)
            .Excluding(a => a.Embedding!.JobId)
            .Excluding(member => member.Path.EndsWith(".At") || member.Path.EndsWith(".ETag")));
        whole.Lyrics.Should().HaveCount(2, "the earlier analysis stays as it was");
    }

    [Fact]
    public void What_a_model_is_told_is_the_same_up_to_the_rounding_of_what_is_stored()
    {
        var stored = new Analysis { Codec = "flac", Bpm = 120, Beats = [new Beat(0.512, 1)] };

        stored.TellsTheSameAs(new Analysis { Codec = "flac", Bpm = 120, Beats = [new Beat(0.5123, 1)] }).Should().BeTrue();
        stored.TellsTheSameAs(new Analysis { Codec = "flac", Bpm = 120, Beats = [new Beat(0.515, 1)] }).Should().BeFalse();
        stored.TellsTheSameAs(new Analysis { Codec = "flac", Bpm = 121, Beats = [new Beat(0.512, 1)] }).Should().BeFalse();
    }

    private static Analysis Whole()
    {
        var whole = new Analysis
        {
            JobId = 7,
            Codec = "flac",
            Bpm = 117.6,
            Caption = "A waltz.",
            Description = "A slow waltz.",
            DroppedSentences = 1,
            Tags = [new TagScore("genre", "waltz", 0.9)],
            Beats = [new Beat(0.5, 1)],
            FileFields = FieldSet.Empty.With(FieldNames.Title, ["Danube"]),
            Title = "Danube",
            Work = new StageSeconds { Measure = 3 },
            Embedding = TrackEmbedding.Of("tiny", [1, 2, 3]),
            Sources =
            [
                new FieldSource(nameof(Analysis.Bpm), "mir.tempo", "1.0.0", "open", 10, 0.5),
                new FieldSource(nameof(Analysis.Caption), "openmu", "tiny", "open", 10, null),
                new FieldSource(nameof(Analysis.Tags), "openmu", "tiny", "open", 10, 0.9),
            ],
        };
        foreach (var (source, text) in ((LyricsSource, string)[])
            [(LyricsSource.Tags, "Danube so blue"), (LyricsSource.Transcription, "La la")])
        {
            whole.Lyrics.Add(
                ContentLyrics.Of(source, "x", SongLyrics.Of([], [new LyricLine(null, text)]), whole.AnalysedAt));
        }

        (whole.Lyrics[0].Summary, whole.Lyrics[0].ReadBy) = ("About a river.", "tiny");
        return whole;
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
