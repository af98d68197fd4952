using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Fields;

public sealed class CorrectionStoreTests
{
    private static readonly CorrectionAuthor Ada = new("Ada", "api");
    private static readonly CorrectionAuthor Bo = new("Bo", "page");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_correction_is_read_by_its_field_and_kept_with_who_when_before_and_after()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac", song => song.Bpm = 61));
        var store = Store(file);

        var answer = await store.ChangeAsync(
            "home", 1, [Set("key", "8A"), Set("bpm", "122,5"), FieldEdit.Set(Field("genres"), "Jazz", " Bebop ")], Ada,
            ifVersion: 0, Cancel);

        answer.Should().BeEquivalentTo(new { Outcome = CorrectionOutcome.Done, Version = 1 });
        var correction = await OnlyAsync(file);
        correction.Fields.ToJson().Should().Be("""{"bpm":["122.5"],"genres":["Jazz","Bebop"],"key":["A minor"]}""");
        (correction.Bpm, correction.Key, correction.By).Should().Be((122.5, MusicalKey.Parse("A minor"), "Ada"));
        var history = await HistoryAsync(file);
        history.Select(change => (change.Field, change.Before, change.After, change.By, change.Via, change.Batch))
            .Should().BeEquivalentTo(
            [
                ("key", (string?)null, """["A minor"]""", "Ada", "api", answer.Batch),
                ("bpm", null, """["122.5"]""", "Ada", "api", answer.Batch),
                ("genres", null, """["Jazz","Bebop"]""", "Ada", "api", answer.Batch),
            ]);
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_a_withdrawal_leaves_the_others_word()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        var store = Store(file);
        await store.ChangeAsync("home", 1, [Set("title", "One")], Ada, null, Cancel);

