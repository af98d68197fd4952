// A music library's day at the command line, as tests/library-day.sh runs it: tagged files, the library's own table,
// corrections, a new model, terms of its own, exports and tagged copies; at the end nothing has gone missing.
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Data.Sqlite;
using OpenMU.Music;
using OpenMU.Testing;

namespace OpenMU.Cli.Tests;

/// <summary>One day of a music library: what went in comes out, whatever was done in between.</summary>
public sealed class LibraryDayTests : IDisposable
{
    private const string AppleNames = "com.apple.iTunes";
    private const int Bad = 7, Corrected = 12;

    // A small library among the other tests; the script's is larger.
    private static readonly int Tracks =
        int.Parse(Environment.GetEnvironmentVariable("OPENMU_DAY_TRACKS") ?? "40", CultureInfo.InvariantCulture);

    private static readonly TagLib.ReadOnlyByteVector AppleTitle = new(0xA9, (byte)'n', (byte)'a', (byte)'m');

    // Encoded once each; tags make every file another one.
    private static readonly (string Ending, string[] Encoder)[] Kinds =
    [
        ("mp3", ["-c:a", "libmp3lame"]), ("flac", ["-c:a", "flac"]), ("ogg", ["-c:a", "libvorbis"]), ("m4a", ["-c:a", "aac"]),
    ];

    // What titles of a real library have in them.
    private static readonly string[] Awkward =
    [
        "=SUM(A1:A9)", "Größe; \"Live\"", "夜明けの歌", "-1 (Remix)", "🎵 Ноктюрн", "It's, well, @home",
    ];

    // The words in the files, and the library's own terms for them.
    private static readonly (string Word, string Term)[] Genres =
    [
        ("Soundtrack", "Film & Score"), ("Jazz", "Jazz, all of it"), ("Ambient", "Calm"), ("Rock", "Loud"),
        ("Classical", "Orchestra"),
    ];

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("openmu-day-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Music => Folder("music");

    private string Copies => Folder("copies");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        root.Delete(recursive: true);
    }

    [Fact]
    public async Task A_library_tags_its_collection_enriches_corrects_and_exports_it_and_loses_nothing()
    {
        var library = await MakeFilesAsync();
        var before = library.ToDictionary(song => song.File, song => Sha256(Path.Combine(Music, song.File)));

        Say($"{Tracks} tagged files become a catalogue");
        await UpAsync("none");
        (await ExportAsync("csv")).Should().HaveCount(Tracks);

        Say("its own table goes in; 7 rows come back, are mended and go in too");
        await ImportAsync(library);

        Say("12 keys are put right by a table");
        var keys = await CorrectAsync(library);

        Say("a new model listens");
        await UpAsync(SmallRandomModel.Write(Folder("model")));

        Say("the library's own terms stand in place of the words in the files, which stay");
        await SortAsync();

        Say("everything comes out in three forms");
        await ShouldComeOutAsync(library, keys);

        Say("tags are written into copies, and no byte of sound or of an original is another");
        (await RunAsync("write-tags", "--output", Copies)).Output.Trim().Should()
            .Be($"{Tracks} files tagged, 0 left as they are, 0 failed.");
        foreach (var song in library) ShouldBeTagged(song, keys);
        (await PacketsAsync(Copies, library)).Should().Equal(await PacketsAsync(Music, library));
        library.ToDictionary(song => song.File, song => Sha256(Path.Combine(Music, song.File)))
            .Should().Equal(before);
    }

