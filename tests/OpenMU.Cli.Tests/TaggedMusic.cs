using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Cli.Home;
using OpenMU.Cli.Tagging;
using OpenMU.Music;
using OpenMU.Music.Lyrics;

namespace OpenMU.Cli.Tests;

/// <summary>A folder of real files in every kind that tags are written into, and a catalogue that knows them.</summary>
internal sealed class TaggedMusic : IDisposable
{
    /// <summary>Files by what ffmpeg encodes them with.</summary>
    public static readonly (string File, string Encoder)[] Kinds =
    [
        ("pop/one.mp3", "-c:a libmp3lame -write_id3v1 0"), ("two.flac", "-c:a flac"), ("three.ogg", "-c:a libvorbis"),
        ("four.opus", "-c:a libopus"), ("five.m4a", "-c:a aac"), ("six.wav", "-c:a pcm_s16le"),
        ("seven.aiff", "-c:a pcm_s16be -write_id3v2 1"),
    ];

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("openmu-tags-");

    public static string Title => "Dawn \"=1+1\" שלום \U0001F3B5";

    public string Data => Folder("data");

    public string Music => Folder("music");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Folder(string name) => root.CreateSubdirectory(name).FullName;

    /// <summary>Makes the files and their catalogue.</summary>
    public async Task<TaggedMusic> MakeAsync(params (string File, string Encoder)[] kinds)
    {
        var catalogue = CatalogueDbFactory.ForFile(Path.Combine(Data, HomeSystem.CatalogueFile));
        await catalogue.MigrateAsync(Cancel);
        await using var db = catalogue.CreateDbContext();
        foreach (var (file, encoder) in kinds)
        {
            var path = Path.Combine(Music, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await FfmpegAsync($"-f lavfi -i sine=frequency=440:duration=1 {encoder} -metadata title=Old "
                + $"-metadata custom=kept -metadata copy={db.ChangeTracker.Entries().Count()} -metadata track=1/12 -metadata comment=Older -y {path}");
            db.Add(TrackOf(file, await MusicSource.ContentAsync(path, Cancel)));
            await db.SaveChangesAsync(Cancel);
        }

        await File.WriteAllTextAsync(
            Path.Combine(Data, HomeSystem.FoldersFile),
            JsonSerializer.Serialize(new Dictionary<string, string> { ["default/music-1/"] = Music }), Cancel);
        return this;
    }

    /// <summary>Runs a verb on the catalogue.</summary>
    public Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        OpenMuProgram.RunAsync([.. arguments, "--data", Data]);

    /// <summary>What ffprobe says of a file's tags, its own and its stream's.</summary>
    public static async Task<Dictionary<string, string>> ProbeAsync(string path)
    {
        using var probe = Process.Start(new ProcessStartInfo(
            "ffprobe", ["-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", path])
        {
            RedirectStandardOutput = true,
        })!;
        var json = JsonDocument.Parse(await probe.StandardOutput.ReadToEndAsync(Cancel)).RootElement;
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in json.GetProperty("streams").EnumerateArray().Append(json.GetProperty("format")))
        {
            if (!part.TryGetProperty("tags", out var named)) continue;
            foreach (var tag in named.EnumerateObject()) tags[tag.Name] = tag.Value.GetString()!;
        }

        return tags;
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        root.Delete(recursive: true);
    }

    private static Track TrackOf(string file, string content)
    {
        var analysis = new Analysis
        {
            Codec = "x",
            DurationSeconds = 1,
            Bpm = 120.4,
            Key = MusicalKey.Parse("C# minor"),
            Caption = "A calm piece.",
            FileFields = FieldSet.Empty.With(FieldNames.Title, [Title]).With(FieldNames.Artists, ["Ann", "Bo"])
                .With(FieldNames.Album, ["Album"]).With(FieldNames.Genres, ["Jazz", "Cool jazz"])
                .With(FieldNames.Isrc, ["GBAYE6900531"]).With(FieldNames.OwnId, ["own-1"])
                .With(FieldNames.Moods, ["calm"]).With("date", ["2024-05-31"]).With("trackNumber", ["3"]),
        };
        analysis.Lyrics.Add(
            ContentLyrics.Of(LyricsSource.Tags, "tags", SongLyrics.Parse("la la\nla"), DateTime.UnixEpoch));
        return new Track
        {
            Tenant = TrackBlob.DefaultTenant,
            BlobName = $"default/music-1/{file}",
            ETag = "1",
            FileName = file,
            Job = new Job
            {
                Tenant = TrackBlob.DefaultTenant,
                ContentId = content,
                ModelVersion = Job.NoModel,
                State = JobState.Ready,
                Analysis = analysis,
            },
        };
    }

    private static async Task FfmpegAsync(string arguments)
    {
        using var ffmpeg = Process.Start("ffmpeg", $"-v error {arguments}");
        await ffmpeg.WaitForExitAsync(Cancel);
        ffmpeg.ExitCode.Should().Be(0);
    }
}
