using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Exchange;

public sealed class ExportReaderTests
{
    private const int Many = 5000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_search_is_read_in_its_order_over_all_pages_and_no_other_tenants()
    {
        await using var file = await Shelf.WithAsync(
        [
            .. Enumerable.Range(0, (2 * ExportReader.PageSize) + 10).Select(i => Shelf.Ready(
                ExportShelf.Tenant, $"{i:000}.flac", analysis => analysis.Title = $"{i}")),
            Shelf.Ready("other", "secret.flac"),
        ]);
        var query = new TrackQuery { Sort = TrackSort.FileName, Descending = true, PageSize = 3 };
        var names = await NamesAsync(file, TrackSelection.Of(query));
        names.Should().HaveCount(410).And.BeInDescendingOrder(StringComparer.Ordinal);
        names.Should().NotContain("secret.flac");
    }

    [Fact]
    public async Task Tracks_are_read_by_their_numbers_in_that_order_once_each()
    {
        await using var file = await Shelf.WithAsync(
            Shelf.Ready(ExportShelf.Tenant, "a"), Shelf.Ready(ExportShelf.Tenant, "b"), Shelf.Ready("other", "c"));
        (await NamesAsync(file, TrackSelection.Of([2, 1, 2, 3, 99]))).Should().Equal("b", "a");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_that_is_known_comes_with_a_track_and_lists_over_time_where_they_are_needed(bool withTimes)
    {
        await using var file = await ExportShelf.WithTwoAsync();
        var reader = new ExportReader(file.Factory, ExportShelf.Tenant);
        var tracks = await reader.ReadAsync(
            TrackSelection.Of([1, 2]), await reader.DeclaredAsync(Cancel), withTimes, Cancel).ToListAsync(Cancel);

        var full = tracks[0];
        (full.Key!.Value.Name, full.OriginOf(FieldNames.Key)).Should().Be(("C major", FieldOrigin.Correction));
        full.All(FieldNames.Genres).Should().Equal("Cool jazz", "R;B");
        full.Number("x.shelf").Should().Be(7);
        full.Lyrics!.Text.Should().Be("first\nsecond");
        full.Analysis!.Tags.Should().HaveCount(2);
        full.Analysis.Beats.Count.Should().Be(withTimes ? 123 : 0);
        (tracks[1].State, tracks[1].Reason, tracks[1].Analysis).Should()
            .Be((TrackState.Failed, "The disk is full.", null));
    }

    [Theory]
    [MemberData(nameof(FormatNames))]
    public async Task No_format_keeps_the_tracks_that_it_has_written(string format)
    {
        var (given, held) = (new List<WeakReference>(Many), Many);
        await CatalogueExport.Find(format)!.WriteAsync(Tracks(), Stream.Null, new ExportOptions([]), Cancel);

        given.Should().HaveCount(Many);
        held.Should().BeLessThan(Many / 2);

        async IAsyncEnumerable<ExportedTrack> Tracks()
        {
            for (var id = 1; id <= Many; id++)
            {
                await Task.Yield();
                if (id == Many) held = Held();
                yield return Next(id);
            }
        }

        // Those that somebody still has when the last is asked for.
        int Held()
        {
            _ = GC.GetTotalMemory(forceFullCollection: true);
            return given.Count(track => track.IsAlive);
        }

        ExportedTrack Next(long id)
        {
            var track = ExportShelf.Plain(id);
            given.Add(new WeakReference(track));
            return track;
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("audio-features")]
    [InlineData("mead")]
    [InlineData("m3u8")]
    public async Task Tracks_are_written_before_the_last_is_read(string format)
    {
        using var output = new MemoryStream();
        var before = 0L;
        await CatalogueExport.Find(format)!.WriteAsync(Tracks(), output, new ExportOptions([]), Cancel);
        before.Should().BePositive();

        async IAsyncEnumerable<ExportedTrack> Tracks()
        {
            await Task.CompletedTask;
            for (var id = 1; id < ExportReader.PageSize; id++) yield return ExportShelf.Plain(id);
            before = output.Length;
            yield return ExportShelf.Plain(ExportReader.PageSize);
        }
    }

    public static TheoryData<string> FormatNames => [.. CatalogueExport.Formats.Select(format => format.Name)];

    private static async Task<List<string>> NamesAsync(CatalogueFile file, TrackSelection selection) =>
        await new ExportReader(file.Factory, ExportShelf.Tenant).ReadAsync(selection, [], withTimes: false, Cancel)
            .Select(track => track.FileName).ToListAsync(Cancel);
}