        (await store.ChangeAsync("home", 1, [Set("title", " One ")], Bo, null, Cancel)).Should()
            .BeEquivalentTo(new { Outcome = CorrectionOutcome.NothingToDo, Version = 1, Batch = (string?)null });
        (await HistoryAsync(file)).Should().ContainSingle();
        (await store.ChangeAsync("home", 1, [FieldEdit.Withdraw(Field("title"))], Bo, 1, Cancel)).Version.Should().Be(2);
        var correction = await OnlyAsync(file);
        (correction.Fields.IsEmpty, correction.By).Should().Be((true, "Bo"));
    }

    [Fact]
    public async Task Only_the_version_that_was_seen_is_changed()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        var store = Store(file);
        await store.ChangeAsync("home", 1, [Set("title", "One")], Ada, 0, Cancel);

        var stale = await store.ChangeAsync("home", 1, [Set("title", "Two")], Bo, 0, Cancel);

        stale.Should().BeEquivalentTo(new { Outcome = CorrectionOutcome.Stale, Version = 1 });
        (await OnlyAsync(file)).Title.Should().Be("One");
        (await store.ChangeAsync("other", 1, [Set("title", "Two")], Bo, null, Cancel)).Outcome
            .Should().Be(CorrectionOutcome.NoTrack, "a tenant has no word on another's tracks");
    }

    [Fact]
    public async Task Of_many_who_change_one_version_at_once_one_does_and_nobody_loses_anything()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => Store(file).ChangeAsync("home", 1, [Set("title", $"{i}")], new($"{i}", "api"), 0, Cancel), Cancel)));

        answers.Count(answer => answer.Outcome == CorrectionOutcome.Done).Should().Be(1);
        answers.Count(answer => answer.Outcome == CorrectionOutcome.Stale).Should().Be(7);
        var correction = await OnlyAsync(file);
        (correction.Version, correction.Title).Should().Be((1, correction.By));
        (await HistoryAsync(file)).Should().ContainSingle();
    }

    [Fact]
    public async Task Of_many_who_change_other_fields_of_any_version_at_once_all_do()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        string[] fields = ["title", "album", "label", "year", "bpm", "key"];

        await Task.WhenAll(fields.Select(field => Task.Run(
            () => Store(file).ChangeAsync(
                "home", 1, [Set(field, field == "key" ? "Am" : "120")], Ada, null, Cancel), Cancel)));

        var correction = await OnlyAsync(file);
        correction.Fields.Said.Keys.Should().BeEquivalentTo(fields);
        correction.Version.Should().Be(fields.Length);
        (await HistoryAsync(file)).Should().HaveCount(fields.Length);
    }

    [Fact]
    public async Task What_is_locked_is_not_changed_before_it_is_unlocked()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        var store = Store(file);
        await store.LockAsync("home", 1, isLocked: true, Ada, null, Cancel);

        var refused = await store.ChangeAsync("home", 1, [Set("title", "One")], Bo, null, Cancel);

        refused.Outcome.Should().Be(CorrectionOutcome.Locked);
        refused.Reason.Should().Be("Ada has locked this track's data: unlock it to change it.");
        (await store.ChangeAsync("home", 1, [FieldEdit.Withdraw(Field("title"))], Bo, null, Cancel)).Outcome.Should()
            .Be(CorrectionOutcome.NothingToDo, "what is so already needs no key");
        (await store.LockAsync("home", 1, isLocked: true, Bo, null, Cancel)).Outcome.Should()
            .Be(CorrectionOutcome.NothingToDo);
        await store.LockAsync("home", 1, isLocked: false, Bo, null, Cancel);
        (await store.ChangeAsync("home", 1, [Set("title", "One")], Bo, null, Cancel)).Outcome.Should()
            .Be(CorrectionOutcome.Done);
        (await HistoryAsync(file)).Select(change => change.Field).Should().Equal("locked", "locked", "title");
    }

    [Fact]
    public async Task An_approval_ends_with_the_next_change()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        var store = Store(file);
        await store.ApproveAsync("home", 1, isApproved: true, Ada, 0, Cancel);
        (await OnlyAsync(file)).ApprovedBy.Should().Be("Ada");

        await store.ChangeAsync("home", 1, [Set("title", "One")], Bo, 1, Cancel);

        var correction = await OnlyAsync(file);
        correction.Should().BeEquivalentTo(
            new { ApprovedBy = (string?)null, ApprovedAt = (DateTime?)null, Version = 2 });
        (await HistoryAsync(file)).Select(change => (change.Field, change.Before, change.After)).Should().Equal(
            ("approved", null, """["Ada"]"""), ("title", null, """["One"]"""), ("approved", """["Ada"]""", null));
    }

    [Fact]
    public async Task Values_are_added_to_what_holds_and_taken_away_whoever_says_it()
    {
        var owned = Shelf.Ready("home", "b.flac", Tagged);
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac", Tagged), owned);
        await using (var db = file.Open())
        {
            db.OwnerRecords.Add(new OwnerRecord
            {
                TrackId = owned.Id,
                Tenant = "home",
                By = "import",
                Fields = FieldSet.Empty.With("genres", ["Fado"]),
            });
            await db.SaveChangesAsync(Cancel);
        }

        FieldEdit[] edits = [FieldEdit.Mix(Field("genres"), ["Fado"], ["Rock"]), FieldEdit.Remove(Field("moods"), "CALM")];
        var summary = await Store(file).ChangeManyAsync(
            "home", TrackSelection.Of([1, 2]), edits, Ada, null, null, null, Cancel);

        summary.Should().BeEquivalentTo(new { Tracks = 2, Changed = 2, Refused = 0 });
        await using var read = file.Open();
        var first = await read.Corrections.OrderBy(c => c.ContentId == owned.Job.ContentId).ToListAsync(Cancel);
        first.Select(correction => correction.Fields.ToJson()).Should().Equal(
            """{"genres":["jazz","Fado"],"moods":[]}""", """{"moods":[]}""");
        FluentActions.Invoking(() => FieldEdit.Add(Field("title"), "x")).Should().Throw<FormatException>()
            .WithMessage("Title has one value: set it instead.");

        static void Tagged(Analysis song) => song.Tags =
            [new TagScore("genre", "rock", 0.8), new TagScore("genre", "jazz", 0.5), new TagScore("mood", "calm", 0.9)];
    }

    [Fact]
    public async Task All_that_a_query_finds_is_changed_in_parts_that_go_on_where_they_stopped()
    {
        await using var file = await Shelf.WithAsync(
            [.. Enumerable.Range(0, 120).Select(i => Shelf.Ready("home", $"{i}.flac", song => song.Bpm = 60 + i))]);
        var store = Store(file);
        var locked = (await file.FindAsync(new TrackQuery { BpmFrom = 100, BpmTo = 100 })).Single();
        await using (var db = file.Open())
        {
            var id = await db.Tracks.Where(t => t.FileName == locked).Select(t => t.Id).SingleAsync(Cancel);
            await store.LockAsync("home", id, isLocked: true, Bo, null, Cancel);
        }

        // What it changes is what it looks for.
        var selection = TrackSelection.Of(new TrackQuery { BpmFrom = 70, Sort = TrackSort.Bpm });
        var part = await store.ChangeManyAsync(
            "home", selection, [Set("bpm", "65"), Set("label", "L")], Ada, null, maxTracks: 1, null, Cancel);
        part.Tracks.Should().Be(50);
        part.Next.Should().NotBeNull();
        var all = await store.ChangeManyAsync(
            "home", selection, [Set("bpm", "65"), Set("label", "L")], Ada, part, maxTracks: null, null, Cancel);

        all.Should().BeEquivalentTo(
            new { Tracks = 110, Changed = 109, Unchanged = 0, Refused = 1, Next = (string?)null });
        all.Refusals.Should().ContainSingle().Which.Reason.Should().StartWith("Bo has locked");
        (await file.FindAsync(new TrackQuery { BpmFrom = 70 })).Should().Equal(locked);
        await using var read = file.Open();
        (await read.CorrectionChanges.CountAsync(c => c.Batch == all.Batch, Cancel)).Should().Be(218);
    }

    [Fact]
    public async Task Copies_are_corrected_once_and_ids_of_others_tracks_are_refused()
    {
        var first = Shelf.Ready("home", "a.flac");
        var copy = Shelf.Other("home", "copy.flac", JobState.Ready);
        copy.Job = first.Job;
        await using var file = await Shelf.WithAsync(first, copy, Shelf.Ready("other", "c.flac"));

        var summary = await Store(file).ChangeManyAsync(
            "home", TrackSelection.Of([1, 2, 3, 99]), [Set("title", "T")], Ada, null, null, null, Cancel);

        summary.Should().BeEquivalentTo(new { Tracks = 4, Changed = 1, Unchanged = 1, Refused = 2 });
        summary.Refusals.Should().Equal(
            new CorrectionRefusal(3, "There is no such track."), new CorrectionRefusal(99, "There is no such track."));
        (await OnlyAsync(file)).Title.Should().Be("T");
    }

    [Fact]
    public async Task A_field_that_nobody_knows_is_named_with_the_one_that_was_meant()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        db.DeclaredFields.Add(new DeclaredField { Tenant = "home", Name = "x.shelf", Type = FieldType.WholeNumber });
        await db.SaveChangesAsync(Cancel);

        var fields = await TenantFields.OfAsync(db, "home", Cancel);

        fields.Find("X.Shelf").Type.Should().Be(FieldType.WholeNumber);
        fields.Find("BPM").Name.Should().Be("bpm");
        fields.Invoking(all => all.Find("gendres")).Should().Throw<FormatException>()
            .WithMessage("There is no field 'gendres'; did you mean genres?");
        (await TenantFields.OfAsync(db, "other", Cancel)).Declared.Should().BeEmpty();
    }

    private static CorrectionStore Store(CatalogueFile file) => new(file.Factory, TimeProvider.System);

    private static CatalogueField Field(string name) => CatalogueField.Find(name)!;

    private static FieldEdit Set(string field, string text) => FieldEdit.SetText(Field(field), text);

    private static async Task<Correction> OnlyAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        return await db.Corrections.AsNoTracking().SingleAsync(Cancel);
    }

    private static async Task<List<CorrectionChange>> HistoryAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        return await db.CorrectionChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(Cancel);
    }
}
