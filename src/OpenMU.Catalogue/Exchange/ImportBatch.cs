using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Exchange;

/// <summary>Makes the changes that some rows ask for, in the memory of a context; who calls it saves them.</summary>
internal sealed class ImportBatch(ImportColumns columns, ImportOptions options, DateTime now)
{
    private const string Lyrics = "lyrics";

    // Of lyrics, as much as tells which they are.
    private const int MaxOpening = 80;

    // Fields of an owner's own are shown for every track.
    private const int MaxDeclared = 200;

    public ImportOptions Options => options;

    /// <summary>Takes rows in and counts them.</summary>
    /// <returns>The rows that come back.</returns>
    public async Task<IReadOnlyList<(ImportRow Row, string Error)>> ApplyAsync(
        CatalogueDb db, IReadOnlyList<ImportRow> rows, ImportSummary summary, CancellationToken cancel)
    {
        var bad = new List<(ImportRow Row, string Error)>();
        var readings = Read(rows, bad);
        await DeclareAsync(db, readings, bad, cancel);
        await TakeAsync(db, readings, summary, bad, cancel);
        summary.Rows += rows.Count;
        summary.Bad = summary.Rows - summary.Changed - summary.Unchanged - summary.Waiting - summary.Conflicts;
        bad.Sort((one, other) => one.Row.Number.CompareTo(other.Row.Number));
        foreach (var (row, error) in bad) summary.Note(new BadRow(row.Number, error));
        return bad;
    }

    /// <summary>Takes in rows that were read.</summary>
    public async Task TakeAsync(
        CatalogueDb db, List<ImportReading> readings, ImportSummary summary, List<(ImportRow Row, string Error)> bad,
        CancellationToken cancel)
    {
        var matches = await new ImportMatcher(db, options.Tenant, options.Match)
            .FindAsync(readings.ConvertAll(reading => reading.Keys), cancel);
        var held = await HeldRecords.LoadAsync(
            db, readings, matches, (options.Tenant, new CorrectionAuthor(options.By, "import"), now), cancel);
        for (var i = 0; i < readings.Count; i++)
        {
            var (reading, match) = (readings[i], matches[i]);
            if (match.Track is { } track) Take(db, held, reading, track, summary, bad);
            else if (match.IsUnknown && options.KeepUnmatched) await KeepAsync(db, reading, summary, cancel);
            else bad.Add((reading.Row, match.Problem!));
        }
    }

    private List<ImportReading> Read(IReadOnlyList<ImportRow> rows, List<(ImportRow Row, string Error)> bad)
    {
        var readings = new List<ImportReading>(rows.Count);
        foreach (var row in rows)
        {
            try
            {
                readings.Add(ImportReading.Of(row, columns));
            }
            catch (FormatException wrong)
            {
                bad.Add((row, wrong.Message));
            }
        }

        return readings;
    }

    // The fields of the owner's own that these rows bring.
    private async Task DeclareAsync(
        CatalogueDb db, List<ImportReading> readings, List<(ImportRow Row, string Error)> bad, CancellationToken cancel)
    {
        var used = columns.Uses.Values.Select(use => use.Field).OfType<CatalogueField>()
            .Where(field => field.IsCustom).DistinctBy(field => field.Name).ToList();
        if (used.Count == 0) return;
        var declared = await db.DeclaredFields.Where(f => f.Tenant == options.Tenant)
            .ToDictionaryAsync(f => f.Name, StringComparer.Ordinal, cancel);
        foreach (var field in used.Where(field => !declared.ContainsKey(field.Name)))
        {
            var bringing = readings.Where(reading => reading.Fields[field.Name] is not null).ToList();
            if (bringing.Count == 0) continue;
            if (declared.Count < MaxDeclared)
            {
                var one = new DeclaredField { Tenant = options.Tenant, Name = field.Name, Type = field.Type };
                declared[field.Name] = db.DeclaredFields.Add(one).Entity;
                continue;
            }

            foreach (var reading in bringing)
            {
                bad.Add((reading.Row, $"There are {MaxDeclared} fields of your own already, so {field.Name} can be "
                    + "none: --ignore the column, or --map it."));
                readings.Remove(reading);
            }
        }
    }

    private void Take(
        CatalogueDb db, HeldRecords held, ImportReading reading, Candidate track, ImportSummary summary,
        List<(ImportRow Row, string Error)> bad)
    {
        var record = held.Owners.GetValueOrDefault(track.Id);
        var fields = record?.Fields ?? FieldSet.Empty;
        var (changes, kept) = (new List<ImportExample>(), new List<string>());
        foreach (var (name, after) in reading.Fields.Said)
        {
            var before = fields[name];
            if (before is not null && before.SequenceEqual(after)) continue;
            if (before is null || options.Replace) changes.Add(Change(name, before, after));
            else kept.Add($"{name} is '{string.Join("; ", before)}', not '{string.Join("; ", after)}'");
        }

        var song = SongChange(held.Lyrics.GetValueOrDefault(track.Id), reading, kept);
        if (song is not null) changes.Add(Change(Lyrics, song.Value.Before, [Opening(reading.Lyrics!.Song.Text)]));
        if (changes.Count > 0 && held.Corrections[track.ContentId]?.LockedBy is { } by)
        {
            bad.Add((reading.Row, $"{by} has locked track {track.Id} ({track.FileName})."));
            return;
        }

        foreach (var change in changes)
        {
            if (change.Field != Lyrics) fields = fields.With(change.Field, change.After);
            summary.Note(change);
        }

        if (changes.Exists(change => change.Field != Lyrics)) Keep(db, held, track, record, fields);
        if (song is not null) Keep(db, held, track, reading);
        if (changes.Count > 0 && !options.DryRun) held.Corrections.EndApproval(track.ContentId);
        if (kept.Count > 0)
        {
            summary.Conflicts++;
            bad.Add((reading.Row, $"Kept what is there, which --replace would not: {string.Join("; ", kept)}."));
        }
        else if (changes.Count > 0) summary.Changed++;
        else summary.Unchanged++;

        ImportExample Change(string field, IReadOnlyList<string>? before, IReadOnlyList<string> after) =>
            new(reading.Row.Number, track.Id, track.FileName, field, before, after);
    }

