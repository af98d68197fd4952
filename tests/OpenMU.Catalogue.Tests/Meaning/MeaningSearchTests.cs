using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Meaning;

public sealed class MeaningSearchTests
{
    private const string Wish = "warm sad piano for a film scene";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Track[] Tracks =>
    [
        Said("metal", "A loud, aggressive piece with distorted guitars and fast drums.", "metal", "dark"),
        Said("ballad", "A slow, melancholic piece for solo piano, tender and cinematic.", "ballad", "sad"),
        Said("party", "A cheerful dance track with synthesizers and hand claps.", "electronic", "happy"),
        Said("march", "A solemn march with brass and snare drums.", "march", "solemn"),
        Said("theirs", "A warm sad piano for a film scene.", "ballad", "sad", tenant: "other"),
    ];

    [Fact]
    public async Task Free_text_puts_first_what_means_the_nearest_and_each_tenant_finds_its_own()
    {
        await using var shelf = await ReadAsync(Tracks);

        var page = await shelf.FindAsync(new TrackQuery { Text = Wish, ByMeaning = true });

        page.Tracks[0].FileName.Should().Be("ballad");
        page.Tracks.Select(track => track.FileName).Should().BeEquivalentTo("metal", "ballad", "party", "march");
        (page.Total, page.CountsAll, page.First, page.Next, page.Previous).Should().Be((4, true, 1, null, null));
        page.Facets["genre"].Select(value => value.Value).Should().Contain(["metal", "ballad"]);
        page.Notes.Should().ContainSingle("In the order of their meaning.");
    }

