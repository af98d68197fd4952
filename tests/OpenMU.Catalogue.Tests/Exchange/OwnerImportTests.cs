using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class OwnerImportTests : IDisposable
{
    private static readonly ImportOptions Home = new() { Tenant = "home", By = "Ada" };

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-import-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Bad => Path.Combine(folder.FullName, "t.bad.csv");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Rows_find_their_tracks_by_own_id_isrc_file_and_hash()
    {
        var hash = new string('a', 64);
        var hashed = Shelf.Other("home", "e.wav", JobState.Queued);
        hashed.Job.ContentId = $"sha256:{hash}";
        await using var catalogue = await Shelf.WithAsync(
            Shelf.Ready("home", "a.wav", a => a.FileFields = FieldSet.Empty.With(FieldNames.OwnId, ["A-1"])),
            Shelf.Ready("home", "b.wav", a => a.FileFields = FieldSet.Empty.With(FieldNames.Isrc, ["DEAB11234567"])),
            Shelf.Ready("home", "Pop/C.wav"), Shelf.Ready("home", "rock/d.wav"), hashed,
            Shelf.Ready("other", "a.wav", a => a.FileFields = FieldSet.Empty.With(FieldNames.OwnId, ["A-1"])));

        var summary = await RunAsync(
            catalogue,
            $"Catalog no,ISRC,file,sha256,title\nA-1,,,,one\n,DE-AB1-12-34567,,,two\n,,c.WAV,,three\n"
            + $",,D:\\Music\\rock\\d.wav,,four\n,,,{hash},five\n");

        (summary.Rows, summary.Changed, summary.Bad).Should().Be((5, 5, 0));
        (await TitlesAsync(catalogue)).Should().BeEquivalentTo(
            ["a.wav one", "b.wav two", "Pop/C.wav three", "rock/d.wav four", "e.wav five"]);
        File.Exists(Bad).Should().BeFalse();
    }

    [Fact]
    public async Task Doubtful_rows_come_back_with_the_candidates_and_can_be_sent_again_as_they_are()
    {
        await using var catalogue = await Shelf.WithAsync(
            Shelf.Ready("home", "a/01.wav", a => a.FileFields = FieldSet.Empty.With(FieldNames.Isrc, ["DEAB11234567"])),
            Shelf.Ready("home", "b/01.wav"));

        var summary = await RunAsync(
            catalogue,
            "file,isrc,title,bpm\n01.wav,,x,\nc/01.wav,,x,\nb/01.wav,DEAB11234567,x,\n,,x,\na/01.wav,,x,fast\n"
            + "a/01.wav,,=good,\n");

        (summary.Changed, summary.Bad).Should().Be((1, 5));
        summary.BadRows.Select(row => row.Row).Should().Equal(2, 3, 4, 5, 6);
        summary.BadRows.Select(row => row.Error).Should().Equal(
            "2 tracks have this file: track 1 (a/01.wav), track 2 (b/01.wav).",
            "No track has the file c/01.wav.",
            "The ISRC is that of track 1 (a/01.wav), but the file that of track 2 (b/01.wav): mend one, or say which "
                + "counts with --match.",
            "There is nothing to find a track by: an own id, an ISRC, a file or a hash.",
            "BPM 'fast' is no number.");
        var mended = (await File.ReadAllTextAsync(Bad, Cancel)).Replace("\r\n01.wav", "\r\nb/01.wav");
        mended.Should().StartWith("file,isrc,title,bpm,error\r\n");

        var again = await RunAsync(catalogue, mended);

        (again.Rows, again.Changed, again.Bad).Should().Be((5, 1, 4));
        (await TitlesAsync(catalogue)).Should().BeEquivalentTo(["a/01.wav =good", "b/01.wav x"]);
    }

    [Fact]
    public async Task A_value_that_is_there_is_kept_and_told_unless_it_is_to_be_replaced()
    {
        await using var catalogue = await Shelf.WithAsync(Shelf.Ready("home", "a.wav"));
        await RunAsync(catalogue, "file,title,artists\na.wav,old,A; B\n");

        var kept = await RunAsync(catalogue, "file,title,artists,album\na.wav,new,A|B,disc\n");

        (kept.Conflicts, kept.Changed, kept.Bad).Should().Be((1, 0, 0));
        kept.Fields.Keys.Should().Equal("album");
        kept.BadRows.Single().Error.Should()
            .Be("Kept what is there, which --replace would not: title is 'old', not 'new'.");
        var replaced = await RunAsync(
            catalogue, "file,title,artists,album\na.wav,new,A|B,disc\n", Home with { Replace = true });
        (replaced.Changed, replaced.Fields["title"].Replaced, replaced.Fields.Count).Should().Be((1, 1, 1));
        replaced.Examples.Single().Should().BeEquivalentTo(
            new ImportExample(2, 1, "a.wav", "title", ["old"], ["new"]));
        (await RunAsync(catalogue, "file,title\na.wav,new\n")).Unchanged.Should().Be(1);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_changes_nothing()
    {
        await using var catalogue = await Shelf.WithAsync(Shelf.Ready("home", "a.wav"));

        var summary = await RunAsync(
            catalogue, "file,title,Cue,lyrics\na.wav,new,1,la la\nb.wav,x,,\n", Home with { DryRun = true });

        (summary.DryRun, summary.Changed, summary.Bad).Should().Be((true, 1, 1));
        summary.Fields.Keys.Should().Equal("lyrics", "title", "x.Cue");
        await using var db = catalogue.Open();
        (await db.OwnerRecords.AnyAsync(Cancel) || await db.DeclaredFields.AnyAsync(Cancel)
            || await db.TrackLyrics.AnyAsync(Cancel) || await db.ImportRuns.AnyAsync(Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task Fields_of_ones_own_are_declared_and_lyrics_go_where_lyrics_are()
    {
        await using var catalogue = await Shelf.WithAsync(Shelf.Ready("home", "a.wav"));

        await RunAsync(
            catalogue, "file;Cue sheet;Price;language;lyrics\na.wav;yes;2,5;de;\"eins\nzwei\"\n",
            Home with { Types = new Dictionary<string, FieldType> { ["Price"] = FieldType.Number } });

        await using var db = catalogue.Open();
        (await db.DeclaredFields.Select(f => f.Name + " " + f.Type).ToListAsync(Cancel)).Should()
            .BeEquivalentTo(["x.Cue sheet Text", "x.Price Number"]);
        var record = await db.OwnerRecords.SingleAsync(Cancel);
        (record.Fields.One("x.Price"), record.By).Should().Be(("2.5", "Ada"));
        var lyrics = await db.TrackLyrics.SingleAsync(Cancel);
        (lyrics.Text, lyrics.Language, lyrics.Source).Should().Be(("eins\nzwei", "de", LyricsSource.Owner));
    }

    [Fact]
    public async Task A_killed_import_goes_on_and_does_nothing_twice()
    {
        const int count = (2 * OwnerImport.RowsAtOnce) + 100;
        await using var catalogue = await Shelf.WithAsync(
            [.. Enumerable.Range(0, count).Select(i => Shelf.Other("home", $"{i}.wav", JobState.Queued))]);
        var table = "file,title\n" + string.Concat(
            Enumerable.Range(0, count).Select(i => i % 50 == 0 ? $"none{i}.wav,x\n" : $"{i}.wav,song {i}\n"));
        using var kill = new CancellationTokenSource();
        var path = await WriteAsync(table);
        var first = () => RunFileAsync(catalogue, path, Home, new Told(rows => kill.Cancel()), kill.Token);
        await first.Should().ThrowAsync<OperationCanceledException>();
        // What a killed process had written of its next rows is forgotten.
        await File.AppendAllTextAsync(Bad, "half a ro", Cancel);

        var summary = await RunFileAsync(catalogue, path, Home, null, Cancel);

        (summary.ResumedAfter, summary.Rows, summary.Changed, summary.Bad).Should()
            .Be((OwnerImport.RowsAtOnce, count, count - 10, 10));
        (await File.ReadAllLinesAsync(Bad, Cancel)).Should().HaveCount(11).And.NotContain(line => line.Contains("half"));
        await using var db = catalogue.Open();
        (await db.OwnerRecords.CountAsync(r => r.Version == 1, Cancel)).Should().Be(count - 10);
        (await db.ImportRuns.AnyAsync(Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task What_somebody_has_locked_is_not_changed()
    {
        var track = Shelf.Ready("home", "a.wav");
        await using var catalogue = await Shelf.WithAsync(track);
        await using (var db = catalogue.Open())
        {
            db.Corrections.Add(new Correction
            {
                Tenant = "home",
                ContentId = track.Job.ContentId,
                By = "Eve",
                LockedBy = "Eve"
            });
            await db.SaveChangesAsync(Cancel);
        }

        (await RunAsync(catalogue, "file,title\na.wav,x\n")).BadRows.Single().Error.Should()
            .Be("Eve has locked track 1 (a.wav).");
    }

    [Fact]
    public async Task Rows_may_wait_for_their_tracks()
    {
        await using var catalogue = await Shelf.WithAsync();
        const string table = "file,isrc,title,lyrics\na/one.wav,,by name,la la\n,DEAB11234567,by tag,\n";
        var first = await RunAsync(catalogue, table, Home with { KeepUnmatched = true });
        (first.Waiting, first.Bad, File.Exists(Bad)).Should().Be((2, 0, false));
        (await RunAsync(catalogue, table, Home with { KeepUnmatched = true })).Waiting.Should().Be(2);
        var pending = new PendingRows(catalogue.Factory, TimeProvider.System);
        Track[] tracks =
        [
            Shelf.Other("home", "music/a/one.wav", JobState.Queued),
            Shelf.Ready("home", "two.wav", a => a.FileFields = FieldSet.Empty.With(FieldNames.Isrc, ["DEAB11234567"])),
            Shelf.Other("home", "b/one.wav", JobState.Queued),
        ];
        await using (var db = catalogue.Open())
        {
            db.AddRange(tracks.AsEnumerable());
            await db.SaveChangesAsync(Cancel);
        }

        (await pending.TakeInAsync("home", tracks[2].Job.ContentId, Cancel)).Should().Be(1);
        (await pending.TakeInAsync("home", tracks[0].Job.ContentId, Cancel)).Should().Be(0);
        (await pending.TakeInAsync(tracks[1].JobId, Cancel)).Should().Be(1);

        (await TitlesAsync(catalogue)).Should().BeEquivalentTo(["music/a/one.wav by name", "two.wav by tag"]);
        await using var after = catalogue.Open();
        (await after.PendingOwnerRows.AnyAsync(Cancel)).Should().BeFalse();
        (await after.TrackLyrics.SingleAsync(Cancel)).Text.Should().Be("la la");
    }

    [Fact]
    public async Task Bad_rows_of_json_lines_are_json_lines()
    {
        await using var catalogue = await Shelf.WithAsync(Shelf.Ready("home", "a.wav"));

        var summary = await RunAsync(
            catalogue, "{\"file\":\"a.wav\",\"genres\":[\"a\",\"b\"]}\n{\"file\":\"b.wav\",\"title\":\"Ü\"}\n");

        (summary.Changed, summary.Bad).Should().Be((1, 1));
        (await File.ReadAllTextAsync(Bad, Cancel)).Should()
            .Be("{\"file\":\"b.wav\",\"title\":\"Ü\",\"error\":\"No track has the file b.wav.\"}\n");
    }

    [Fact]
    public async Task A_bad_row_says_all_that_is_wrong_with_it_so_that_it_is_mended_once()
    {
        await using var catalogue = await Shelf.WithAsync(Shelf.Ready("home", "a.wav"));

        var summary = await RunAsync(catalogue, "file,isrc,key,bpm,releaseDate\na.wav,DE1,H,fast,05/03/2024\n");

        summary.BadRows.Single().Error.Should().Contain("no ISRC").And.Contain("no key 'H'")
            .And.Contain("BPM 'fast' is no number").And.Contain("day 5 or day 3");
    }

    private async Task<ImportSummary> RunAsync(CatalogueFile catalogue, string table, ImportOptions? options = null) =>
        await RunFileAsync(catalogue, await WriteAsync(table), options ?? Home, null, Cancel);

    private async Task<ImportSummary> RunFileAsync(
        CatalogueFile catalogue, string path, ImportOptions options, IProgress<long>? progress,
        CancellationToken cancel) =>
        await new OwnerImport(catalogue.Factory, TimeProvider.System)
            .RunAsync(await ImportFile.OpenAsync(path, Cancel), options, Bad, progress, cancel);

    private async Task<string> WriteAsync(string table)
    {
        var path = Path.Combine(folder.FullName, "t.csv");
        await File.WriteAllTextAsync(path, table, Cancel);
        return path;
    }

    private static async Task<List<string>> TitlesAsync(CatalogueFile catalogue)
    {
        await using var db = catalogue.Open();
        return await db.OwnerRecords.Join(db.Tracks, r => r.TrackId, t => t.Id, (r, t) => t.FileName + " " + r.Title)
            .ToListAsync(Cancel);
    }

    private sealed class Told(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