    // Null where the lyrics stay as they are.
    private (IReadOnlyList<string>? Before, bool IsNew)? SongChange(
        TrackLyrics? before, ImportReading reading, List<string> kept)
    {
        if (reading.Lyrics is not { } song) return null;
        if (before is null) return (null, true);
        var hasSameWords = song.HasWordsOf(before);
        if (hasSameWords && song.SaysAsMuchOf(before)) return null;
        if (options.Replace) return ([Opening(before.Text)], false);
        kept.Add(hasSameWords
            ? $"lyrics are {Marks(before.Language, before.IsExplicit)}, not {Marks(song.Language, song.IsExplicit)}"
            : $"lyrics are '{Opening(before.Text)}', not '{Opening(song.Song.Text)}'");
        return null;
    }

    private void Keep(CatalogueDb db, HeldRecords held, Candidate track, OwnerRecord? record, FieldSet fields)
    {
        if (record is null)
        {
            record = new OwnerRecord { TrackId = track.Id, Tenant = options.Tenant, By = options.By };
            held.Owners[track.Id] = record;
            if (!options.DryRun) db.OwnerRecords.Add(record);
        }

        (record.Fields, record.By, record.At) = (fields, options.By, now);
        record.Version++;
    }

    private void Keep(CatalogueDb db, HeldRecords held, Candidate track, ImportReading reading)
    {
        if (!held.Lyrics.TryGetValue(track.Id, out var lyrics))
        {
            lyrics = new TrackLyrics { TrackId = track.Id, Source = LyricsSource.Owner, Origin = options.By };
            held.Lyrics[track.Id] = lyrics;
            if (!options.DryRun) db.TrackLyrics.Add(lyrics);
        }

        lyrics.Origin = options.By;
        var (song, fields) = (reading.Lyrics!, reading.Fields);
        lyrics.Take(
            song.Song, song.Language ?? RowLyrics.Code(fields.One("language")),
            song.IsExplicit ?? (fields.One("explicit") is { } said ? said == "true" : null), now);
    }

    private static string Marks(string? language, bool? isExplicit) =>
        $"'{language ?? "?"}' and "
            + (isExplicit switch { true => "explicit", false => "not explicit", null => "unjudged" });

    private async Task KeepAsync(
        CatalogueDb db, ImportReading reading, ImportSummary summary, CancellationToken cancel)
    {
        summary.Waiting++;
        if (options.DryRun) return;
        var keys = reading.Keys;
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{keys.OwnId}\n{string.Join(',', keys.Isrcs)}\n{keys.File}\n{keys.ContentId}")));
        var row = await db.PendingOwnerRows.FindAsync([options.Tenant, id], cancel)
            ?? db.PendingOwnerRows.Add(
                new PendingOwnerRow { Tenant = options.Tenant, Id = id, By = options.By }).Entity;
        (row.File, row.NameKey) = (keys.File, keys.File is null ? null : Track.NameKeyOf(keys.File));
        row.ContentId = keys.ContentId;
        row.OwnId = keys.OwnId is { } own ? own[..Math.Min(own.Length, OwnerRecord.MaxOwnIdLength)] : null;
        row.Isrc = keys.Isrcs.Count > 0 ? keys.Isrcs[0] : null;
        row.Keep(reading);
        (row.By, row.At) = (options.By, now);
    }

    private static string Opening(string text) =>
        text.Split('\n')[0] is var line && line.Length <= MaxOpening ? line : line[..MaxOpening];

    /// <summary>What is there of the tracks that the rows are about.</summary>
    private sealed record HeldRecords(
        Dictionary<long, OwnerRecord> Owners, Dictionary<long, TrackLyrics> Lyrics, CorrectionWrite Corrections)
    {
        public static async Task<HeldRecords> LoadAsync(
            CatalogueDb db, List<ImportReading> readings, IReadOnlyList<RowMatch> matches,
            (string Tenant, CorrectionAuthor Author, DateTime Now) by, CancellationToken cancel)
        {
            var tracks = matches.Select(match => match.Track).OfType<Candidate>().Distinct().ToList();
            var ids = tracks.ConvertAll(track => track.Id);
            var contents = tracks.Select(track => track.ContentId).Distinct().ToList();
            var sung = matches.Where((match, i) => match.Track is not null && readings[i].Lyrics is not null)
                .Select(match => match.Track!.Id).Distinct().ToList();
            return new HeldRecords(
                await db.OwnerRecords.Where(r => ids.Contains(r.TrackId)).ToDictionaryAsync(r => r.TrackId, cancel),
                sung.Count == 0 ? [] : await db.TrackLyrics
                    .Where(l => sung.Contains(l.TrackId) && l.Source == LyricsSource.Owner)
                    .ToDictionaryAsync(l => l.TrackId, cancel),
                await CorrectionWrite.BeginAsync(
                    db, by.Tenant, contents, CorrectionAuthor.NewBatch(), by.Author, by.Now, cancel));
        }
    }
}