    [Theory]
    [InlineData($"{Wish} -melancholic", "metal,party,march")]
    [InlineData($"{Wish} \"snare drums\"", "march")]
    [InlineData($"{Wish} genre:electronic OR genre:metal", "metal,party")]
    [InlineData($"{Wish} under 1 minutes", "")]
    public async Task What_is_written_strictly_holds_whatever_the_words_mean(string text, string found)
    {
        await using var shelf = await ReadAsync(Tracks);

        var page = await shelf.FindAsync(new TrackQuery { Text = text, ByMeaning = true });

        page.Tracks.Select(track => track.FileName).Should()
            .BeEquivalentTo(found.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Facets_states_and_a_page_size_hold_too()
    {
        await using var shelf = await ReadAsync(Tracks);
        var query = new TrackQuery { Text = Wish, ByMeaning = true };

        var sad = await shelf.FindAsync(query with { Facets = [FacetFilter.TryParse("-mood:sad")!], PageSize = 2 });
        (sad.Tracks.Count, sad.Total).Should().Be((2, 3));
        sad.Tracks.Should().NotContain(track => track.FileName == "ballad");
        (await shelf.FindAsync(query with { State = TrackState.Failed })).Tracks.Should().BeEmpty();
        (await shelf.FindAsync(query with { State = TrackState.Ready })).Tracks.Should().HaveCount(4);
    }

    [Fact]
    public async Task Words_that_no_track_has_all_of_are_taken_by_meaning_and_words_that_one_has_are_not()
    {
        await using var shelf = await ReadAsync(Tracks);

        var near = await shelf.FindAsync(new TrackQuery { Text = Wish, Relax = true });
        near.Tracks[0].FileName.Should().Be("ballad");
        near.Notes.Should().ContainSingle("No track has all the words; these mean the nearest.");
        (await shelf.FindAsync(new TrackQuery { Text = "solemn march", Relax = true })).Tracks.Should().ContainSingle();
        (await shelf.FindAsync(new TrackQuery { Text = Wish })).Tracks.Should().BeEmpty("nothing relaxes it");
        (await shelf.FindAsync(new TrackQuery { Text = "Beyoncé", Relax = true })).Tracks.Should()
            .BeEmpty("a name that is not there is no wish");
    }

    [Fact]
    public async Task What_has_the_words_stands_above_what_only_means_them()
    {
        await using var shelf = await ReadAsync(
        [
            .. Tracks, Said("named", "Zither.", "folk", "calm"),
            .. Enumerable.Range(0, 20).Select(i => Said($"{i}", $"A plucked string instrument, take {i}.", "folk", "calm")),
        ]);

        (await shelf.FindAsync(new TrackQuery { Text = "zither", ByMeaning = true })).Tracks[0].FileName.Should()
            .Be("named");
    }

    [Fact]
    public async Task Without_anything_to_compare_the_words_are_looked_for()
    {
        await using var file = await Shelf.WithAsync(Tracks);
        using var model = new SentenceModel(NullLogger<SentenceModel>.Instance);
        var search = new MeaningSearch(file.Factory, model);

        var page = await search.FindAsync("home", new TrackQuery { Text = "solo piano", ByMeaning = true }, Cancel);

        page.Tracks.Should().ContainSingle().Which.FileName.Should().Be("ballad");
        page.Notes.Should().ContainSingle().Which.Should().StartWith("No text here can be compared by meaning");
    }

    [Fact]
    public async Task Tracks_that_come_change_and_go_are_followed()
    {
        await using var shelf = await ReadAsync(Tracks);
        var query = new TrackQuery { Text = "church bells and an organ", ByMeaning = true };
        await shelf.FindAsync(query);
        await using (var db = shelf.File.Open())
        {
            db.Add(Said("mass", "A church organ with bells.", "orchestral", "solemn"));
            await db.SaveChangesAsync(Cancel);
            await shelf.EmbedAsync();
            (await shelf.FindAsync(query)).Tracks[0].FileName.Should().Be("mass");

            await db.Tracks.Where(t => t.FileName == "mass")
                .ExecuteUpdateAsync(set => set.SetProperty(t => t.MissingSince, Shelf.Noon), Cancel);
        }

        (await shelf.FindAsync(query)).Tracks.Should().HaveCount(4).And.NotContain(track => track.FileName == "mass");
    }

    [Fact]
    public void Fused_lists_hold_each_track_once_and_keep_the_order_that_all_agree_on() =>
        Gen.Int[0, 60].SelectMany(count => Gen.Shuffle(Enumerable.Range(0, count).Select(i => (long)i).ToArray()))
            .Sample(list =>
            {
                MeaningSearch.Fuse(list, list).Should().Equal(list);
                MeaningSearch.Fuse(list, []).Should().Equal(list);
                MeaningSearch.Fuse(list, [.. list.Reverse()]).Should().BeEquivalentTo(list);
            });

    private static Track Said(string name, string caption, string genre, string mood, string tenant = "home") =>
        Shelf.Ready(tenant, name, a =>
        {
            a.Caption = caption;
            a.Tags = [new TagScore("genre", genre, 1), new TagScore("mood", mood, 1)];
        });

    private static async Task<ReadShelf> ReadAsync(params Track[] tracks)
    {
        var shelf = new ReadShelf(await Shelf.WithAsync(tracks));
        await shelf.EmbedAsync();
        return shelf;
    }

    private sealed class ReadShelf : IAsyncDisposable
    {
        private readonly SentenceModel model = new(NullLogger<SentenceModel>.Instance);
        private readonly MeaningSearch search;

        public ReadShelf(CatalogueFile file) => (File, search) = (file, new MeaningSearch(file.Factory, model));

        public CatalogueFile File { get; }

        public async Task<TrackPage> FindAsync(TrackQuery query)
        {
            await File.SettledAsync();
            return await search.FindAsync("home", query, Cancel);
        }

        public async Task EmbedAsync()
        {
            var embedder = new TextEmbedder(File.Factory, model);
            for (long? last = 0; last is { } after;) last = await embedder.TakeAsync(after, Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            model.Dispose();
            await File.DisposeAsync();
        }
    }
}
