using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Publishing;

public sealed class AnalysisComparisonTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fields_are_counted_with_examples_and_what_corrections_hide()
    {
        var (a, b) = (Shelf.Ready("home", "a.flac", Say("A waltz.", 60, "A minor")), Shelf.Ready("home", "b.flac", Say("One.", 100)));
        var same = Shelf.Ready("home", "c.flac", Say("Same.", 90));
        await using var file = await HeldShelf.WithAsync(
            [a, b, same], HeldShelf.Beside(a, JobState.Ready, Say("A tango.", 120, "C major")),
            HeldShelf.Beside(b, JobState.Ready, Say(null, 101)), HeldShelf.Beside(same, JobState.Ready, Say("Same.", 90)));
        await new CorrectionStore(file.Factory, TimeProvider.System).ChangeAsync(
            "home", a.Id, [FieldEdit.Set(CatalogueField.Find(FieldNames.Bpm)!, ["61"])], new CorrectionAuthor("Ada", "cli"),
            null, Cancel);

        var diff = await CompareAsync(file);

        diff.Should().BeEquivalentTo(new { Tracks = 3, Changed = 2, Same = 1, Shown = 0, Open = 0, NotAskedFor = 0 });
        diff.Fields.Select(field => field.Field).Should().BeEquivalentTo("bpm", "key", "caption");
        var bpm = diff.Fields.Single(field => field.Field == "bpm");
        bpm.Should().BeEquivalentTo(new { Tracks = 2, Appears = 0, Vanishes = 0, Corrected = 1 });
        bpm.Examples.Should().Equal(
            new DiffExample(a.Id, "a.flac", "60", "120"), new DiffExample(b.Id, "b.flac", "100", "101"));
        diff.Fields.Single(field => field.Field == "caption").Should().BeEquivalentTo(new { Tracks = 2, Vanishes = 1 });
        diff.Tempo.Should().Be(new TempoDiff(Within2Percent: 1, Octave: 1, Other: 0, MeanChange: 30.5));
        diff.Key.Should().Be(new KeyDiff(Neighbour: 1, Parallel: 0, Other: 0));
        diff.Texts.Before.Should().Be(new TextFigures(3, 4 / 3.0, 0, 0));
        diff.Texts.After.Captions.Should().Be(2);
    }

    [Fact]
    public async Task Tags_that_come_and_go_are_counted()
    {
        var tracks = Enumerable.Range(0, 3).Select(n => Shelf.Ready("home", $"{n}.flac", Tag("rock", "piano"))).ToList();
        await using var file = await HeldShelf.WithAsync(
            tracks, [.. tracks.Select(track => HeldShelf.Beside(track, JobState.Ready, Tag("jazz", "piano", "drums")))]);

        var diff = await CompareAsync(file);

        diff.Tags.Should().BeEquivalentTo(new { MeanBefore = 2, MeanAfter = 3 });
        diff.Tags.Words.Should().Equal(
            new TagChange("drums", 3, 0), new TagChange("jazz", 3, 0), new TagChange("rock", 0, 3));
        diff.Fields.Single().Examples[0].Should().BeEquivalentTo(new { Before = "piano, rock", After = "drums, jazz, piano" });
    }

    [Fact]
    public async Task What_is_not_done_is_counted_by_its_state_and_its_cost_estimated()
    {
        var done = Shelf.Ready("home", "done.flac");
        var copy = Shelf.Other("home", "copy.flac", JobState.Ready);
        copy.Job = done.Job;
        var states = new[] { JobState.Queued, JobState.Analysing, JobState.Failed, JobState.Rejected };
        var others = states.Select(state => Shelf.Ready("home", $"{state}.flac", a => a.DurationSeconds = 300)).ToList();
        var unasked = Shelf.Ready("home", "unasked.flac");
        var shown = Shelf.Ready("home", "shown.flac");
        shown.Job.ModelVersion = HeldShelf.Second;
        await using var file = await HeldShelf.WithAsync(
            [done, copy, .. others, unasked, shown],
            [HeldShelf.Beside(done, JobState.Ready, analysis => (analysis.Work.Encode, analysis.Work.Generate) = (4, 6)),
                .. others.Zip(states, (track, state) => HeldShelf.Beside(track, state))]);

        var diff = await CompareAsync(file);

        diff.Should().BeEquivalentTo(new
        {
            Tracks = 8,
            Same = 2,
            Changed = 0,
            Shown = 1,
            Open = 2,
            Failed = 1,
            Rejected = 1,
            NotAskedFor = 1,
        });
        diff.Costs.Should().BeEquivalentTo(new
        {
            Analyses = 1,
            SoundSeconds = 100,
            WorkSeconds = 10,
            OpenAnalyses = 2,
            OpenSoundSeconds = 600,
            ExpectedWorkSeconds = 60,
        }, "a copy costs nothing");
    }

    [Fact]
    public async Task Two_models_are_compared_whichever_is_shown_and_a_selection_narrows_it()
    {
        var (a, b) = (Shelf.Ready("home", "a.flac", Say("Waltz.", 60)), Shelf.Ready("home", "b.flac", Say("Waltz.", 60)));
        await using var file = await HeldShelf.WithAsync(
            [a, b], HeldShelf.Beside(a, JobState.Ready, Say("Tango.", 60)), HeldShelf.Beside(b, JobState.Ready, Say("Tango.", 60)));
        await file.Publisher().PublishAsync(
            "home", TrackSelection.Of([a.Id]), HeldShelf.Second, new CorrectionAuthor("Ada", "cli"), null, null, null, Cancel);

        (await CompareAsync(file)).Should().BeEquivalentTo(new { Shown = 1, Changed = 1 });
        (await CompareAsync(file, HeldShelf.First)).Should().BeEquivalentTo(new { Shown = 0, Changed = 2 });
        (await CompareAsync(file, "unknown")).Should().BeEquivalentTo(new { NotAskedFor = 2, Changed = 0 });
        (await CompareAsync(file, selection: TrackSelection.Of([b.Id]))).Tracks.Should().Be(1);
    }

    [Fact]
    public async Task Beats_and_chords_are_compared_where_other_tools_made_them()
    {
        var tracks = Enumerable.Range(0, 2).Select(n => Shelf.Ready("home", $"{n}.flac", Beat("1.0.0", 0.5))).ToList();
        await using var file = await HeldShelf.WithAsync(
            tracks, HeldShelf.Beside(tracks[0], JobState.Ready, Beat("2.0.0", 0.6)),
            HeldShelf.Beside(tracks[1], JobState.Ready, Beat("2.0.0", 0.5)));

        var field = (await CompareAsync(file)).Fields.Should().ContainSingle().Subject;

        field.Should().BeEquivalentTo(new { Field = "beats", Tracks = 1 });
        field.Examples.Should().Equal(new DiffExample(tracks[0].Id, "0.flac", null, null));
    }

    [Fact]
    public async Task Many_pages_are_counted_as_one()
    {
        var tracks = Enumerable.Range(0, 450).Select(n => Shelf.Ready("home", $"{n:000}.flac", Say("A.", 60))).ToList();
        await using var file = await HeldShelf.WithAsync(
            tracks, [.. tracks.Select(track => HeldShelf.Beside(track, JobState.Ready, Say("B.", 60)))]);

        var diff = await CompareAsync(file);

        diff.Should().BeEquivalentTo(new { Tracks = 450, Changed = 450 });
        diff.Fields.Should().ContainSingle().Which.Examples.Should().HaveCount(5);
    }

    private static Action<Analysis> Say(string? caption, double bpm, string? key = null) => analysis =>
    {
        (analysis.Caption, analysis.Bpm, analysis.Key) = (caption, bpm, MusicalKey.TryParse(key));
    };

    private static Action<Analysis> Tag(params string[] tags) => analysis =>
        analysis.Tags = [.. tags.Select(tag => new TagScore("any", tag, 0.5))];

    private static Action<Analysis> Beat(string version, double at) => analysis =>
    {
        analysis.Beats = [new Beat(at, 1)];
        analysis.Sources = [new FieldSource(nameof(Analysis.Beats), "mir.beats", version, "open", 1, null)];
    };

    private static Task<AnalysisDiff> CompareAsync(
        CatalogueFile file, string? against = null, TrackSelection? selection = null) =>
        new AnalysisComparison(file.Factory).RunAsync(
            "home", selection ?? TrackSelection.Of(new TrackQuery()), HeldShelf.Second, against, progress: null, Cancel);
}
