using System.Text;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Catalogue.Tests.Exchange;

/// <summary>A catalogue with two tracks of which everything is known, and what exports make of it.</summary>
internal static class ExportShelf
{
    public const string Tenant = "home";

    /// <summary>What somebody may write into any text to harm whoever reads it.</summary>
    public static readonly string[] Hostile =
    [
        "=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "'=quoted", "''-twice", "'tis plain", "a, b; c\td",
        "say \"yes\"", "two\nlines", "one\u2028line", "emoji \U0001F3B5\uFE0F", "\u202Eright to left\u202C שלום",
        "<b>&amp;]]></b>", "#comment", "half \uD83C of one", "back\\slash; and \\; more", "C:\\music\\..\\..",
        "$(rm) `id` %n {0}",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A track of which everything is known.</summary>
    public static Track Full(string fileName) => Shelf.Ready(Tenant, fileName, analysis =>
    {
        analysis.FileFields = FieldSet.Empty.With(CatalogueField.Find(FieldNames.Title)!, "Dawn")
            .With(CatalogueField.Find(FieldNames.Artists)!, "Ann", "Bo")
            .With(CatalogueField.Find(FieldNames.Isrc)!, "GB-AYE-69-00531");
        (analysis.Title, analysis.Artist) = ("Dawn", "Ann, Bo");
        (analysis.DurationSeconds, analysis.SampleRate, analysis.Channels) = (61.5, 44100, 2);
        (analysis.Bpm, analysis.BpmConfidence, analysis.Metre) = (120, 0.9, 4);
        (analysis.Key, analysis.KeyConfidence, analysis.TuningCents) = (MusicalKey.Parse("Am"), 0.8, 3.25);
        (analysis.IntegratedLufs, analysis.LoudnessRangeLu, analysis.TruePeakDbtp) = (-14.25, 5.5, -1);
        analysis.QualityFlags = ["clipped"];
        analysis.Caption = "A calm piece.";
        analysis.Tags = [new TagScore("genre", "jazz", 0.75), new TagScore("mood", "calm", 0.5)];
        analysis.Sources = [new FieldSource("Bpm", "mir.tempo", "1.2", "open", 61.5, 0.9)];
        analysis.Beats = [.. Enumerable.Range(0, 123).Select(i => new Beat(0.25 + (i * 0.5), (i % 4) + 1))];
        analysis.Chords = [new ChordSegment(0, 30, "A:min", 0.5), new ChordSegment(30, 61.5, "F:sus2", 0.5)];
        analysis.KeySegments =
        [
            new KeySegment(0, 32, MusicalKey.Parse("Am"), 0.8), new KeySegment(32, 61.5, MusicalKey.Parse("C"), 0.7),
        ];
    });

    /// <summary>A catalogue of two: one with all that can be known, and one of which nothing is.</summary>
    public static async Task<CatalogueFile> WithTwoAsync()
    {
        var (full, bare) = (Full("a/dawn.flac"), Shelf.Other(Tenant, "b.wav", JobState.Failed));
        (full.Job.ContentId, bare.Job.ContentId) = ("sha256:1", "sha256:2");
        bare.Job.Reason = "The disk is full.";
        full.SizeBytes = 1234;
        var file = await Shelf.WithAsync(full, bare);
        await using var db = file.Open();
        db.Add(new DeclaredField { Tenant = Tenant, Name = "x.shelf", Type = FieldType.WholeNumber });
        db.Add(new OwnerRecord
        {
            TrackId = full.Id,
            Tenant = Tenant,
            Fields = FieldSet.Empty.With(CatalogueField.Find(FieldNames.OwnId)!, "own-1")
                .With(CatalogueField.Find(FieldNames.Genres)!, "Cool jazz", "R;B")
                .With(CatalogueField.Custom("shelf", FieldType.WholeNumber), "7"),
            By = "library.csv",
            At = Shelf.Noon,
            Version = 1,
        });
        var heard = TrackEmbedding.Of("openmu-1", [0.6f, 0.8f])!;
        heard.JobId = full.JobId;
        db.Add(heard);
        db.Add(new Correction
        {
            Tenant = Tenant,
            ContentId = "sha256:1",
            Fields = FieldSet.Empty.With(CatalogueField.Find(FieldNames.Key)!, "C"),
            By = "Cleo",
            At = Shelf.Noon,
            Version = 2,
        });
        var lyrics = new TrackLyrics { TrackId = full.Id, Source = LyricsSource.Owner, Origin = "Cleo" };
        lyrics.Take(SongLyrics.Parse("[00:01.00]first\n[00:03.50]second"), "en", false, Shelf.Noon);
        db.Add(lyrics);
        await db.SaveChangesAsync(Cancel);
        return file;
    }

    /// <summary>Tracks of which every text is hostile.</summary>
    public static IReadOnlyList<ExportedTrack> HostileTracks() =>
        [.. Hostile.Select((text, at) => Of(at + 1, text, FieldSet.Empty.With(FieldNames.Title, [text])
            .With(FieldNames.Artists, [text, "other"]).With("comment", [text]).With(FieldNames.OwnId, [text])))];

    /// <summary>A track that no database has seen.</summary>
    public static ExportedTrack Of(long id, string fileName, FieldSet fields, Action<Analysis>? set = null)
    {
        var track = Full(fileName);
        track.Id = id;
        (track.Job.ContentId, track.Job.Analysis!.FileFields) = ($"sha256:{id}", fields);
        set?.Invoke(track.Job.Analysis);
        var lyrics = new TrackLyrics { TrackId = id, Source = LyricsSource.Owner, Origin = "test" };
        lyrics.Take(SongLyrics.Parse($"[00:01.00]la {fileName}"), "en", false, Shelf.Noon);
        return new ExportedTrack(track, TrackFields.Of(null, null, track.Job.Analysis, []))
        {
            State = TrackState.Ready,
            Analysis = track.Job.Analysis,
            Lyrics = lyrics,
        };
    }

    /// <summary>A track of which little is known, made fast.</summary>
    public static ExportedTrack Plain(long id)
    {
        var track = Shelf.Ready(Tenant, $"{id}.flac");
        track.Id = id;
        var fields = FieldSet.Empty.With(FieldNames.Title, [$"Song {id}"]);
        track.Job.Analysis!.FileFields = fields;
        return new ExportedTrack(track, TrackFields.Of(null, null, track.Job.Analysis, []))
        {
            State = TrackState.Ready,
            Analysis = track.Job.Analysis,
        };
    }

    /// <summary>What a format makes of a catalogue.</summary>
    public static async Task<byte[]> ExportAsync(
        this CatalogueFile file, string format, TrackSelection? selection = null, bool? mark = null)
    {
        await file.SettledAsync();
        var reader = new ExportReader(file.Factory, Tenant);
        var options = new ExportOptions(await reader.DeclaredAsync(Cancel), mark);
        var form = CatalogueExport.Find(format)!;
        using var output = new MemoryStream();
        await form.WriteAsync(
            reader.ReadAsync(
                selection ?? TrackSelection.Of(new TrackQuery()), options.Declared, form.NeedsTimes, Cancel),
            output, options, Cancel);
        return output.ToArray();
    }

    /// <summary>What a format makes of tracks.</summary>
    public static async Task<byte[]> ExportAsync(string format, IEnumerable<ExportedTrack> tracks)
    {
        using var output = new MemoryStream();
        await CatalogueExport.Find(format)!.WriteAsync(
            tracks.ToAsyncEnumerable(), output, new ExportOptions([]), Cancel);
        return output.ToArray();
    }

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Reads a table as RFC 4180 says, whatever its separator.</summary>
    public static List<Dictionary<string, string>> ReadTable(string text, char separator)
    {
        var (rows, row, cell, quoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
            else if (text[i] == '"') quoted = !quoted;
            else if (!quoted && text[i] == separator) EndCell();
            else if (!quoted && text[i] == '\r' && text[i + 1] == '\n') EndRow(ref i);
            else cell.Append(text[i]);
        }

        return [.. rows.Skip(1).Select(cells => rows[0].Zip(cells).ToDictionary())];

        void EndCell()
        {
            row.Add(cell.ToString());
            cell.Clear();
        }

        void EndRow(ref int at)
        {
            EndCell();
            rows.Add(row);
            row = [];
            at++;
        }
    }
}
