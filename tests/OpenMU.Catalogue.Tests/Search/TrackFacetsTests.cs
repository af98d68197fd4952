using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tests.Search;

/// <summary>Each facet in a real catalogue, and what words find in each part of a track.</summary>
public sealed class TrackFacetsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // What people type, by the title that they mean.
    private static readonly Dictionary<string, string[]> Meant = new()
    {
        ["Dødheimsgård"] = ["Dodheimsgard", "DØDHEIMSGÅRD"],
        ["Straße der Nacht"] = ["Strasse"],
        ["Łódź nocą"] = ["Lodz"],
        ["Łona"] = ["Lona"],
        ["中国人民之歌"] = ["人民", "之歌", "歌", "中国人民"],
        ["周杰伦"] = ["杰伦"],
        ["東京タワーの夜"] = ["タワー", "ﾀﾜｰの夜", "たわー"],
        ["겨울노래"] = ["노래"],
        ["เพลงรัก"] = ["รัก"],
        ["ເພງຮັກ"] = ["ຮັກ"],
        ["ខ្ញុំស្រលាញ់អូន"] = ["ស្រលាញ់"],
        ["Don’t Stop Believin’"] = ["dont stop", "don't stop believin"],
        ["AC/DC Tribute"] = ["ACDC", "ac dc", "\"ac dc tribute\""],
        ["P!nkish"] = ["pinkish"],
        ["R.E.M. Covers"] = ["REM", "r.e.m."],
        ["ışık"] = ["isik"],
        ["!!!"] = ["!!!"],
        ["Hip-Hop Night"] = ["hiphop", "hip hop"],
        ["L’Amour"] = ["amour"],
        ["Rock’n’Roll"] = ["rock n roll"],
        ["Müller"] = ["Mueller", "muller"],
        ["ＡＢＢＡ"] = ["abba"],
        ["07 Days"] = ["7 days"],
        ["Ёлка"] = ["елка"],
        ["Νύχτες"] = ["νυχτες"],
        ["أحمد"] = ["احمد"],
    };

    [Fact]
    public async Task A_query_finds_what_was_meant_and_nothing_else()
    {
        await using var file = await Shelf.WithAsync(
            [.. Meant.Keys.Select((title, i) => Shelf.Ready("home", $"{i:x}.wav", a => a.Title = title))]);
        await file.SettledAsync();
        await using var db = file.Open();
        foreach (var (title, queries) in Meant)
        {
            foreach (var query in queries)
            {
                var page = await new TrackSearch(db).FindAsync("home", new TrackQuery { Text = query }, Cancel);
                page.Tracks.Select(track => track.Title).Should().Equal([title], "of {0}", query);
            }
        }
    }

    private static readonly string[] Parts =
    [
        "Bossa Nova", "genre:bossa", "Hildegard", "composer:hildegard", "Sammler", "artist:sammler", "USRC17607839",
        "isrc:us-rc1-76-07839", "id:AB-12", "label:blue", "x.shelf:top", "shelf top", "version remix", "title:remix",
        "file:case", "lyrics:\"la la land\"", "caption:quiet", "mood:sad -genre:metal", "genre:metal OR genre:bossa",
        "3/4 in D minor 128 bpm under 3 minutes",
    ];

    [Fact]
    public async Task Every_part_of_a_track_is_found_by_its_words()
    {
        var track = Shelf.Ready("home", "Genre Case.flac", a =>
        {
            a.FileFields = FieldSet.Empty.With("genres", ["Bossa Nova"]).With("composers", ["Hildegard von Bingen"])
                .With("albumArtists", ["Die Sammler"]).With("isrc", ["USRC17607839"]).With("version", ["Version Remix"]);
            (a.Bpm, a.Key, a.Metre, a.Caption) = (127.8, MusicalKey.Parse("D minor"), 3, "A quiet piece.");
            a.Tags = [new TagScore("mood", "sad", 0.9)];
            a.Lyrics.Add(ContentLyrics.Of(LyricsSource.Tags, "tags", SongLyrics.Parse("In la la land"), Shelf.Noon));
        });
        await using var file = await Shelf.WithAsync(track, Shelf.Ready("home", "other.wav"));
        await using (var db = file.Open())
        {
            db.Add(new OwnerRecord
            {
                Tenant = "home",
                TrackId = track.Id,
                Fields = FieldSet.Empty.With("ownId", ["AB-12"]).With("label", ["Blue Note"]).With("x.shelf", ["Top shelf"]),
                By = "ann",
                At = Shelf.Noon
            });
            await db.SaveChangesAsync(Cancel);
        }

        foreach (var text in Parts)
            (await file.FindAsync(new TrackQuery { Text = text })).Should().Equal(["Genre Case.flac"], "of {0}", text);
    }

    [Fact]
    public async Task Every_facet_is_counted_and_narrows()
    {
        var heard = Shelf.Ready("home", "heard.wav", a =>
        {
            (a.Bpm, a.Metre, a.Key, a.QualityFlags) = (140, 6, MusicalKey.Parse("A minor"), ["clipped"]);
            a.Tags =
            [
                new("genre", "jazz", 1), new("mood", "sad", 1), new("instrument", "piano", 1), new("theme", "love", 1),
                new("voice", "female", 1), new("energy", "high", 1), new("era", "1990s", 1),
            ];
            a.FileFields = FieldSet.Empty.With("bpm", ["70"]).With("key", ["C major"]).With("language", ["en"]);
        });
        var owned = Shelf.Ready("home", "owned.wav", a => (a.Bpm, a.DurationSeconds, a.Metre) = (70, 100, 4));
        var put = Shelf.Ready(
            "home", "put.wav", a => (a.Bpm, a.Tags) = (100, [new("genre", "rock", 1), new("mood", "calm", 1)]));
        await using var file = await Shelf.WithAsync(heard, owned, put, Shelf.Other("home", "new.wav", JobState.Queued));
        await using var db = file.Open();
        db.Add(new OwnerRecord
        {
            Tenant = "home",
            TrackId = owned.Id,
            Fields = FieldSet.Empty.With("genres", ["Jazz", "Bossa Nova"]).With("explicit", ["true"]).With("duration", ["140"])
                .With("x.shelf", ["A 1"]),
            By = "ann",
            At = Shelf.Noon
        });
        db.Add(new Correction
        {
            Tenant = "home",
            ContentId = put.Job.ContentId,
            Fields = FieldSet.Empty.With("genres", ["blues"]).With("bpm", ["130"]).With("metre", ["3"]),
            By = "ann",
            ApprovedBy = "bea",
            LockedBy = "bea",
            At = Shelf.Noon
        });
        db.Add(new TrackLyrics { TrackId = owned.Id, Source = LyricsSource.Owner, Origin = "ann", Language = "fr" });
        await db.SaveChangesAsync(Cancel);
        var search = new TrackSearch(db);

        var facets = (await search.FindAsync("home", new TrackQuery(), Cancel)).Facets
            .ToDictionary(group => group.Key, group => string.Join(' ', group.Value.Select(v => $"{v.Value}:{v.Count}")));

        facets.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["genre"] = "jazz:2 blues:1 bossa nova:1 latin:1",
            ["mood"] = "calm:1 sad:1",
            ["instrument"] = "keyboard:1 piano:1",
            ["theme"] = "love:1",
            ["voice"] = "female:1 voice:1",
            ["energy"] = "high:1",
            ["era"] = "1990s:1",
            ["tempo"] = "fast:2 slow:1",
            ["metre"] = "3/4:1 4/4:1 6/8:1",
            ["language"] = "en:1 fr:1",
            ["explicit"] = "yes:1",
            ["lyrics"] = "yes:1",
            ["quality"] = "clipped:1",
            ["differs"] = "bpm:1 duration:1 key:1",
            ["source"] = "measured:3 model:2 correction:1 file:1 owner:1",
            ["corrected"] = "yes:1",
            ["approved"] = "yes:1",
            ["locked"] = "yes:1",
            ["x.shelf"] = "a 1:1",
        });
        foreach (var (group, values) in (await search.FindAsync("home", new TrackQuery(), Cancel)).Facets)
        {
            foreach (var (value, count) in values.Select(value => (value.Value, value.Count)))
            {
                var with = new TrackQuery { Facets = [new FacetFilter(group, [value], false)] };
                var without = new TrackQuery { Facets = [new FacetFilter(group, [value], true)] };
                (await search.FindAsync("home", with, Cancel)).Total.Should().Be(count, "of {0} {1}", group, value);
                (await search.FindAsync("home", without, Cancel)).Total.Should().Be(4 - count, "of {0} {1}", group, value);
            }
        }
    }

    [Fact]
    public async Task Facets_hold_at_once_any_of_a_group_may_be_chosen_and_the_others_of_the_group_are_still_counted()
    {
        await using var file = await Shelf.WithAsync(
        [
            .. ((string[])["jazz sad", "jazz calm", "rock sad", "folk sad"]).Select(tags => Shelf.Ready("home", tags, a =>
                a.Tags = [new("genre", tags.Split(' ')[0], 1), new("mood", tags.Split(' ')[1], 1)])),
        ]);
        (await file.FindAsync(Of("genre:jazz|rock", "mood:sad"))).Should().Equal("jazz sad", "rock sad");
        (await file.FindAsync(Of("-genre:jazz|rock"))).Should().Equal("folk sad");
        (await file.FindAsync(Of("genre:jazz", "-mood:sad"))).Should().Equal("jazz calm");
        (await file.FindAsync(Of("genre:jazz") with { Text = "sad" })).Should().Equal("jazz sad");

        await using var db = file.Open();
        var page = await new TrackSearch(db).FindAsync("home", Of("genre:jazz", "mood:sad"), Cancel);
        page.Facets["genre"].Should().BeEquivalentTo(
            [new FacetCount("jazz", 1), new FacetCount("rock", 1), new FacetCount("folk", 1)]);
        page.Facets["mood"].Should().BeEquivalentTo([new FacetCount("sad", 1), new FacetCount("calm", 1)]);

        static TrackQuery Of(params string[] facets) =>
            new() { Facets = [.. facets.Select(facet => FacetFilter.TryParse(facet)!)] };
    }

    [Fact]
    public async Task A_corrected_part_replaces_its_words_and_leaves_the_others()
    {
        var track = Shelf.Ready("home", "a.wav", a =>
        {
            (a.Title, a.Artist) = ("Machine", "Somebody");
            a.Tags = [new("genre", "rock", 1), new("mood", "sad", 1)];
        });
        await using var file = await Shelf.WithAsync(track);
        await using var db = file.Open();
        var correction = new Correction
        {
            Tenant = "home",
            ContentId = track.Job.ContentId,
            Fields = FieldSet.Empty.With("title", ["Sunrise"]).With("genres", ["polka"]),
            By = "ann",
            At = Shelf.Noon
        };
        db.Add(correction);
        await db.SaveChangesAsync(Cancel);

        foreach (var gone in (string[])["machine", "rock"])
            (await file.FindAsync(new TrackQuery { Text = gone })).Should().BeEmpty("{0} was put right", gone);
        foreach (var there in (string[])["sunrise", "polka", "sad", "somebody"])
            (await file.FindAsync(new TrackQuery { Text = there })).Should().Equal(["a.wav"], "of {0}", there);
        db.Remove(correction);
        await db.SaveChangesAsync(Cancel);
        (await file.FindAsync(new TrackQuery { Text = "machine rock" })).Should().Equal("a.wav");
    }

    [Fact]
    public async Task Where_no_track_has_every_word_those_with_the_most_are_shown_and_it_is_said()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "one.wav", a => a.Tags = [new("mood", "sad", 1), new("instrument", "piano", 1)]),
            Shelf.Ready("home", "two.wav", a => a.Tags = [new("mood", "sad", 1)]),
            Shelf.Ready("home", "film.wav"));
        await using var db = file.Open();
        var query = new TrackQuery { Text = "warm sad piano for a film scene", Relax = true };

        var page = await new TrackSearch(db).FindAsync("home", query, Cancel);

        page.Tracks.Select(track => track.FileName).Should().Equal("one.wav");
        page.Notes.Should().ContainSingle().Which.Should().StartWith("No track has all the words; these have 2 of 5");
        (await new TrackSearch(db).AllAsync("home", query).ToListAsync(Cancel))
            .Should().Equal(page.Tracks.Select(track => track.Id));
        (await file.FindAsync(query with { Relax = false })).Should().BeEmpty();
        var little = await new TrackSearch(db).FindAsync("home", query with { Text = "a sad piano for the" }, Cancel);
        little.Notes.Should().ContainSingle().Which.Should().EndWith("looked for without: a, for, the.");
        (await new TrackSearch(db).FindAsync("home", query with { Text = "kazoo" }, Cancel)).Total.Should().Be(0);
    }

    [Fact]
    public async Task Lists_are_sorted_by_numbers_without_accents_and_keys_round_the_wheel()
    {
        await using var file = await Shelf.WithAsync(
        [
            .. ((string[])["track 10", "Track 2", "Ábel", "abc", "Zoo", "Øre"]).Select(title =>
                Shelf.Ready("home", title, a => a.Title = title)),
            .. MusicalKey.All.Select(key => Shelf.Ready("away", key.Camelot, a => a.Key = key)),
        ]);
        (await file.FindAsync(new TrackQuery { Sort = TrackSort.Title }))
            .Should().Equal("abc", "Ábel", "Øre", "Track 2", "track 10", "Zoo");
        (await file.FindAsync(new TrackQuery { Sort = TrackSort.Key }, "away"))
            .Should().Equal(MusicalKey.All.Select(key => key.Camelot));
    }
}