    private async Task<List<Song>> MakeFilesAsync()
    {
        string[] sound = ["-f", "lavfi", "-i", "sine=frequency=220:duration=1.2[a];sine=frequency=277:duration=1.2[b];"
            + "sine=frequency=330:duration=1.2[c];[a][b][c]amix=inputs=3,tremolo=f=2:d=0.9"];
        var bases = Kinds.Select(kind => Path.Combine(root.FullName, $"base.{kind.Ending}")).ToList();
        await FfmpegAsync(
            [.. sound, .. Kinds.Zip(bases).SelectMany(pair => (string[])[.. pair.First.Encoder, pair.Second])]);
        var library = new List<Song>();
        for (var i = 0; i < Tracks; i++)
        {
            var (artist, kind) = (i / 20, Kinds[i % Kinds.Length].Ending);
            var title = i % 5 == 0 ? $"{Awkward[i / 5 % Awkward.Length]} {i}" : $"Song {i}";
            var song = new Song(
                i, string.Create(CultureInfo.InvariantCulture, $"Artist {artist}/Album {i / 10}/{(i % 10) + 1:00} song {i}.{kind}"),
                title, $"Artist {artist}", $"DEAB1{i:0000000}", Genres[i % Genres.Length].Word);
            var path = Path.Combine(Music, song.File);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(bases[i % Kinds.Length], path);
            using var file = TagLib.File.Create(path);
            (file.Tag.Title, file.Tag.Performers, file.Tag.Album) = (song.Title, [song.Artist], $"Album {i / 10}");
            (file.Tag.Genres, file.Tag.Track) = ([song.Genre], (uint)(i % 10) + 1);
            if (file.GetTag(TagLib.TagTypes.Apple) is TagLib.Mpeg4.AppleTag apple)
                apple.SetDashBox(AppleNames, "ISRC", song.Isrc);
            else if (file.GetTag(TagLib.TagTypes.Xiph) is TagLib.Ogg.XiphComment vorbis)
                vorbis.SetField("ISRC", song.Isrc);
            else file.Tag.ISRC = song.Isrc;
            file.Save();
            library.Add(song);
        }

        return library;
    }

    // A row a file, found by file or ISRC in turn. Seven have a mistake each, as tables of people have.
    private async Task ImportAsync(List<Song> library)
    {
        (string Wrong, string Right)[] mistakes =
        [
            ("Artist 0/Album 0/99 nowhere.mp3", library[0].File), ("soon", library[1].RightsUntil), ("DEAB1-12", library[2].Isrc),
            ("none yet", library[3].RightsUntil), ("seventeen", "17"), ("DEZZ90000000", library[5].Isrc), ("05/03/2031", library[6].RightsUntil),
        ];
        mistakes.Should().HaveCount(Bad);
        string Cell(int row, string right) => row < Bad && mistakes[row].Right == right ? mistakes[row].Wrong : right;
        var rows = library.Select((song, i) => string.Join(
            ',', song.OwnId, i % 3 == 2 ? "" : Quoted(Cell(i, song.File)), i % 3 == 2 ? Cell(i, song.Isrc) : "",
            Cell(i, song.RightsUntil), Cell(i, song.Shelf), Quoted(song.Note)));
        var table = Path.Combine(root.FullName, "library.csv");
        await File.WriteAllTextAsync(
            table, "Our number,File path,ISRC,Rights end,Shelf,Notes\r\n" + string.Join("\r\n", rows) + "\r\n", Cancel);
        string[] columns = ["--map", "Our number=ownId", "--column", "Shelf=wholeNumber"];

        var dry = Json(await RunAsync(ExitCode.NotDone, ["import", table, "--dry-run", .. columns]));
        var first = Json(await RunAsync(ExitCode.NotDone, ["import", table, .. columns]));
        (Number(first, "rows"), Number(first, "changed"), Number(first, "bad")).Should().Be(
            (Tracks, Tracks - Bad, Bad), first.GetProperty("badRows").ToString());
        (Number(dry, "changed"), Number(dry, "bad")).Should().Be((Tracks - Bad, Bad));

        var back = Path.Combine(root.FullName, "library.bad.csv");
        var mended = await File.ReadAllTextAsync(back, Cancel);
        foreach (var (wrong, right) in mistakes)
        {
            var at = mended.IndexOf(wrong, StringComparison.Ordinal);
            at.Should().BePositive($"the row with '{wrong}' must come back");
            mended = mended.Remove(at, wrong.Length).Insert(at, right);
        }

        var again = Path.Combine(root.FullName, "mended.csv");
        await File.WriteAllTextAsync(again, mended, Cancel);
        var second = Json(await RunAsync(["import", again, .. columns]));
        (Number(second, "rows"), Number(second, "changed"), Number(second, "bad")).Should().Be((Bad, Bad, 0));
    }

