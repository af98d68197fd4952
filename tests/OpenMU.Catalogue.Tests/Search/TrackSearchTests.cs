using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Search;

public sealed class TrackSearchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dawn", "01_Dawn-of_war.mp3")]
    [InlineData("WAR daw", "01_Dawn-of_war.mp3")]
    [InlineData("dammer", "b.flac")]
    [InlineData("DÄMMERUNG krüge", "b.flac")]
    [InlineData("album caption piano", "b.flac")]
    [InlineData("broken", "broken.wav")]
    [InlineData("dawn kruge", "")]
    [InlineData("***", "")]
    [InlineData("  ", "01_Dawn-of_war.mp3,b.flac,broken.wav,queued.wav")]
    public async Task Every_word_must_start_a_word_of_the_track(string text, string found)
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "01_Dawn-of_war.mp3"),
            Shelf.Ready("home", "b.flac", a => (a.Title, a.Artist, a.Album, a.Caption, a.Tags) =
                ("Dämmerung", "Krüger", "Album", "A caption.", [new TagScore("instrument", "piano", 1)])),
            Shelf.Other("home", "broken.wav", JobState.Rejected),
            Shelf.Other("home", "queued.wav", JobState.Queued),
            Shelf.Ready("away", "dawn war broken piano.wav"));
        (await file.FindAsync(new TrackQuery { Text = text }))
            .Should().Equal(found.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task What_a_person_says_there_is_none_of_is_neither_shown_nor_found_nor_sorted_by()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "rain", a => (a.Title, a.Artist, a.Album, a.Bpm, a.Key, a.Metre, a.Caption, a.Tags) =
                ("A rain", "Nobody", "Sounds", 120, MusicalKey.Parse("A minor"), 3, "A song.",
                [new TagScore("genre", "jazz", 1), new TagScore("other", "loud", 1)])),
            Shelf.Ready("home", "song", a => (a.Title, a.Artist, a.Bpm, a.Key, a.Metre) =
                ("B song", "Somebody", 60, MusicalKey.Parse("C major"), 4)));
        string[] fields = ["title", "artists", "album", "bpm", "key", "metre", "duration", "caption", "genres", "tags"];
        await new CorrectionStore(file.Factory, TimeProvider.System).ChangeAsync(
            "home", 1, [.. fields.Select(name => FieldEdit.Set(CatalogueField.Find(name)!))],
            new CorrectionAuthor("Ada", "api"), null, Cancel);

        TrackQuery[] queries =
        [
            new() { Text = "nobody" }, new() { Text = "sounds" }, new() { Text = "\"a song\"" }, new() { Text = "jazz" },
            new() { Text = "loud" }, new() { Text = "key:Am" }, new() { Key = "8A" }, new() { BpmFrom = 100 },
            new() { SecondsFrom = 0 }, new() { Text = "genre:jazz" }, new() { Text = "metre:3/4" }, new() { Text = "tempo:medium" },
        ];
        foreach (var query in queries)
            (await file.FindAsync(query)).Should().NotContain("rain", $"{query} speaks of what is not");
        foreach (var sort in (TrackSort[])[TrackSort.Title, TrackSort.Artist, TrackSort.Bpm, TrackSort.Key])
            (await file.FindAsync(new TrackQuery { Sort = sort })).Should().Equal("song", "rain");
        await using var db = file.Open();
        var shown = (await new TrackSearch(db).FindAsync("home", new TrackQuery { Text = "rain" }, Cancel)).Tracks.Single();
        (shown.Title, shown.Artist, shown.Album, shown.Bpm, shown.Key, shown.Caption)
            .Should().Be((null, null, null, null, null, null));
        (shown.Seconds, shown.Tags).Should().Be((null, ""));
        var details = (await new TrackSearch(db).GetAsync("home", 1, Cancel))!;
        details.Analysis!.Facts(details.Correction).Should().BeEquivalentTo(
            new
            {
                Bpm = (double?)null,
                Key = (MusicalKey?)null,
                Metre = (Metre?)null,
                DurationSeconds = (double?)null
            });
    }

    [Fact]
    public async Task A_duration_is_found_shown_and_sorted_by_as_it_was_put_right()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "one", a => a.DurationSeconds = 100), Shelf.Ready("home", "two", a => a.DurationSeconds = 200));
        await new CorrectionStore(file.Factory, TimeProvider.System).ChangeAsync(
            "home", 1, [FieldEdit.Set(CatalogueField.Find("duration")!, "300.5")],
            new CorrectionAuthor("Ada", "api"), null, Cancel);

        (await file.FindAsync(new TrackQuery { SecondsFrom = 250 })).Should().Equal("one");
        (await file.FindAsync(new TrackQuery { SecondsTo = 150 })).Should().BeEmpty();
        (await file.FindAsync(new TrackQuery { Sort = TrackSort.Seconds })).Should().Equal("two", "one");
        await using var db = file.Open();
        var details = (await new TrackSearch(db).GetAsync("home", 1, Cancel))!;
        details.Summary.Seconds.Should().Be(300.5);
        details.Analysis!.Facts(details.Correction).DurationSeconds.Should().Be(300.5);
    }

    [Fact]
    public async Task Each_facet_and_all_together_select_what_they_say()
    {
        var tracks = (
            from bpm in (double?[])[null, 60, 120]
            from key in (string?[])[null, "A minor", "C major"]
            from lufs in (double?[])[null, -20, -10]
            from seconds in (double[])[30, 300]
            select Shelf.Ready(
                "home", $"{bpm},{key},{lufs},{seconds}", a => (a.Bpm, a.Key, a.IntegratedLufs, a.DurationSeconds) =
                    (bpm, MusicalKey.TryParse(key), lufs, seconds))).ToArray();
        tracks[0].Job.State = JobState.Failed;
        await using var file = await Shelf.WithAsync(tracks);
        await using var db = file.Open();

        // Bounds are drawn from the values themselves, so that inclusive and exclusive differ.
        var query =
            from bpm in OneOf<double?>(null, 60, 90, 120).Array[2]
            from lufs in OneOf<double?>(null, -20, -15, -10).Array[2]
            from seconds in OneOf<double?>(null, 30, 100, 300).Array[2]
            from key in OneOf(null, "Am", "8B", "3A", "nonsense")
            from state in OneOf<TrackState?>(null, TrackState.Ready, TrackState.Failed)
            select new TrackQuery
            {
                BpmFrom = bpm[0],
                BpmTo = bpm[1],
                LufsFrom = lufs[0],
                LufsTo = lufs[1],
                SecondsFrom = seconds[0],
                SecondsTo = seconds[1],
                Key = key,
                State = state,
                PageSize = 100,
            };
        await query.SampleAsync(
            async q =>
            {
                var page = await new TrackSearch(db).FindAsync("home", q, Cancel);
                bool But(Track t, bool state, bool key) => t.Job.Analysis is { } a
                    && (q.BpmFrom is null || a.Bpm >= q.BpmFrom) && (q.BpmTo is null || a.Bpm <= q.BpmTo)
                    && (q.LufsFrom is null || a.IntegratedLufs >= q.LufsFrom)
                    && (q.LufsTo is null || a.IntegratedLufs <= q.LufsTo)
                    && (q.SecondsFrom is null || a.DurationSeconds >= q.SecondsFrom)
                    && (q.SecondsTo is null || a.DurationSeconds <= q.SecondsTo)
                    && (!state || q.State is null || StateOf(t) == q.State)
                    && (!key || q.Key is null || a.Key == MusicalKey.TryParse(q.Key) && a.Key != null);
                page.Tracks.Select(t => t.FileName)
                    .Should().BeEquivalentTo(tracks.Where(t => But(t, true, true)).Select(t => t.FileName));
                page.Total.Should().Be(page.Tracks.Count);
                page.States.Should().BeEquivalentTo(
                    tracks.Where(t => But(t, false, true)).CountBy(StateOf).ToDictionary());
                page.Keys.Should().BeEquivalentTo(
                    tracks.Where(t => But(t, true, false) && t.Job.Analysis!.Key != null)
                        .CountBy(t => t.Job.Analysis!.Camelot!)
                        .ToDictionary());
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public async Task Key_neighbours_are_those_that_mix()
    {
        await using var file = await Shelf.WithAsync([.. MusicalKey.All.Select(key =>
            Shelf.Ready("home", key.Camelot, a => a.Key = key))]);
        (await file.FindAsync(new TrackQuery { Key = "A minor", KeyNeighbours = true }))
            .Should().BeEquivalentTo("8A", "7A", "9A", "8B");
        (await file.FindAsync(new TrackQuery { Key = "1A", KeyNeighbours = true }))
            .Should().BeEquivalentTo("1A", "12A", "2A", "1B");
        (await file.FindAsync(new TrackQuery { Key = "Am" })).Should().Equal("8A");
    }

    [Fact]
    public async Task What_stands_behind_a_minus_is_left_out_also_a_key_and_a_metre()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "a", a => (a.Key, a.Metre) = (MusicalKey.Parse("A minor"), 3)),
            Shelf.Ready("home", "b", a => (a.Key, a.Metre) = (MusicalKey.Parse("C major"), 4)), Shelf.Ready("home", "c"));

        foreach (var (text, found) in (List<(string, string[])>)
            [("-8A", ["b", "c"]), ("-key:Am", ["b", "c"]), ("-8A -8B", ["c"]), ("-3/4", ["b", "c"]), ("8A -8A", [])])
        {
            (await file.FindAsync(new TrackQuery { Text = text })).Should().Equal(found, text);
        }

        await using var db = file.Open();
        var page = await new TrackSearch(db).FindAsync("home", new TrackQuery { Text = "-8A" }, Cancel);
        page.Should().Match<TrackPage>(p => p.Total == 2 && p.States[TrackState.Ready] == 2);
    }

    [Theory]
    [InlineData("\" OR rowid > 0 --")]
    [InlineData("a* NOT b")]
    [InlineData("{FileName} : x")]
    [InlineData("NEAR(a b, 3) ^a")]
    [InlineData("'); DROP TABLE Tracks; --")]
    [InlineData("{0} {1}")]
    [InlineData("\0a\0")]
    [InlineData("\ud83d")]
    public async Task Hostile_text_is_only_text(string text)
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "x.wav"), Shelf.Ready("away", "a b 0 1.wav"));
        (await file.FindAsync(new TrackQuery { Text = text })).Should().BeEmpty();
    }

    [Fact]
    public async Task No_text_breaks_a_search_or_shows_another_tenant()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "a b c 0 1 2.wav"), Shelf.Ready("away", "a b c d e 0 1 2 3 4.wav"),
            Shelf.Other("away", "é ß 日本 и.wav", JobState.Failed));
        await using var db = file.Open();
        var syntax = OneOf(
            "\"", "*", "^", "(", ")", ":", "-", "+", "{", "}", " OR ", " AND ", " NOT ", " NEAR ", "a", "b", "0", "é",
            "日", " ", "\0", "𞤀");
        var text = Gen.OneOf(Gen.String, syntax.Array[1, 12].Select(string.Concat));
        await text.SampleAsync(
            async t =>
            {
                var page = await new TrackSearch(db).FindAsync("home", new TrackQuery { Text = t }, Cancel);
                page.Tracks.Select(track => track.FileName).Should().BeSubsetOf(["a b c 0 1 2.wav"]);
                page.States.Values.Sum().Should().Be(page.Total);
            },
            iter: 500, threads: 1);
    }

    [Fact]
    public async Task A_page_follows_its_place_though_tracks_before_it_came_and_went()
    {
        var gone = Shelf.Ready("home", "b");
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "a"), gone, Shelf.Ready("home", "c"), Shelf.Ready("home", "d"));
        await using var db = file.Open();
        var query = new TrackQuery { PageSize = 2 };
        var first = await new TrackSearch(db).FindAsync("home", query, Cancel);
        db.Remove(await db.Tracks.SingleAsync(t => t.Id == gone.Id, Cancel));
        db.Add(Shelf.Ready("home", "aa"));
        await db.SaveChangesAsync(Cancel);

        (await file.FindAsync(query with { After = TrackCursor.TryParse(first.Next) })).Should().Equal("c", "d");
    }

    [Fact]
    public async Task Page_sizes_out_of_bounds_are_brought_within_and_places_in_other_orders_count_for_nothing()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a"), Shelf.Ready("home", "b"));
        await using var db = file.Open();
        var search = new TrackSearch(db);
        (await search.FindAsync("home", new TrackQuery { PageSize = 0 }, Cancel))
            .Should().Match<TrackPage>(p => p.PageSize == 1 && p.Tracks.Count == 1);
        var elsewhere = new TrackCursor(TrackSort.Bpm, false, 120.0, 1, 7);
        (await search.FindAsync("home", new TrackQuery { PageSize = int.MaxValue, After = elsewhere }, Cancel))
            .Should().Match<TrackPage>(p => p.PageSize == TrackQuery.MaxPageSize && p.Tracks.Count == 2);
    }

    [Fact]
    public void A_place_is_read_as_it_was_written_and_no_other_text_is_one()
    {
        var value = Gen.OneOf(
            Gen.String.Select(v => (TrackSort.Title, (object?)v.Replace("\0", ""))),
            Gen.Double.Where(double.IsFinite).Select(v => (TrackSort.Bpm, (object?)v)),
            Gen.DateTime.Select(v => (TrackSort.UploadedAt, (object?)DateTime.SpecifyKind(v, DateTimeKind.Utc))),
            Gen.Int.Select(v => (TrackSort.Key, (object?)v)), Gen.Const((TrackSort.Key, (object?)null)));
        Gen.Select(value, Gen.Bool, Gen.Long).Sample((v, descending, id) =>
        {
            var cursor = new TrackCursor(v.Item1, descending, v.Item2, id, id);
            return (v.Item2 is string text && text.Any(char.IsSurrogate))
                || TrackCursor.TryParse(cursor.ToString()) == cursor;
        });
        Gen.String.Sample(text => TrackCursor.TryParse(text) is null);
        TrackCursor.TryParse("WzAsZmFsc2UsMSwxLDFd").Should().BeNull("a file name is no number");
    }

    [Fact]
    public async Task Of_very_many_hits_the_first_are_counted_and_all_are_shown_wherever_in_the_list_they_stand()
    {
        // More others than are looked at one by one, before the hits in one direction and behind them in the other.
        const int others = 2600, hits = TrackQuery.MaxCounted + 2;
        await using var file = await Shelf.WithAsync([.. Enumerable.Range(0, others + hits).Select(i =>
            i < others ? Shelf.Other("home", $"before {i:00000}", JobState.Failed) : Shelf.Ready("home", $"word {i:00000}"))]);
        await using var db = file.Open();
        var search = new TrackSearch(db);
        foreach (var (text, secondsFrom) in ((string?, double?)[])[("word", null), (null, 1.0)])
        {
            var query = new TrackQuery { Text = text, SecondsFrom = secondsFrom, Descending = true, PageSize = 2 };
            var page = await search.FindAsync("home", query, Cancel);

            page.Should().Match<TrackPage>(p => !p.CountsAll && p.Total == TrackQuery.MaxCounted && p.Next != null);
            page.States.Should().Equal(new Dictionary<TrackState, int> { [TrackState.Ready] = TrackQuery.MaxCounted });
            page.Facets["source"].Should().Equal(new FacetCount("measured", TrackQuery.MaxFaceted));
            page.FacetsCountAll.Should().BeFalse();
            page.Tracks.Select(track => track.FileName).Should().Equal("word 07601", "word 07600");
        }

        (await search.FindAsync("home", new TrackQuery { PageSize = 2 }, Cancel))
            .Should().Match<TrackPage>(p => p.CountsAll && p.Total == others + hits);

        foreach (var descending in (bool[])[false, true])
        {
            var query = new TrackQuery { Text = "word", Descending = descending, PageSize = 500, CountFacets = false };
            var pages = new List<TrackPage> { await search.FindAsync("home", query, Cancel) };
            while (pages.Count < 4)
            {
                var after = TrackCursor.TryParse(pages[^1].Next);
                pages.Add(await search.FindAsync("home", query with { After = after }, Cancel));
            }

            var back = await search.FindAsync(
                "home", query with { Before = TrackCursor.TryParse(pages[^1].Previous) }, Cancel);

            var all = await search.AllAsync("home", query, Cancel).Take(2000).ToListAsync(Cancel);
            pages.SelectMany(page => page.Tracks.Select(track => track.Id)).Should().Equal(all);
            back.Tracks.Select(track => track.Id).Should().Equal(pages[^2].Tracks.Select(track => track.Id));
        }
    }

    [Fact]
    public async Task Search_follows_every_change()
    {
        var track = Shelf.Other("home", "old.wav", JobState.Queued);
        var twin = Shelf.Other("home", "twin.wav", JobState.Queued);
        twin.Job = track.Job;
        await using var file = await Shelf.WithAsync(track, twin);

        await using var db = file.Open();
        await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(j => j.State, JobState.Ready), Cancel);
        db.Add(new Analysis { JobId = track.JobId, Codec = "flac", Title = "Sunrise", AnalysedAt = Shelf.Noon });
        await db.SaveChangesAsync(Cancel);
        (await file.FindAsync(new TrackQuery { Text = "sunrise", State = TrackState.Ready }))
            .Should().Equal("old.wav", "twin.wav");

        (await db.Analyses.SingleAsync(Cancel)).Title = "Sunset";
        (await db.Tracks.SingleAsync(t => t.Id == track.Id, Cancel)).FileName = "new.wav";
        await db.SaveChangesAsync(Cancel);
        (await file.FindAsync(new TrackQuery { Text = "sunrise" })).Should().BeEmpty();
        (await file.FindAsync(new TrackQuery { Text = "old" })).Should().BeEmpty();
        (await file.FindAsync(new TrackQuery { Text = "sunset" })).Should().Equal("new.wav", "twin.wav");

        await db.Tracks.Where(t => t.Id == track.Id).ExecuteDeleteAsync(Cancel);
        (await file.FindAsync(new TrackQuery { Text = "sunset" })).Should().Equal("twin.wav");
        await db.Analyses.ExecuteDeleteAsync(Cancel);
        (await file.FindAsync(new TrackQuery { Text = "sunset" })).Should().BeEmpty();
        if (db.Database.ProviderName!.EndsWith("Sqlite", StringComparison.Ordinal))
        {
            await db.Database.ExecuteSqlRawAsync(
                "INSERT INTO SearchText(SearchText, rank) VALUES ('integrity-check', 1)", Cancel);
        }
    }

    [Fact]
    public async Task A_correction_stands_above_every_run_and_gives_way_when_withdrawn()
    {
        var track = Shelf.Ready(
            "home", "a.wav", a => (a.Title, a.Bpm, a.Key) = ("Machine", 60, MusicalKey.Parse("C major")));
        await using var file = await Shelf.WithAsync(track);
        await using var db = file.Open();
        var correction = new Correction
        {
            Tenant = "home",
            ContentId = track.Job.ContentId,
            Fields = FieldSet.Empty.With("bpm", ["120"]).With("key", ["A minor"]).With("tags", ["waltz"]),
            By = "ann",
            At = Shelf.Noon
        };
        db.Add(correction);
        await db.SaveChangesAsync(Cancel);

        // A new run: another job, another analysis, the same track.
        var again = Shelf.Ready("home", "b.wav", a => (a.Title, a.Bpm) = ("Machine two", 61)).Job;
        (again.ContentId, again.ModelVersion) = (track.Job.ContentId, "mir-2");
        db.Add(again);
        await db.SaveChangesAsync(Cancel);
        await db.Tracks.ExecuteUpdateAsync(set => set.SetProperty(t => t.JobId, again.Id), Cancel);

        (await file.FindAsync(new TrackQuery { Text = "two waltz", BpmFrom = 120, Key = "8A" }))
            .Should().Equal("a.wav");
        var details = await new TrackSearch(db).GetAsync("home", track.Id, Cancel);
        details!.Summary.Should().Match<TrackSummary>(s =>
            s.Title == "Machine two" && s.Bpm == 120 && s.Key == "A minor" && s.Camelot == "8A");
        details.Analysis!.Bpm.Should().Be(61);
        details.Correction!.By.Should().Be("ann");

        await db.Corrections.ExecuteDeleteAsync(Cancel);
        (await file.FindAsync(new TrackQuery { BpmTo = 61 })).Should().Equal("a.wav");
    }

    [Fact]
    public async Task Details_are_for_the_tenant_alone()
    {
        var track = Shelf.Ready("home", "a.wav");
        await using var file = await Shelf.WithAsync(track);
        await using var db = file.Open();
        (await new TrackSearch(db).GetAsync("away", track.Id, Cancel)).Should().BeNull();
        (await new TrackSearch(db).GetAsync("home", track.Id, Cancel))!.Track.FileName.Should().Be("a.wav");
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static TrackState StateOf(Track track) => Enum.Parse<TrackState>($"{track.Job.State}");
}
