using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Publishing;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Tests.Publishing;

public sealed class PublisherTests
{
    private static readonly CorrectionAuthor Ada = new("Ada", "cli");
    private static readonly TrackSelection All = TrackSelection.Of(new TrackQuery());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_held_analysis_is_shown_and_found_when_it_is_published_and_the_former_one_after_a_rollback()
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await HeldShelf.WithAsync(
            [track], HeldShelf.Beside(track, JobState.Ready, analysis => analysis.Caption = "A tango."));
        (await FoundAsync(file)).Should().Be("waltz", "what is held back cannot be seen");

        (await PublishAsync(file)).Should().BeEquivalentTo(
            new { Tracks = 1, Moved = 1, Without = 0, Next = (string?)null });
        (await FoundAsync(file)).Should().Be("tango");

        (await RollBackAsync(file)).Moved.Should().Be(1);
        (await FoundAsync(file)).Should().Be("waltz");
        await using var db = file.Open();
        (await db.Analyses.CountAsync(Cancel)).Should().Be(2, "nothing is lost");
        (await file.Publisher().HeldModelAsync("home", Cancel)).Should().Be(HeldShelf.Second);
    }

    [Fact]
    public async Task Doing_it_again_changes_nothing_and_each_run_that_did_is_noted_with_who_and_when()
    {
        var track = Shelf.Ready("home", "a.flac");
        await using var file = await HeldShelf.WithAsync([track], HeldShelf.Beside(track, JobState.Ready));

        await PublishAsync(file);
        (await PublishAsync(file)).Moved.Should().Be(0);
        await RollBackAsync(file);
        (await RollBackAsync(file)).Should().BeEquivalentTo(new { Moved = 0, Without = 0 });

        (await file.Publisher().ListAsync("home", Cancel)).Should().BeEquivalentTo(
        [
            new { Kind = PublicationKind.Rollback, ModelVersion = HeldShelf.Second, By = "Ada", Via = "cli", Tracks = 1 },
            new { Kind = PublicationKind.Publish, ModelVersion = HeldShelf.Second, By = "Ada", Via = "cli", Tracks = 1 },
        ]);
        (await file.Publisher().ListAsync("other", Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Only_selected_tracks_are_moved_with_their_copies_and_those_that_are_not_Ready_stay()
    {
        var chosen = Shelf.Ready("home", "chosen.flac");
        var copy = Shelf.Other("home", "copy.flac", JobState.Ready);
        copy.Job = chosen.Job;
        var (open, other) = (Shelf.Ready("home", "open.flac"), Shelf.Ready("home", "other.flac"));
        await using var file = await HeldShelf.WithAsync(
            [chosen, copy, open, other], HeldShelf.Beside(chosen, JobState.Ready),
            HeldShelf.Beside(open, JobState.Queued), HeldShelf.Beside(other, JobState.Ready));

        var summary = await PublishAsync(file, TrackSelection.Of([chosen.Id, open.Id]));

        summary.Should().BeEquivalentTo(new { Tracks = 2, Moved = 2, Without = 1 });
        (await ModelsAsync(file)).Should().Equal(new Dictionary<string, string>
        {
            ["chosen.flac"] = HeldShelf.Second,
            ["copy.flac"] = HeldShelf.Second,
            ["open.flac"] = HeldShelf.First,
            ["other.flac"] = HeldShelf.First,
        });
    }

    [Fact]
    public async Task A_run_that_stops_goes_on_where_it_was_under_the_same_name()
    {
        var tracks = Enumerable.Range(0, 150).Select(n => Shelf.Ready("home", $"{n:000}.flac")).ToList();
        await using var file = await HeldShelf.WithAsync(
            tracks, [.. tracks.Select(track => HeldShelf.Beside(track, JobState.Ready))]);

        var half = await file.Publisher().PublishAsync(
            "home", All, HeldShelf.Second, Ada, null, atMost: 1, progress: null, Cancel);
        half.Moved.Should().BeLessThan(150);
        half.Next.Should().NotBeNull();
        var whole = await file.Publisher().PublishAsync(
            "home", All, HeldShelf.Second, Ada, half, atMost: null, progress: null, Cancel);

        whole.Should().BeEquivalentTo(new { half.Id, Tracks = 150, Moved = 150 });
        (await file.Publisher().ListAsync("home", Cancel)).Should().ContainSingle().Which.Tracks.Should().Be(150);
    }

    [Fact]
    public async Task Another_librarys_tracks_and_runs_are_out_of_reach()
    {
        var track = Shelf.Ready("home", "a.flac");
        await using var file = await HeldShelf.WithAsync([track], HeldShelf.Beside(track, JobState.Ready));
        var first = await PublishAsync(file);

        var foreign = await file.Publisher().RollBackAsync(
            "other", TrackSelection.Of([track.Id]), HeldShelf.Second, Ada,
            new PublicationSummary { Id = first.Id, ModelVersion = HeldShelf.Second }, null, null, Cancel);

        foreign.Moved.Should().Be(0);
        (await ModelsAsync(file)).Values.Should().Equal(HeldShelf.Second);
    }

    [Fact]
    public async Task Without_a_former_analysis_a_rollback_leaves_the_track_as_it_is()
    {
        var track = Shelf.Ready("home", "a.flac");
        await using var file = await Shelf.WithAsync(track);

        (await file.Publisher().RollBackAsync("home", All, HeldShelf.First, Ada, null, null, null, Cancel))
            .Should().BeEquivalentTo(new { Moved = 0, Without = 1 });
        (await ModelsAsync(file)).Values.Should().Equal(HeldShelf.First);
    }

    [Fact]
    public async Task A_correction_stands_above_both()
    {
        var track = Shelf.Ready("home", "a.flac", analysis => analysis.Caption = "A waltz.");
        await using var file = await HeldShelf.WithAsync(
            [track], HeldShelf.Beside(track, JobState.Ready, analysis => analysis.Caption = "A tango."));
        await new CorrectionStore(file.Factory, TimeProvider.System).ChangeAsync(
            "home", track.Id, [FieldEdit.Set(CatalogueField.Find(FieldNames.Caption)!, ["A minuet."])], Ada, null, Cancel);

        await PublishAsync(file);
        (await file.FindAsync(new TrackQuery { Text = "minuet" })).Should().Equal("a.flac");
        await RollBackAsync(file);
        (await file.FindAsync(new TrackQuery { Text = "minuet" })).Should().Equal("a.flac");
    }

    private static Task<PublicationSummary> PublishAsync(CatalogueFile file, TrackSelection? selection = null) =>
        file.Publisher().PublishAsync("home", selection ?? All, HeldShelf.Second, Ada, null, null, null, Cancel);

    private static Task<PublicationSummary> RollBackAsync(CatalogueFile file) =>
        file.Publisher().RollBackAsync("home", All, HeldShelf.Second, Ada, null, null, null, Cancel);

    // The words by which search finds the track.
    private static async Task<string> FoundAsync(CatalogueFile file)
    {
        var found = new List<string>();
        foreach (var word in (string[])["waltz", "tango"])
        {
            if ((await file.FindAsync(new TrackQuery { Text = word })).Length > 0) found.Add(word);
        }

        return string.Join(' ', found);
    }

    private static async Task<Dictionary<string, string>> ModelsAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        return await db.Tracks.Include(t => t.Job)
            .ToDictionaryAsync(t => t.FileName, t => t.Job.ModelVersion, Cancel);
    }
}
