using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Tests.Fields;

public sealed class CorrectionHistoryTests
{
    private static readonly CorrectionAuthor Ada = new("Ada", "api");
    private static readonly CorrectionAuthor Bo = new("Bo", "page");
    private static readonly string[] Fields = ["title", "bpm", "genres"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_changed_and_taken_back_the_history_replays_to_what_is_said()
    {
        // A change of some fields of some tracks, or the taking back of a change, forced or not.
        var change = Gen.Select(Gen.Int[0, 7], Gen.Int[1, 3], Gen.Int[0, 2].Array[3], Gen.Int[0, 40]);
        await change.Array[1, 12].SampleAsync(
            async moves =>
            {
                await using var file = await Shelf.WithAsync(
                    Shelf.Ready("home", "a"), Shelf.Ready("home", "b"));
                var batches = new List<string>();
                foreach (var (kind, tracks, values, which) in moves)
                {
                    var before = await StateAsync(file);
                    if (kind < 5 || batches.Count == 0)
                    {
                        var summary = await ChangeAsync(file, tracks, values);
                        if (summary.Batch is { } batch) batches.Add(batch);
                        continue;
                    }

                    var undone = await UndoAsync(file, batches[which % batches.Count], isForced: kind == 7);
                    if (undone!.Batch is null) (await StateAsync(file)).Should().Be(before);
                    if (kind == 7) undone.Refused.Should().Be(0);
                    if (undone.Batch is { } undoing) batches.Add(undoing);
                }

                (await ReplayedAsync(file)).Should().Be(await StateAsync(file));
            },
            iter: 25, threads: 1);
    }

    [Fact]
    public async Task The_last_changes_taken_back_one_by_one_lead_back_to_the_beginning()
    {
        await Gen.Select(Gen.Int[1, 3], Gen.Int[0, 2].Array[3]).Array[1, 8].SampleAsync(
            async moves =>
            {
                await using var file = await Shelf.WithAsync(
                    Shelf.Ready("home", "a"), Shelf.Ready("home", "b"));
                var (states, batches) = (new Stack<string>(), new Stack<string>());
                foreach (var (tracks, values) in moves)
                {
                    var before = await StateAsync(file);
                    var summary = await ChangeAsync(file, tracks, values);
                    if (summary.Batch is not { } batch) continue;
                    states.Push(before);
                    batches.Push(batch);
                }

                while (batches.TryPop(out var last))
                {
                    (await UndoAsync(file, last, isForced: false))!.Refused.Should().Be(0);
                    (await StateAsync(file)).Should().Be(states.Pop());
                }
            },
            iter: 15, threads: 1);
    }

    [Fact]
    public async Task What_was_changed_again_since_is_left_unless_it_is_forced()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        var first = await SetAsync(file, Ada, "One");
        var second = await SetAsync(file, Bo, "Two");
        await SetAsync(file, Ada, "One");

        var refused = await UndoAsync(file, first, isForced: false);

        refused!.Refusals.Should().ContainSingle()
            .Which.Reason.Should().Be("Ada has changed title since: undo that first, or force it.");
        (await StateAsync(file)).Should().Contain("One", "the same value was set again, and stands");
        (await UndoAsync(file, second, isForced: true))!.Changed.Should().Be(0, "it is what it would be set to");
        (await UndoAsync(file, first, isForced: true))!.Changed.Should().Be(1);
        (await StateAsync(file)).Should().Be("{}|");
    }

    [Fact]
    public async Task A_taking_back_is_done_once_and_can_be_taken_back_itself()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        await SetAsync(file, Ada, "One");
        var second = await SetAsync(file, Ada, "Two");

        var undone = await UndoAsync(file, second, isForced: false);
        (await UndoAsync(file, second, isForced: false))!.Should().BeEquivalentTo(new { Changed = 0, Refused = 0 });
        (await StateAsync(file)).Should().Contain("One");
        await UndoAsync(file, undone!.Batch!, isForced: false);
        (await StateAsync(file)).Should().Contain("Two");
        await UndoAsync(file, second, isForced: false);

