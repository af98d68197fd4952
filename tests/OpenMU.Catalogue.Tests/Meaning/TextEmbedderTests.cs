using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Meaning;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Meaning;

public sealed class TextEmbedderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_text_is_the_caption_the_tags_by_group_and_the_description()
    {
        string[] facets =
        [
            Facet.AnyTrack, new Facet("mood", "sad").Token, new Facet("genre", "bossa nova").Token,
            new Facet("mood", "warm").Token, new Facet("tempo", "slow").Token, new Facet("source", "owner").Token,
        ];

        TrackText.Compose("A slow piece.", string.Join(' ', facets), "It ends softly.").Should()
            .Be("A slow piece. Genre: bossa nova. Mood: sad, warm. It ends softly.");
        TrackText.Compose(null, Facet.AnyTrack, null).Should().BeEmpty();
    }

    [Fact]
    public async Task A_text_is_read_when_something_is_said_and_anew_when_it_says_something_else()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "a", a => a.Caption = "A calm piano."), Shelf.Ready("home", "measured only"),
            Shelf.Other("home", "queued", JobState.Queued));
        using var model = new SentenceModel(NullLogger<SentenceModel>.Instance);
        var embedder = new TextEmbedder(file.Factory, model);
        await DrainAsync(embedder);
        await using var db = file.Open();
        var first = (await StoredAsync(db)).Should().ContainSingle().Which;
        (first.TrackId, first.Tenant, first.ModelVersion).Should().Be((1, "home", TrackText.Version));

        // Its tempo is no text.
        await db.Analyses.ExecuteUpdateAsync(set => set.SetProperty(a => a.Bpm, 99), Cancel);
        await DrainAsync(embedder);
        (await StoredAsync(db)).Single().Id.Should().Be(first.Id);

        db.Add(new OwnerRecord
        {
            TrackId = 2,
            Tenant = "home",
            Fields = FieldSet.Empty.With(FieldNames.Moods, ["eerie"]),
            By = "import",
            At = Shelf.Noon,
            Version = 1
        });
        await db.SaveChangesAsync(Cancel);
        await db.Analyses.Where(a => a.JobId == 1)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.Caption, "A wild drum solo."), Cancel);
        await DrainAsync(embedder);
        var changed = await StoredAsync(db);
        changed.Select(e => e.TrackId).Should().BeEquivalentTo([1L, 2L]);
        changed.Should().OnlyContain(e => e.Id > first.Id);
    }

    [Fact]
    public async Task A_change_that_comes_while_a_text_is_read_is_not_lost()
    {
        await using var file = await Shelf.WithAsync(Shelf.Ready("home", "a", a => a.Caption = "A calm piano."));
        await using var db = file.Open();
        var seen = await db.StaleTexts.SingleAsync(Cancel);
        await using (var other = file.Open())
        {
            var analysis = await other.Analyses.SingleAsync(Cancel);
            analysis.Caption = "A wild drum solo.";
            await other.SaveChangesAsync(Cancel);
        }

        db.Remove(seen);
        await FluentActions.Awaiting(() => db.SaveChangesAsync(Cancel)).Should()
            .ThrowAsync<DbUpdateConcurrencyException>();
    }

    [Fact]
    public async Task Texts_of_another_version_are_read_anew_and_those_of_deleted_tracks_go()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready("home", "a", a => a.Caption = "A calm piano."),
            Shelf.Ready("home", "b", a => a.Caption = "A wild drum solo."));
        using var model = new SentenceModel(NullLogger<SentenceModel>.Instance);
        var embedder = new TextEmbedder(file.Factory, model);
        await DrainAsync(embedder);
        await using var db = file.Open();
        (await embedder.RenewAsync(Cancel)).Should().Be(0);

        await db.TextEmbeddings.Where(e => e.TrackId == 1)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.ModelVersion, "older"), Cancel);
        (await embedder.RenewAsync(Cancel)).Should().Be(1);
        await DrainAsync(embedder);
        (await StoredAsync(db)).Should().OnlyContain(e => e.ModelVersion == TrackText.Version).And.HaveCount(2);

        db.Remove(await db.Tracks.SingleAsync(t => t.Id == 2, Cancel));
        await db.SaveChangesAsync(Cancel);
        (await StoredAsync(db)).Should().ContainSingle().Which.TrackId.Should().Be(1);
    }

    private static Task<List<TextEmbedding>> StoredAsync(CatalogueDb db) =>
        db.TextEmbeddings.AsNoTracking().ToListAsync(Cancel);

    private static async Task DrainAsync(TextEmbedder embedder)
    {
        for (long? last = 0; last is { } after;) last = await embedder.TakeAsync(after, Cancel);
        (await embedder.CountAsync(10, Cancel)).Should().Be(0);
    }
}