    private async Task<Dictionary<string, MusicalKey>> CorrectAsync(List<Song> library)
    {
        var keys = Enumerable.Range(0, Corrected).ToDictionary(
            i => library[i * Tracks / Corrected].Isrc, i => new MusicalKey(i, IsMinor: i % 2 == 1));
        var table = Path.Combine(root.FullName, "keys.csv");
        // In the spelling of musicians, and of DJs.
        await File.WriteAllLinesAsync(
            table, ["isrc;key", .. keys.Select((key, i) => $"{key.Key};{(i % 3 == 0 ? key.Value.Camelot : key.Value.Name)}")],
            Cancel);

        var summary = Json(await RunAsync("corrections", "import", table, "--by", "Ada"));

        (Number(summary, "changed"), Number(summary, "refused")).Should().Be((Corrected, 0));
        return keys;
    }

    private async Task SortAsync()
    {
        var table = Path.Combine(root.FullName, "terms.csv");
        await File.WriteAllLinesAsync(
            table, ["group;term;maps from", .. Genres.Select(genre => $"genre;{genre.Term};{genre.Word}")], Cancel);
        await RunAsync("taxonomy", "import", table, "--dry-run");
        await RunAsync("taxonomy", "import", table);
        var differences = Json(await RunAsync("taxonomy", "diff", "--version", "1", "--json"));
        Number(differences, "changed").Should().Be(Tracks);
        await RunAsync("taxonomy", "publish", "1");
    }

    private async Task ShouldComeOutAsync(List<Song> library, Dictionary<string, MusicalKey> keys)
    {
        string File(string name) => Path.Combine(root.FullName, name);
        await RunAsync(
            "export", "--format", "csv", "--output", File("all.csv"), "--format", "jsonl", "--output", File("all.jsonl"),
            "--format", "rekordbox", "--output", File("all.xml"), "--music", Music);

        var table = Table(await System.IO.File.ReadAllTextAsync(File("all.csv"), Cancel)).ToDictionary(row => row["file"]);
        var lines = (await System.IO.File.ReadAllLinesAsync(File("all.jsonl"), Cancel)).Select(line => Json(line))
            .ToDictionary(track => track.GetProperty("fileName").GetString()!);
        var collection = XDocument.Load(File("all.xml")).Descendants("TRACK").Where(track => track.Attribute("Name") is not null)
            .ToDictionary(track => Uri.UnescapeDataString(track.Attribute("Location")!.Value).Split("/music/")[1]);
        (table.Count, lines.Count, collection.Count).Should().Be((Tracks, Tracks, Tracks));
        foreach (var song in library)
        {
            var row = table[song.File];
            (row["isrc"], row["ownId"], row["state"]).Should().Be((song.Isrc, song.OwnId, "Ready"), song.File);
            (Restored(row["title"]), row["artists"], row["genres"]).Should().Be((song.Title, song.Artist, song.Genre));
            row["genreTerms"].Split("; ").Should().Contain(Genres.Single(genre => genre.Word == song.Genre).Term);
            (row["rightsUntil"], row["x.Shelf"], Restored(row["comment"])).Should().Be(
                (song.RightsUntil, song.Shelf, song.Note), song.File);

            var fields = lines[song.File].GetProperty("fields");
            Value(fields, "isrc").Should().Be(song.Isrc);
            Value(fields, "ownId").Should().Be(song.OwnId);
            Value(fields, "title").Should().Be(song.Title);
            lines[song.File].GetProperty("analysis").GetProperty("sources").EnumerateArray()
                .Should().Contain(source => source.GetProperty("source").GetString() == "openmu", "the new model has heard it");
            collection[song.File].Attribute("Name")!.Value.Should().Be(song.Title);
            collection[song.File].Attribute("Artist")!.Value.Should().Be(song.Artist);

            if (!keys.TryGetValue(song.Isrc, out var key)) continue;
            (row["key"], row["camelot"], row["correctedBy"]).Should().Be((key.Name, key.Camelot, "Ada"), song.File);
            Value(fields, "key").Should().Be(key.Name);
            fields.GetProperty("key").GetProperty("origin").GetString().Should().Be("correction");
            MusicalKey.Parse(collection[song.File].Attribute("Tonality")!.Value).Should().Be(key);
        }
    }