        (await StateAsync(file)).Should().Contain("One");
        var history = (await new CorrectionHistory(file.Factory, TimeProvider.System)
            .OfTrackAsync("home", 1, null, Cancel))!;
        history.Select(past => (past.Change.After, past.IsUndone)).Should().Equal(
            ("""["One"]""", false), ("""["Two"]""", false), ("""["One"]""", true), ("""["Two"]""", true),
            ("""["One"]""", false));
    }

    [Fact]
    public async Task Where_a_part_was_changed_since_the_rest_is_taken_back_and_counted_and_can_be_taken_back_itself()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.flac"));
        var both = await ChangeAsync(file, 1, [1, 1, 0]);
        await SetAsync(file, Bo, "Other");

        var undone = await UndoAsync(file, both.Batch!, isForced: false);

        undone.Should().BeEquivalentTo(new { Tracks = 1, Changed = 1, Unchanged = 0, Refused = 1 });
        undone!.Refusals.Single().Reason.Should().Be(
            "Bo has changed title since: undo that first, or force it. The other fields are taken back.");
        (await StateAsync(file)).Should().Be("""{"title":["Other"]}|""");
        (await UndoAsync(file, undone.Batch!, isForced: false))!.Changed.Should().Be(1);
        (await StateAsync(file)).Should().Be("""{"bpm":["61"],"title":["Other"]}|""");
    }

    [Fact]
    public async Task A_change_of_many_tracks_is_taken_back_of_one_or_of_all()
    {
        await using var file = await Shelf.WithAsync(
            [.. Enumerable.Range(0, 60).Select(i => Shelf.Ready("home", $"{i}.flac"))]);
        var store = new CorrectionStore(file.Factory, TimeProvider.System);
        var history = new CorrectionHistory(file.Factory, TimeProvider.System);
        var all = await store.ChangeManyAsync(
            "home", TrackSelection.Of(new TrackQuery()), [FieldEdit.Set(CatalogueField.Find("label")!, "L")], Ada, null,
            null, null, Cancel);
        await store.LockAsync("home", 7, isLocked: true, Bo, null, Cancel);

        (await history.UndoAsync("home", all.Batch!, Bo, trackId: 5, false, null, Cancel))!.Changed.Should().Be(1);
        var rest = await history.UndoAsync("home", all.Batch!, Bo, null, false, null, Cancel);

        rest.Should().BeEquivalentTo(new { Tracks = 60, Changed = 58, Unchanged = 1, Refused = 1 });
        rest!.Refusals.Single().Should().BeEquivalentTo(new { TrackId = 7 });
        (await history.UndoAsync("home", "none", Bo, null, false, null, Cancel)).Should().BeNull();
        (await history.UndoAsync("other", all.Batch!, Bo, null, false, null, Cancel)).Should().BeNull();
        (await history.OfTrackAsync("other", 5, null, Cancel)).Should().BeNull();
    }

    private static async Task<CorrectionSummary> ChangeAsync(CatalogueFile file, int tracks, int[] values)
    {
        // 0 leaves the field or withdraws it, 1 and 2 set it.
        string[][] texts = [["One", "Two"], ["61", "122"], ["jazz", "rock"]];
        FieldEdit[] edits = [.. Fields.Select((name, i) => (Field: CatalogueField.Find(name)!, Value: values[i], i))
            .Select(edit => edit.Value == 0
                ? FieldEdit.Withdraw(edit.Field)
                : FieldEdit.Set(edit.Field, texts[edit.i][edit.Value - 1]))];
        long[] ids = [.. new long[] { 1, 2 }.Where(id => (tracks & id) != 0)];
        return await new CorrectionStore(file.Factory, TimeProvider.System).ChangeManyAsync(
            "home", TrackSelection.Of(ids), edits, Ada, null, null, null, Cancel);
    }

    private static async Task<string> SetAsync(CatalogueFile file, CorrectionAuthor author, string title) =>
        (await new CorrectionStore(file.Factory, TimeProvider.System).ChangeAsync(
            "home", 1, [FieldEdit.Set(CatalogueField.Find("title")!, title)], author, null, Cancel)).Batch!;

    private static Task<CorrectionSummary?> UndoAsync(CatalogueFile file, string batch, bool isForced) =>
        new CorrectionHistory(file.Factory, TimeProvider.System).UndoAsync(
            "home", batch, Bo, null, isForced, null, Cancel);

    private static async Task<string> StateAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        var all = await db.Tracks.OrderBy(t => t.Id).Select(t => t.Job.ContentId).ToListAsync(Cancel);
        var said = await db.Corrections.AsNoTracking().ToDictionaryAsync(c => c.ContentId, c => c.Fields, Cancel);
        return string.Concat(all.Select(content => said.GetValueOrDefault(content, FieldSet.Empty).ToJson() + "|"));
    }

    private static async Task<string> ReplayedAsync(CatalogueFile file)
    {
        await using var db = file.Open();
        var said = new Dictionary<string, FieldSet>();
        foreach (var change in await db.CorrectionChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(Cancel))
        {
            var now = said.GetValueOrDefault(change.ContentId, FieldSet.Empty);
            var before = now[change.Field];
            (before is null ? null : (IEnumerable<string>)before).Should().BeEquivalentTo(change.ValuesBefore);
            said[change.ContentId] = now.With(change.Field, change.ValuesAfter);
        }

        var all = await db.Tracks.OrderBy(t => t.Id).Select(t => t.Job.ContentId).ToListAsync(Cancel);
        return string.Concat(all.Select(content => said.GetValueOrDefault(content, FieldSet.Empty).ToJson() + "|"));
    }
}
