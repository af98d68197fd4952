using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tests.Exchange;

/// <summary>
/// Whole catalogues, of any fields with any texts, leave by an export and come into another catalogue of the same music
/// by an import: what it says then is what the first one says.
/// </summary>
public sealed class WholeCatalogueTests
{
    private static readonly CatalogueField[] Own =
    [
        .. Enum.GetValues<FieldType>().Select(type => CatalogueField.Custom($"Own {type}", type)),
    ];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Int[0, ExportShelf.Hostile.Length - 1].Select(i => ExportShelf.Hostile[i]),
        Gen.String[Gen.Char["abcXYZ äßøł日本語 0123456789,\"';|\\=+-@\t\n"], 1, 12],
        Gen.String[1, 8]);

    // Of every field of every type, declared ones too; an empty list says that there is no value.
    private static readonly Gen<(CatalogueField Field, IReadOnlyList<string> Values)> Said = Gen.OneOf(
        [
            .. CatalogueField.Known.Where(field => field.Name != FieldNames.OwnId).Concat(Own)
                .Select(field => Values(field).Select(values => (field, Read(field, values)))),
        ]);

    private static readonly Gen<(FieldSet Owner, FieldSet Correction)[]> Tracks =
        Gen.Select(Said.Array[0, 8].Select(Set), Said.Array[0, 5].Select(Set)).Array[1, 6].Select(WithOwnIds);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv")]
    [InlineData("csv-semicolon")]
    [InlineData("tsv")]
    public async Task What_holds_comes_back_equal_from_every_table(string format) => await Tracks.SampleAsync(
        async tracks =>
        {
            await using var first = await CatalogueAsync(tracks);
            await using var second = await CatalogueAsync([.. tracks.Select(_ => (FieldSet.Empty, FieldSet.Empty))]);
            var table = await first.ExportAsync(format);

            var summary = await ImportAsync(second, table);

            summary.BadRows.Should().BeEmpty();
            summary.Columns.Where(column => column.Value.StartsWith(CatalogueField.CustomPrefix))
                .Select(column => column.Key).Should().BeSubsetOf(Own.Select(field => field.Name));
            var separator = format switch { "tsv" => '\t', "csv" => ',', _ => ';' };
            Rows(await second.ExportAsync(format), separator).Should().BeEquivalentTo(
                Rows(table, separator), options => options.WithStrictOrdering());
        },
        iter: 12, threads: 1);

    [Fact]
    public async Task What_the_owner_says_and_what_people_have_put_right_come_back_equal_from_json_lines() =>
        await Tracks.SampleAsync(
            async tracks =>
            {
                await using var first = await CatalogueAsync(tracks);
                await using var second = await CatalogueAsync(
                    [.. tracks.Select(_ => (FieldSet.Empty, FieldSet.Empty))]);
                var lines = await first.ExportAsync("jsonl");

                var summary = await ImportAsync(second, lines);
                var corrected = await CorrectAsync(second, lines);

                summary.BadRows.Should().BeEmpty();
                corrected.Refused.Should().Be(0);
                await using var db = second.Open();
                var owners = await db.OwnerRecords.ToDictionaryAsync(r => r.TrackId, r => r.Fields, Cancel);
                var corrections = await db.Corrections.ToDictionaryAsync(c => c.ContentId, c => c.Fields, Cancel);
                for (var i = 0; i < tracks.Length; i++)
                {
                    owners.GetValueOrDefault(i + 1, FieldSet.Empty).Should().Be(tracks[i].Owner);
                    corrections.GetValueOrDefault(Content(i), FieldSet.Empty).Should().Be(tracks[i].Correction);
                }

                Fields(await second.ExportAsync("jsonl")).Should().Equal(Fields(lines));
            },
            iter: 12, threads: 1);

    public static TheoryData<string, string?, bool?> OwnersLyrics => new()
    {
        { "[ti:Song]\n[00:01.00]First line\n[00:02.50]<00:02.50>夜の<00:03.00>空\n[00:04.005]\"q\", <b>b</b>\n", "ja", true },
        { "plain and mild\n\nstanza", "de", null },
        { string.Join('\n', ExportShelf.Hostile), null, false },
    };

    [Theory]
    [MemberData(nameof(OwnersLyrics))]
    public async Task The_owners_lyrics_come_back_from_json_lines_with_times_language_and_mark_for_waiting_tracks_too(
        string text, string? language, bool? isExplicit)
    {
        await using var first = await CatalogueAsync([(FieldSet.Empty, FieldSet.Empty)]);
        await new LyricsStore(first.Factory, TimeProvider.System).PutAsync(
            ExportShelf.Tenant, 1, SongLyrics.Parse(text), new LyricsClaims("Ada", language, isExplicit), null,
            new CorrectionAuthor("Ada", "api"), Cancel);
        await using var second = await CatalogueAsync([(FieldSet.Empty, FieldSet.Empty)]);
        await using var waiting = await CatalogueAsync([]);
        var lines = await first.ExportAsync("jsonl");

        (await ImportAsync(second, lines)).Should().Match<ImportSummary>(done => done.Changed == 1 && done.Bad == 0);
        (await ImportAsync(second, lines)).Unchanged.Should().Be(1, "the same again changes nothing");
        (await ImportAsync(waiting, lines, keepUnmatched: true)).Waiting.Should().Be(1);
        await using (var db = waiting.Open())
        {
            var late = Shelf.Other(ExportShelf.Tenant, "Älbum 0/0.wav", JobState.Queued);
            late.Job.ContentId = Content(0);
            db.Add(late);
            await db.SaveChangesAsync(Cancel);
        }

        await new PendingRows(waiting.Factory, TimeProvider.System).TakeInAsync(ExportShelf.Tenant, Content(0), Cancel);

        foreach (var other in (CatalogueFile[])[second, waiting])
        {
            Lyrics(await other.ExportAsync("jsonl")).Should().Be(Lyrics(lines));
            await using var db = other.Open();
            (await db.OwnerRecords.AnyAsync(Cancel)).Should().BeFalse("nothing was said of the recording");
        }
    }

    [Fact]
    public async Task An_import_that_changes_something_ends_an_approval_and_the_same_again_does_not()
    {
        await using var first = await CatalogueAsync([(FieldSet.Empty.With("label", ["L"]), FieldSet.Empty)]);
        await using var second = await CatalogueAsync([(FieldSet.Empty, FieldSet.Empty)]);
        var corrections = new CorrectionStore(second.Factory, TimeProvider.System);
        var lines = await first.ExportAsync("jsonl");
        foreach (var holds in (bool[])[false, true])
        {
            await corrections.ApproveAsync(
                ExportShelf.Tenant, 1, isApproved: true, new CorrectionAuthor("Cleo", "page"), null, Cancel);

            await ImportAsync(second, lines);

            await using var db = second.Open();
            (await db.Corrections.SingleAsync(Cancel)).ApprovedBy.Should().Be(holds ? "Cleo" : null);
        }
    }

    // What an owner says of them, and not when or by which way.
    private static string Lyrics(byte[] lines)
    {
        var lyrics = JsonNode.Parse(ExportShelf.Text(lines))!["lyrics"]!.AsObject();
        lyrics.Remove("at");
        return lyrics.ToJsonString();
    }

    private static Gen<string[]> Values(CatalogueField field) => field.Type switch
    {
        FieldType.List when field.Name == FieldNames.Isrc =>
            Gen.Int[0, 9_999_999].Select(number => new[] { $"DEAB1{number:0000000}" }),
        FieldType.List => Text.Array[0, 4],
        FieldType.Number => Gen.Int[1, 9999].Select(number =>
            new[] { (number / 10.0).ToString("0.#", CultureInfo.InvariantCulture) }),
        FieldType.WholeNumber => Gen.Int[1, 32].Select(number => new[] { $"{number}" }),
        FieldType.YesNo => Gen.Bool.Select(yes => new[] { yes ? "true" : "false" }),
        FieldType.Date => Gen.Int[0, 2].Select(parts => new[] { "2024-05-31"[..(4 + (3 * parts))] }),
        FieldType.Key => Gen.Int[0, 23].Select(i => new[] { MusicalKey.FromIndex(i).Name }),
        _ => Text.Select(text => new[] { text }),
    };

    private static IReadOnlyList<string> Read(CatalogueField field, string[] values)
    {
        try
        {
            return field.Read(values);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static FieldSet Set((CatalogueField Field, IReadOnlyList<string> Values)[] said) =>
        said.Aggregate(FieldSet.Empty, (set, one) => set.With(one.Field.Name, one.Values));

    // Of two tracks with one id an import would ask which is meant.
    private static (FieldSet Owner, FieldSet Correction)[] WithOwnIds((FieldSet Owner, FieldSet Correction)[] tracks) =>
        [.. tracks.Select((track, i) => (track.Owner.With(FieldNames.OwnId, [$"=own; {i}"]), track.Correction))];

    private static string Content(int track) => $"sha256:{track:x64}";

    private static async Task<CatalogueFile> CatalogueAsync((FieldSet Owner, FieldSet Correction)[] tracks)
    {
        var shelf = tracks.Select((_, i) => Shelf.Other(ExportShelf.Tenant, $"Älbum {i}/{i}.wav", JobState.Queued)).ToList();
        for (var i = 0; i < tracks.Length; i++) shelf[i].Job.ContentId = Content(i);
        var file = await Shelf.WithAsync([.. shelf]);
        await using var db = file.Open();
        foreach (var field in Own)
            db.Add(new DeclaredField { Tenant = ExportShelf.Tenant, Name = field.Name, Type = field.Type });
        for (var i = 0; i < tracks.Length; i++)
        {
            if (!tracks[i].Owner.IsEmpty)
            {
                db.Add(new OwnerRecord
                {
                    TrackId = shelf[i].Id,
                    Tenant = ExportShelf.Tenant,
                    Fields = tracks[i].Owner,
                    By = "Ada",
                    At = Shelf.Noon,
                    Version = 1,
                });
            }

            if (tracks[i].Correction.IsEmpty) continue;
            db.Add(new Correction
            {
                Tenant = ExportShelf.Tenant,
                ContentId = Content(i),
                Fields = tracks[i].Correction,
                By = "Ada",
                At = Shelf.Noon,
                Version = 1,
            });
        }

        await db.SaveChangesAsync(Cancel);
        return file;
    }

    private static async Task<ImportSummary> ImportAsync(
        CatalogueFile catalogue, byte[] exported, bool keepUnmatched = false)
    {
        var path = await WriteAsync(catalogue, exported);
        return await new OwnerImport(catalogue.Factory, TimeProvider.System).RunAsync(
            await ImportFile.OpenAsync(path, Cancel),
            new ImportOptions { Tenant = ExportShelf.Tenant, By = "Ada", KeepUnmatched = keepUnmatched },
            path + ".bad", null, Cancel);
    }

    private static async Task<CorrectionSummary> CorrectAsync(CatalogueFile catalogue, byte[] exported)
    {
        var path = await WriteAsync(catalogue, exported);
        var store = new CorrectionStore(catalogue.Factory, TimeProvider.System);
        return await new CorrectionImport(catalogue.Factory, store).RunAsync(
            await ImportFile.OpenAsync(path, Cancel), ExportShelf.Tenant, "Ada", path + ".bad", null, Cancel);
    }

    private static async Task<string> WriteAsync(CatalogueFile catalogue, byte[] exported)
    {
        var path = Path.Combine(Path.GetDirectoryName(catalogue.Path)!, "exported");
        await File.WriteAllBytesAsync(path, exported, Cancel);
        return path;
    }

    // Who said it is known only of what came in as corrections.
    private static List<Dictionary<string, string>> Rows(byte[] table, char separator)
    {
        var rows = ExportShelf.ReadTable(ExportShelf.Text(table).TrimStart('\uFEFF'), separator);
        foreach (var row in rows)
        {
            row.Remove("correctedBy");
            row.Remove("termSources");
        }

        return rows;
    }

    private static string[] Fields(byte[] lines) =>
        [.. ExportShelf.Text(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!["fields"]!.ToJsonString())];
}
