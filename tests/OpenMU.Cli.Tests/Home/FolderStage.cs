using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Cli.Home;
using OpenMU.Functions;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Tests.Home;

/// <summary>What a folder is fed to: an emulator of its own and a new catalogue.</summary>
internal sealed class FolderStage : IAsyncDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("openmu-folder-");
    private IngestOptions options = null!;

    private FolderStage() => Folder = root.CreateSubdirectory("music");

    public DirectoryInfo Folder { get; set; }

    public Azurite Azurite { get; private set; } = null!;

    public MusicStorage Storage { get; private set; } = null!;

    public CatalogueDbFactory Catalogue { get; private set; } = null!;

    public IngestTrack Ingest { get; private set; } = null!;

    /// <summary>Its own, as in a program that was started anew.</summary>
    public FolderUpload Upload => new(Storage, Ingest, "default", Folder.FullName);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<FolderStage> StartAsync()
    {
        var stage = new FolderStage();
        stage.Azurite = await Azurite.StartAsync(location: null, Cancel);
        stage.Storage = MusicStorage.FromConnectionString(stage.Azurite.ConnectionString);
        await stage.Storage.CreateIfMissingAsync(Cancel);
        stage.Catalogue = CatalogueDbFactory.ForFile(Path.Combine(stage.root.FullName, "catalogue.db"));
        await stage.Catalogue.MigrateAsync(Cancel);
        var jobs = new JobQueues(stage.Catalogue, stage.Storage, TimeProvider.System);
        stage.options = new IngestOptions { RenameWithin = TimeSpan.Zero };
        stage.Ingest = new IngestTrack(
            stage.Catalogue, stage.Storage, jobs, stage.Missing,
            new LyricsFiles(stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance),
            stage.options, TimeProvider.System, NullLogger<IngestTrack>.Instance);
        return stage;
    }

    private MissingTracks Missing =>
        new(Catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance);

    public void Write(string relative, string text)
    {
        var path = Path.Combine(Folder.FullName, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Removes and uploads what a feed does at its start, then ingests as the sweep does.</summary>
    public async Task FeedAsync(params IEnumerable<MusicFile> unreadable)
    {
        var upload = Upload;
        var found = MusicFolder.Search(Folder.FullName);
        IReadOnlyList<MusicFile> files = [.. found.Lyrics, .. found.Files, .. unreadable];
        await new FolderRemoval(
            Storage, Ingest, Catalogue, new KnownFolders(Path.Combine(root.FullName, "folders.json")), upload)
            .RunAsync(files, Cancel);
        await upload.RunAsync(files.Except(unreadable), Cancel);
        var uploads = new UploadQueue(Ingest, Storage, NullLogger<UploadQueue>.Instance);
        await new SweepUploads(
            new ContainerComparison(Catalogue, options), uploads, Missing, Catalogue, Storage,
            new JobQueues(Catalogue, Storage, TimeProvider.System), options, TimeProvider.System,
            NullLogger<SweepUploads>.Instance).RunAsync(Cancel);
        await uploads.DrainAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Azurite.DisposeAsync();
        SqliteConnection.ClearAllPools();
        root.Delete(recursive: true);
    }
}
