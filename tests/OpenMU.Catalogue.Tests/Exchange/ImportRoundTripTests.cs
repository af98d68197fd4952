using System.Globalization;
using System.Text.Json;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Tests.Exchange;

/// <summary>What is written as a table or as JSON Lines and taken in again is what it was.</summary>
public sealed class ImportRoundTripTests
{
    private static readonly CatalogueField Own = CatalogueField.Custom("Cue sheet", FieldType.Text);

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char["abcXYZ äßøł日本 0123456789,\"'=+-@\t\n"], 1, 12], Gen.String[1, 8]);

    private static readonly Gen<(string Name, string[] Values)> Field = Gen.OneOf(
        Text.Select(text => (FieldNames.Title, new[] { text })),
        Text.Array[1, 3].Select(texts => (FieldNames.Artists, texts)),
        Text.Array[1, 3].Select(texts => (FieldNames.Genres, texts)),
        Gen.Int[1, 2999].Select(bpm =>
            (FieldNames.Bpm, new[] { (bpm / 10.0).ToString("0.#", CultureInfo.InvariantCulture) })),
        Gen.Bool.Select(minor => minor ? "A minor" : "Eb major").Select(key => (FieldNames.Key, new[] { key })),
        Gen.Bool.Select(yes => ("explicit", new[] { yes ? "true" : "false" })),
        Gen.Int[0, 2].Select(i => "2024-05-31"[..(4 + 3 * i)]).Select(date => ("date", new[] { date })),
        Text.Select(text => (Own.Name, new[] { text })));

    private static string Cell(string name, IReadOnlyList<string> values) =>
        CatalogueField.Find(name)?.Type == FieldType.List ? ExchangeText.JoinList(values) : values[0];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fields_come_back_equal_from_a_table() => await SampleAsync(
        sets =>
        {
            var names = sets.SelectMany(set => set.Said.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
            return CsvRows.Line(["file", .. names]) + string.Concat(sets.Select((set, i) => CsvRows.Line(
                [$"{i}.wav", .. names.Select(name => set[name] is { } values ? Cell(name, values) : "")])));
        },
        // In a table these part the values of a list.
        text => text.Replace(';', ' ').Replace('|', ' ').Replace('\n', ' '));

    [Fact]
    public async Task Fields_come_back_equal_from_json_lines() => await SampleAsync(
        sets => string.Concat(sets.Select((set, i) =>
            JsonSerializer.Serialize(new { file = $"{i}.wav", fields = set.Said }) + "\n")),
        text => text);

    private static async Task SampleAsync(Func<List<FieldSet>, string> write, Func<string, string> within)
    {
        await Field.Array[1, 6].Array[1, 8].SampleAsync(
            async rows =>
            {
                var sets = rows.Select(row => Set(row, within)).ToList();
                await using var catalogue = await Shelf.WithAsync(
                    [.. sets.Select((_, i) => Shelf.Ready("home", $"{i}.wav"))]);
                var path = Path.Combine(Path.GetDirectoryName(catalogue.Path)!, "t.csv");
                await File.WriteAllTextAsync(path, write(sets), Cancel);

                var summary = await new OwnerImport(catalogue.Factory, TimeProvider.System).RunAsync(
                    await ImportFile.OpenAsync(path, Cancel), new ImportOptions { Tenant = "home", By = "Ada" },
                    path + ".bad", null, Cancel);

                summary.BadRows.Should().BeEmpty();
                await using var db = catalogue.Open();
                var read = await db.OwnerRecords.ToDictionaryAsync(r => r.TrackId, r => r.Fields, Cancel);
                for (var i = 0; i < sets.Count; i++)
                    read.GetValueOrDefault(i + 1, FieldSet.Empty).Said.Should().BeEquivalentTo(sets[i].Said);
            },
            iter: 25, threads: 1);
    }

    private static FieldSet Set((string Name, string[] Values)[] fields, Func<string, string> within)
    {
        var set = FieldSet.Empty;
        foreach (var (name, values) in fields)
        {
            var field = name == Own.Name ? Own : CatalogueField.Find(name)!;
            var read = field.Read(values.Select(within));
            if (read.Count > 0) set = set.With(name, read);
        }

        return set;
    }
}