    private void ShouldBeTagged(Song song, Dictionary<string, MusicalKey> keys)
    {
        using var copy = TagLib.File.Create(Path.Combine(Copies, song.File));
        // The reader takes "; " in MP4 for the end of a value, so the box itself is read.
        var (title, isrc, tagged) = copy.GetTag(TagLib.TagTypes.Apple) is TagLib.Mpeg4.AppleTag apple
            ? (apple.DataBoxes(AppleTitle).Single().Text, apple.GetDashBox(AppleNames, "ISRC"),
                apple.GetDashBox(AppleNames, "initialkey"))
            : copy.GetTag(TagLib.TagTypes.Xiph) is TagLib.Ogg.XiphComment vorbis
            ? (vorbis.Title, vorbis.GetFirstField("ISRC"), vorbis.GetFirstField("INITIALKEY"))
            : (copy.Tag.Title, copy.Tag.ISRC, copy.Tag.InitialKey);
        (title, copy.Tag.FirstPerformer, isrc).Should().Be((song.Title, song.Artist, song.Isrc), song.File);
        copy.Tag.Genres.Should().Equal(song.Genre);
        copy.Tag.Comment.Should().Be(song.Note);
        if (keys.TryGetValue(song.Isrc, out var key))
            MusicalKey.Parse(tagged).Should().Be(key, song.File);
    }

    private async Task UpAsync(string model) =>
        await RunAsync("up", Music, "--once", "--port", "0", "--model", model);

    private async Task<List<Dictionary<string, string>>> ExportAsync(string format) =>
        Table((await RunAsync("export", "--format", format)).Output);

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        await RunAsync(ExitCode.Done, arguments);

    private async Task<(int Code, string Output, string Error)> RunAsync(int code, string[] arguments)
    {
        var said = await OpenMuProgram.RunAsync([.. arguments, "--data", Folder("data")]);
        said.Code.Should().Be(code, $"openmu {string.Join(' ', arguments)}: {said.Output}{said.Error}");
        return said;
    }

    // Of the packets as they stand in the file, without decoding them: many files in one call.
    private async Task<Dictionary<string, string>> PacketsAsync(string folder, List<Song> library)
    {
        const int AtOnce = 50;
        var hashes = new Dictionary<string, string>();
        foreach (var some in library.Chunk(AtOnce))
        {
            string Hash(int i) => Path.Combine(root.FullName, $"hash{i}");
            await FfmpegAsync(
            [
                .. some.SelectMany(song => (string[])["-i", Path.Combine(folder, song.File)]),
                .. some.SelectMany((_, i) => (string[])["-map", $"{i}:a", "-c", "copy", "-f", "hash", Hash(i)]),
            ]);
            foreach (var (i, song) in some.Index()) hashes[song.File] = await File.ReadAllTextAsync(Hash(i), Cancel);
        }

        return hashes;
    }

    private static async Task FfmpegAsync(IEnumerable<string> arguments)
    {
        using var ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);
        await ffmpeg.WaitForExitAsync(Cancel);
        ffmpeg.ExitCode.Should().Be(0);
    }

    private string Folder(string name) => root.CreateSubdirectory(name).FullName;

    private static void Say(string step) => TestContext.Current.TestOutputHelper?.WriteLine(step);

    private static string Sha256(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Restored(string cell) => OpenMU.Catalogue.Exchange.ExchangeText.Restore(cell);

    private static JsonElement Json((int Code, string Output, string Error) said) => Json(said.Output);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static int Number(JsonElement summary, string name) => summary.GetProperty(name).GetInt32();

    private static string? Value(JsonElement fields, string name) =>
        fields.GetProperty(name).GetProperty("values")[0].GetString();

    private static List<Dictionary<string, string>> Table(string text)
    {
        using var parser = new Microsoft.VisualBasic.FileIO.TextFieldParser(new StringReader(text))
        {
            TrimWhiteSpace = false,
        };
        parser.SetDelimiters(",");
        var header = parser.ReadFields()!;
        var rows = new List<Dictionary<string, string>>();
        while (parser.ReadFields() is { } cells) rows.Add(header.Zip(cells).ToDictionary());
        return rows;
    }

    /// <summary>A song of the library: what its file's tags say, and what the library's table does.</summary>
    private sealed record Song(int Number, string File, string Title, string Artist, string Isrc, string Genre)
    {
        public string OwnId => string.Create(CultureInfo.InvariantCulture, $"LIB-{Number:0000}");

        public string Shelf => Number == 4 ? "17" : $"{Number % 40}";

        public string Note => Number % 10 == 0 ? $"=cmd|'/C calc'!A{Number}, \"quoted\"" : $"Note {Number}";

        public string RightsUntil => string.Create(
            CultureInfo.InvariantCulture, $"{2030 + (Number % 9)}-0{1 + (Number % 9)}-15");
    }
}
