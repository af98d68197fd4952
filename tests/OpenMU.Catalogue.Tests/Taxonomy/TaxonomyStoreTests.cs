using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Catalogue.Tests.Exchange;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tests.Taxonomy;

/// <summary>A library's own taxonomy in a real catalogue: imported, looked at, published, searched, taken back.
/// </summary>
public sealed class TaxonomyStoreTests
{
    private const string Own =
        """
        group,term,parent,aliases,maps from,threshold
        genre,Loud Music,,,,
        genre,Guitars,Loud Music,,rock; metal,
        genre,Night Club,Loud Music,,electronic,0.8
        genre,Quiet Music,,silent stuff,,

        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_parent_finds_its_kinds_however_they_were_said_and_counts_each_track_once()
    {
        await using var file = await Shelf.WithAsync(
            Tagged("a", ("genre", "rock", 0.9), ("genre", "metal", 0.9)), Claimed("b", "Indie Rock", "Punk"),
            Claimed("c", "Hip Hop"), Tagged("d", ("genre", "jazz", 0.2)));

        (await file.FindAsync(Of("genre:rock"))).Should().Equal("a", "b");
        (await file.FindAsync(Of("genre:indie"))).Should().Equal("b");
        (await file.FindAsync(Of("genre:rap|jazz"))).Should().Equal("c", "d");
        (await file.FindAsync(Of("-genre:rock"))).Should().Equal("c", "d");
        (await file.FindAsync(new TrackQuery { Text = "genre:rap" })).Should().Equal(["c"], "an alias is understood");
        (await file.FindAsync(new TrackQuery { Text = "rock -metal" })).Should().Equal("b");
        await using var db = file.Open();
        var genres = (await new TrackSearch(db).FindAsync("home", new TrackQuery(), Cancel)).Facets["genre"];
        genres.Select(value => $"{value.Value}:{value.Count}").Should().Equal(
            "rock:2", "hip-hop:1", "indie rock:1", "jazz:1", "metal:1", "punk:1");
        genres.Single(value => value.Value == "punk").Parents.Should().Equal("rock");
    }

    [Fact]
    public async Task A_published_version_holds_at_once_and_the_one_before_comes_back()
    {
        await using var file = await Shelf.WithAsync(
            Tagged("a", ("genre", "rock", 0.9)), Tagged("b", ("genre", "electronic", 0.7)), Claimed("c", "Silent Stuff"),
            Tagged("d", ("genre", "jazz", 0.9), ("mood", "sad", 0.9), ("mood", "airy", 0.9)));
        var store = new TaxonomyStore(file.Factory, TimeProvider.System);
        var import = await ImportAsync(file, Own);
        import.Version.Should().Be(1);
        (await ImportAsync(file, Own)).Version.Should().Be(1, "the same table again is no new version");
        (await file.FindAsync(Of("genre:rock"))).Should().Equal(["a"], "it holds for nothing yet");

        (await store.PublishAsync("home", 1, new("ann", "cli"), 0, Cancel)).Should()
            .Be(new TaxonomyAnswer(TaxonomyOutcome.Done, 1, 1));

        (await file.FindAsync(Of("genre:loud music"))).Should().Equal(["a"], "of the other the model is not sure enough");
        (await file.FindAsync(Of("genre:quiet music"))).Should().Equal("c");
        (await file.FindAsync(Of("mood:sad"))).Should().Equal(["d"], "moods are those that held before");
        (await file.FindAsync(Of("mood:airy"))).Should().Equal(["d"], "a model may know more than the program's list");
        (await file.FindAsync(Of("genre:jazz"))).Should().BeEmpty("the library does not sort by it");
        await using var db = file.Open();
        var page = await new TrackSearch(db).FindAsync("home", new TrackQuery(), Cancel);
        page.Facets["genre"].Select(value => (value.Value, value.Label, value.Count)).Should().Equal(
            ("guitars", "Guitars", 1), ("loud music", "Loud Music", 1), ("quiet music", "Quiet Music", 1));
        page.Tracks.Select(track => track.Tags).Should().Equal("Guitars", "", "", "sad, airy");
        (await new TrackSearch(db).FindAsync("other", new TrackQuery(), Cancel)).Total.Should().Be(0);
        (await store.PublishedAsync("other", Cancel)).Number.Should().Be(0, "another library's is its own");

        (await store.PublishAsync("home", 9, new("ann", "cli"), null, Cancel)).Outcome.Should().Be(TaxonomyOutcome.NoVersion);
        (await store.PublishAsync("home", 0, new("ann", "cli"), 0, Cancel)).Outcome.Should().Be(TaxonomyOutcome.Stale);
        (await store.RollBackAsync("home", new("bea", "cli"), 1, Cancel)).Should()
            .Be(new TaxonomyAnswer(TaxonomyOutcome.Done, 0, 2));
        (await file.FindAsync(Of("genre:electronic"))).Should().Equal("b");
        (await store.RollBackAsync("home", new("bea", "cli"), null, Cancel)).Outcome.Should().Be(TaxonomyOutcome.NothingToDo);
        (await store.ListAsync("home", Cancel)).Select(one => (one.Number, one.IsPublished, one.PublishedBy)).Should()
            .Equal((1, false, "ann"), (0, true, "bea"));
    }

    [Fact]
    public async Task Rolling_back_goes_one_publication_further_back_each_time()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var store = new TaxonomyStore(file.Factory, TimeProvider.System);
        foreach (var name in (string[])["One", "Two", "Three"])
        {
            var import = await ImportAsync(file, $"group,term\ngenre,{name}\n");
            await store.PublishAsync("home", import.Version!.Value, new("ann", "cli"), null, Cancel);
        }

        var numbers = new List<int>();
        for (var i = 0; i < 3; i++) numbers.Add((await store.RollBackAsync("home", new("ann", "cli"), null, Cancel)).Number);

        numbers.Should().Equal(2, 1, 0);
    }

    [Fact]
    public async Task Bad_rows_come_back_as_csv_and_no_version_is_made()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var bad = Path.ChangeExtension(file.Path, ".bad.csv");

        var import = await ImportAsync(file, "group,term,parent\ngenre,Rock,\ngenre,Indie,Rok\nx,y,\n", bad);

        import.Version.Should().BeNull();
        import.Mistakes.Select(mistake => mistake.Row).Should().Equal(3, 4);
        (await File.ReadAllTextAsync(bad, Cancel)).Should().Be(
            "group,term,parent,error\r\n"
            + "genre,Indie,Rok,There is no term 'Rok' in genre for a parent; did you mean Rock?\r\n"
            + "x,y,,\"There is no group 'x'; groups are genre, mood, instrument, theme, voice, energy, era.\"\r\n");
        (await new TaxonomyStore(file.Factory, TimeProvider.System).ListAsync("home", Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task Tags_say_their_group_confidence_and_source()
    {
        var track = Shelf.Ready("home", "a", analysis =>
        {
            analysis.Tags = [new("genre", "rock", 0.9), new("mood", "sad", 0.8), new("instrument", "choir", 0.7)];
            analysis.FileFields = FieldSet.Empty.With("genres", ["Punk", "Schlager"]);
            analysis.Lyrics.Add(ContentLyrics.Of(
                LyricsSource.Tags, "tags", SongLyrics.Parse("my home, my home, I come home"), Shelf.Noon));
            analysis.Lyrics[0].Themes = "home";
        });
        await using var file = await Shelf.WithAsync(track);
        await using var db = file.Open();
        db.Add(new OwnerRecord
        {
            Tenant = "home",
            TrackId = track.Id,
            By = "import",
            At = Shelf.Noon,
            Fields = FieldSet.Empty.With("era", ["80s"])
        });
        db.Add(new Correction
        {
            Tenant = "home",
            ContentId = track.Job.ContentId,
            By = "ann",
            At = Shelf.Noon,
            Fields = FieldSet.Empty.With("moods", ["Cheerful"])
        });
        await db.SaveChangesAsync(Cancel);

        var tags = (await new TrackSearch(db).FindAsync("home", new TrackQuery(), Cancel)).Tracks.Single().Terms;

        tags.Select(tag => (tag.Group, tag.Label, tag.Term, tag.Confidence, tag.Source, tag.By)).Should().Equal(
            ("genre", "punk", "genre/punk", null, TagSource.File, null),
            ("genre", "Schlager", null, null, TagSource.File, null),
            ("genre", "rock", "genre/rock", 0.9, TagSource.Model, "mir-1"),
            ("mood", "happy", "mood/happy", null, TagSource.Correction, "ann"),
            ("instrument", "choir", "instrument/choir", 0.7, TagSource.Model, "mir-1"),
            ("theme", "home", "theme/home", null, TagSource.Lyrics, null),
            ("voice", "choral voices", "voice/choral-voices", 0.7, TagSource.Model, "mir-1"),
            ("era", "1980s", "era/1980s", null, TagSource.Owner, "import"));
        tags.Single(tag => tag.Term == "mood/happy").Parents.Should().Equal("positive");
        var row = ExportShelf.ReadTable(
            ExportShelf.Text(await file.ExportAsync("csv")).TrimStart('\uFEFF'), ',').Single();
        (row["genreTerms"], row["moodTerms"], row["eraTerms"]).Should().Be(("punk; Schlager; rock", "happy", "1980s"));
        row["termSources"].Should().StartWith("genre/punk = file; genre/Schlager = file; genre/rock = model mir-1 0.9; "
            + "mood/happy = correction ann");
        ExportShelf.Text(await file.ExportAsync("jsonl")).Should().Contain(
            """{"group":"mood","label":"happy","term":"mood/happy","parents":["positive"],"confidence":null,"source":"Correction","by":"ann","word":"Cheerful"}""");
    }

    [Fact]
    public async Task Coverage_and_difference_tell_what_a_version_makes_of_the_library_before_it_holds()
    {
        var missing = Tagged("gone", ("genre", "rock", 0.9));
        missing.MissingSince = Shelf.Noon;
        await using var file = await Shelf.WithAsync(
            Tagged("a", ("genre", "rock", 0.9)), Tagged("b", ("genre", "electronic", 0.7)), Claimed("c", "Schlager"),
            Tagged("d", ("genre", "jazz", 0.9)), missing);
        var own = TaxonomyTable.Read(ImportFile.OfText("table", Own), TagTaxonomy.BuiltIn).Taxonomy!;
        var reports = new TaxonomyReports(file.Factory);

        var coverage = await reports.CoverageAsync("home", own, null, Cancel);

        (coverage.Tracks, coverage.TracksWithTerms, coverage.Groups["genre"]).Should().Be((4, 1, 1));
        coverage.Terms.Select(term => (term.Label, term.Tracks, term.Direct, term.BelowThreshold)).Should().Equal(
            ("Loud Music", 1, 0, 0), ("Guitars", 1, 1, 0), ("Night Club", 0, 0, 1));
        coverage.TermsWithoutTracks.Should().Contain("genre/quiet-music").And.NotContain("genre/guitars");
        coverage.UnmappedLabels.Select(word => (word.Word, word.Tracks, word.Examples.Single().FileName)).Should()
            .Equal(("jazz", 1, "d"));
        coverage.UnmappedWords.Select(word => (word.Word, word.Tracks, word.Examples.Single().FileName)).Should()
            .Equal(("schlager", 1, "c"));

        var difference = await reports.DifferenceAsync("home", TagTaxonomy.BuiltIn, own, null, Cancel);

        (difference.Tracks, difference.Changed).Should().Be((4, 3));
        difference.Values.Select(value => (value.Value, value.Gained, value.Lost)).Should().BeEquivalentTo(
            [("guitars", 1L, 0L), ("rock", 0L, 1L), ("electronic", 0L, 1L), ("jazz", 0L, 1L)]);
        difference.TermsAdded.Should().Contain("genre/guitars");
        difference.TermsRemoved.Should().Contain("genre/rock").And.NotContain("mood/sad");
        (await reports.DifferenceAsync("home", own, own, null, Cancel)).Changed.Should().Be(0);
    }

    private static async Task<TaxonomyImport> ImportAsync(CatalogueFile file, string table, string? bad = null) =>
        await new TaxonomyStore(file.Factory, TimeProvider.System).ImportAsync(
            "home", ImportFile.OfText("table", table), "ann", bad ?? Path.ChangeExtension(file.Path, ".bad.csv"), false,
            Cancel);

    private static Track Tagged(string name, params (string Group, string Tag, double Confidence)[] tags) =>
        Shelf.Ready("home", name, analysis =>
            analysis.Tags = [.. tags.Select(tag => new TagScore(tag.Group, tag.Tag, tag.Confidence))]);

    private static Track Claimed(string name, params string[] genres) => Shelf.Ready(
        "home", name, analysis => analysis.FileFields = FieldSet.Empty.With("genres", genres));

    private static TrackQuery Of(string facet) => new() { Facets = [FacetFilter.TryParse(facet)!] };
}
