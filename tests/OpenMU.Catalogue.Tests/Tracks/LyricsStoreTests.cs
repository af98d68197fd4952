using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tests.Tracks;

public sealed class LyricsStoreTests
{
    private const string Lrc =
        "[ti:Song]\n[00:01.00]First line\n[00:02.50]<00:02.50>夜の<00:03.00>空\n[00:04.005]\"quoted\", <b>bold</b>\n";

    private static readonly LyricsClaims Somebody = new("somebody");

    private static readonly CorrectionAuthor Ada = new("Ada", "api");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lyrics_come_back_as_they_were_given()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3"));
        var store = Store(file);

        await store.PutAsync("home", 1, SongLyrics.Parse(Lrc), Somebody, null, Ada, Cancel);

        var found = (await store.GetAsync("home", 1, Cancel)).Lyrics!;
        found.ToSong().ToLrc().Should().Be(Lrc);
        found.ToSong().Should().BeEquivalentTo(SongLyrics.Parse(Lrc), options => options.WithStrictOrdering());
        (found.Source, found.Origin, found.Version).Should().Be((LyricsSource.Owner, "somebody", 1));
    }

    [Fact]
    public async Task An_approval_ends_with_lyrics_that_a_person_sets_or_removes()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3"));
        var corrections = new CorrectionStore(file.Factory, TimeProvider.System);
        async Task<(string Before, string By)[]> EndedAsync()
        {
            await using var db = file.Open();
            (await db.Corrections.SingleAsync(Cancel)).ApprovedBy.Should().BeNull();
            return [.. (await db.CorrectionChanges.OrderBy(c => c.Id).ToListAsync(Cancel))
                .Where(c => c is { Field: CorrectionChange.Approved, After: null }).Select(c => (c.Before!, c.By))];
        }

        await corrections.ApproveAsync("home", 1, isApproved: true, new("Cleo", "page"), null, Cancel);
        await Store(file).PutAsync("home", 1, SongLyrics.Parse("one"), Somebody, null, Ada, Cancel);
        (await EndedAsync()).Should().Equal(("""["Cleo"]""", "Ada"));

        await corrections.ApproveAsync("home", 1, isApproved: true, new("Cleo", "page"), null, Cancel);
        await Store(file).DeleteAsync("home", 1, ["*"], Ada, Cancel);
        (await EndedAsync()).Should().HaveCount(2);
    }

    [Fact]
    public async Task An_owner_stands_above_files_those_above_tags_and_tags_above_a_model()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3", analysis =>
        {
            foreach (var source in (LyricsSource[])[LyricsSource.Transcription, LyricsSource.Tags])
            {
                analysis.Lyrics.Add(
                    ContentLyrics.Of(source, "x", SongLyrics.Parse($"words by {source}"), Shelf.Noon));
            }
        }));
        var store = Store(file);
        async Task<string> TextAsync() => (await store.GetAsync("home", 1, Cancel)).Lyrics!.Text;

        (await TextAsync()).Should().Be("words by Tags");
        (await file.FindAsync(new TrackQuery { Text = "words Tags" })).Should().Equal("a.mp3");
        await AddAsync(file, LyricsSource.TextFile);
        (await TextAsync()).Should().Be("words by TextFile");
        await AddAsync(file, LyricsSource.LrcFile);
        (await TextAsync()).Should().Be("words by LrcFile");
        await store.PutAsync("home", 1, SongLyrics.Parse("words by the owner"), Somebody, null, Ada, Cancel);
        (await TextAsync()).Should().Be("words by the owner");
        (await file.FindAsync(new TrackQuery { Text = "owner" })).Should().Equal("a.mp3");
        (await file.FindAsync(new TrackQuery { Text = "LrcFile" })).Should().BeEmpty("only what is shown is searched");

        (await store.DeleteAsync("home", 1, ["*"], Ada, Cancel)).Outcome.Should().Be(LyricsOutcome.Done);
        (await TextAsync()).Should().Be("words by LrcFile");
        (await file.FindAsync(new TrackQuery { Text = "LrcFile" })).Should().Equal("a.mp3");
        (await file.FindAsync(new TrackQuery { Text = "owner" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_is_replaced_that_the_writer_has_not_seen()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3"));
        var store = Store(file);
        Task<LyricsChange> PutAsync(string text, params string[]? ifMatch) =>
            store.PutAsync("home", 1, SongLyrics.Parse(text), Somebody, ifMatch, Ada, Cancel);

        (await PutAsync("one", "*")).Outcome.Should().Be(LyricsOutcome.Changed, "there are none to match");
        var first = (await PutAsync("one", null)).Lyrics!;
        (await PutAsync("two", null)).Outcome.Should().Be(LyricsOutcome.NeedsCondition);
        var second = await PutAsync("two", first.ETag);
        (second.Outcome, second.Lyrics!.Version).Should().Be((LyricsOutcome.Done, 2));
        (await PutAsync("three", first.ETag)).Outcome.Should().Be(LyricsOutcome.Changed);
        (await store.DeleteAsync("home", 1, [first.ETag], Ada, Cancel)).Outcome.Should().Be(LyricsOutcome.Changed);
        (await store.DeleteAsync("home", 1, null, Ada, Cancel)).Outcome.Should().Be(LyricsOutcome.NeedsCondition);
        (await store.DeleteAsync("home", 1, [second.Lyrics.ETag], Ada, Cancel)).Outcome.Should().Be(LyricsOutcome.Done);
        (await store.DeleteAsync("home", 1, null, Ada, Cancel)).Outcome.Should().Be(LyricsOutcome.NothingToDo);
        (await store.GetAsync("home", 1, Cancel)).Should().Be(new LyricsChange(LyricsOutcome.Done));
    }

    [Fact]
    public async Task Of_writers_at_once_that_have_seen_the_same_one_wins()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3"));
        var first = (await Store(file).PutAsync("home", 1, SongLyrics.Parse("one"), Somebody, null, Ada, Cancel)).Lyrics!;

        var writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Store(file).PutAsync(
            "home", 1, SongLyrics.Parse($"by {i}"), new LyricsClaims($"{i}"), [first.ETag], Ada, Cancel))));

        writers.Count(change => change.Outcome == LyricsOutcome.Done).Should().Be(1);
        writers.Count(change => change.Outcome == LyricsOutcome.Changed).Should().Be(7);
    }

    [Fact]
    public async Task Other_tenants_see_no_lyrics_and_change_none()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3"));
        var store = Store(file);
        await store.PutAsync("home", 1, SongLyrics.Parse("one"), Somebody, null, Ada, Cancel);

        (await store.GetAsync("other", 1, Cancel)).Outcome.Should().Be(LyricsOutcome.NoTrack);
        (await store.PutAsync("other", 1, SongLyrics.Parse("x"), Somebody, ["*"], Ada, Cancel)).Outcome.Should()
            .Be(LyricsOutcome.NoTrack);
        (await store.DeleteAsync("other", 1, ["*"], Ada, Cancel)).Outcome.Should().Be(LyricsOutcome.NoTrack);
    }

    [Fact]
    public async Task Words_of_all_languages_are_found_and_go_with_their_track()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a.mp3"), Shelf.Ready("home", "b.mp3"));
        await Store(file).PutAsync("home", 2, SongLyrics.Parse("Ich habe Rosen auf Élise gestreut"), Somebody, null, Ada, Cancel);

        (await file.FindAsync(new TrackQuery { Text = "elise ROSE" })).Should().Equal("b.mp3");
        await using var db = file.Open();
        await db.Tracks.Where(t => t.Id == 2).ExecuteDeleteAsync(Cancel);
        (await db.TrackLyrics.CountAsync(Cancel)).Should().Be(0);
        (await file.FindAsync(new TrackQuery { Text = "elise" })).Should().BeEmpty();
    }

    private static LyricsStore Store(CatalogueFile file) => new(file.Factory, TimeProvider.System);

    private static async Task AddAsync(CatalogueFile file, LyricsSource source)
    {
        await using var db = file.Open();
        var lyrics = new TrackLyrics
        {
            TrackId = 1,
            Source = source,
            Origin = "a.lrc",
            BlobKey = new string('a', 64),
            BlobName = "home/a.lrc",
            ETagOfBlob = "\"1\"",
        };
        lyrics.Take(SongLyrics.Parse($"words by {source}"), null, null, Shelf.Noon);
        db.Add(lyrics);
        await db.SaveChangesAsync(Cancel);
    }
}
