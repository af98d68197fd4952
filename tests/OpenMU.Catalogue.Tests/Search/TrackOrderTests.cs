using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Search;

public sealed class TrackOrderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<TrackSort, bool> Orders()
    {
        var orders = new TheoryData<TrackSort, bool>();
        foreach (var sort in Enum.GetValues<TrackSort>())
        {
            orders.Add(sort, false);
            orders.Add(sort, true);
        }

        return orders;
    }

    [Theory, MemberData(nameof(Orders))]
    public async Task Pages_show_every_track_once_in_any_order(TrackSort sort, bool descending)
    {
        await using var file = await Shelf.WithAsync([.. Enumerable.Range(0, 23).Select(i => i % 5 == 0
            ? Shelf.Other("home", $"t{i}", JobState.Queued)
            : Shelf.Ready("home", $"t{i}", a => (a.Title, a.Bpm, a.Key, a.IntegratedLufs) =
                ($"s{i % 3}", i % 4, MusicalKey.Parse($"{i % 2 + 1}A"), -i % 3)))]);
        var query = new TrackQuery { Sort = sort, Descending = descending, PageSize = 4 };
        await using var db = file.Open();
        var names = await db.SearchRows.ToDictionaryAsync(row => row.TrackId, row => row.FileName, Cancel);
        var all = await new TrackSearch(db).AllAsync("home", query).Select(id => names[id]).ToListAsync(Cancel);
        foreach (var narrowed in (TrackQuery[])
            [query, query with { Text = "t" }, query with { SecondsFrom = 1 }, query with { State = TrackState.Ready }])
        {
            var found = await new TrackSearch(db).AllAsync("home", narrowed).Select(id => names[id]).ToListAsync(Cancel);
            found.Should().OnlyHaveUniqueItems().And.Equal(all.Where(found.Contains));
            var (forward, backward) = await WalkAsync(db, narrowed);
            forward.Should().Equal(found);
            backward.Should().Equal(found.SkipLast(found.Count % 4 == 0 ? 4 : found.Count % 4));
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Tracks_without_a_value_come_last_in_both_directions(bool descending)
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Other("home", "waits", JobState.Queued), Shelf.Ready("home", "fast", a => a.Bpm = 150),
            Shelf.Ready("home", "slow", a => a.Bpm = 70), Shelf.Ready("home", "none", a => a.Bpm = null));

        var found = await file.FindAsync(new TrackQuery { Sort = TrackSort.Bpm, Descending = descending });

        found.Should().Equal(descending ? ["fast", "slow", "none", "waits"] : ["slow", "fast", "waits", "none"]);
    }

    // All pages from the first to the last, and back again from the last but one.
    private static async Task<(List<string> Forward, List<string> Backward)> WalkAsync(CatalogueDb db, TrackQuery query)
    {
        var search = new TrackSearch(db);
        var page = await search.FindAsync("home", query, Cancel);
        page.Previous.Should().BeNull();
        var forward = Names(page);
        while (page.Next is { } next)
        {
            page = await search.FindAsync("home", query with { After = TrackCursor.TryParse(next) }, Cancel);
            page.First.Should().Be(forward.Count + 1);
            forward.AddRange(Names(page));
        }

        List<string> backward = [];
        while (page.Previous is { } previous)
        {
            page = await search.FindAsync("home", query with { Before = TrackCursor.TryParse(previous) }, Cancel);
            page.Next.Should().NotBeNull();
            backward.InsertRange(0, Names(page));
        }

        page.First.Should().Be(1);
        return (forward, backward);

        static List<string> Names(TrackPage page) => [.. page.Tracks.Select(track => track.FileName)];
    }
}
