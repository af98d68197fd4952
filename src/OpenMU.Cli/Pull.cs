using System.CommandLine;
using OpenMU.Cli.Hub;
using OpenMU.Model.Weights;
using Spectre.Console;
using static TorchSharp.torch;

namespace OpenMU.Cli;

/// <summary><c>openmu pull NAME</c>: fetches a published model and makes a model folder of it.</summary>
internal static class Pull
{
    private const int MostConnections = 16, MaximumConfigBytes = 1 << 20;

    public static Command Command()
    {
        var name = new Argument<string>("name")
        {
            Description = "A name that `openmu models` lists, or any repository of the hub as owner/name[@revision]."
        };
        var models = ModelHome.Option();
        var output = new Option<string?>("--output")
        {
            Description = "The model folder to be (default: one in --models by the model's name).",
            HelpName = "DIR"
        };
        var endpoint = new Option<string?>("--endpoint")
        {
            Description = $"The hub, or a mirror of it (default: {HubSettings.EndpointVariable}, else "
                + $"{HubSettings.DefaultEndpoint}). A token for it stands in {HubSettings.TokenVariable}.",
            HelpName = "URL"
        };
        var connections = new Option<int>("--connections")
        {
            Description = "Files that are fetched at once.",
            HelpName = "N",
            DefaultValueFactory = _ => 4
        }.Between(1, MostConnections);
        var type = new Option<string?>("--type")
        {
            Description = $"How the model folder stores numbers: {string.Join(", ", WeightTypes.ByName.Keys)} (default: bf16; "
                + "midashenglm-0.6b fp32, as it is published). A folder of this program's own stays as it is.",
            HelpName = "TYPE"
        }.AcceptOnlyFromAmong([.. WeightTypes.ByName.Keys]);
        var yes = new Option<bool>("--yes") { Description = "Fetches without asking." };
        var remove = new Option<bool>("--remove-download")
        {
            Description = "Deletes the fetched files when the model folder is made."
        };
        var command = new Command("pull", "Fetches a published model from a hub and makes a model folder of it.")
        {
            name, models, output, endpoint, connections, type, yes, remove
        };
        command.SetAction((parsed, cancel) =>
        {
            var (repository, known) = KnownModel.Find(parsed.GetRequiredValue(name));
            var home = parsed.GetRequiredValue(models).FullName;
            var isTerminal = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsInputRedirected;
            Func<bool>? ask = parsed.GetValue(yes)
                ? () => true
                : isTerminal ? () => AnsiConsole.Confirm("Fetch it?", defaultValue: false) : null;
            var request = new PullRequest(
                repository, known, home,
                Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(home, known?.Name ?? repository.Name)))
            {
                Connections = parsed.GetValue(connections),
                RemoveDownload = parsed.GetValue(remove),
                Type = WeightTypes.ByName[parsed.GetValue(type) ?? known?.Type ?? "bf16"],
            };
            return RunAsync(request, HubSettings.Read(parsed.GetValue(endpoint)), ask, AnsiConsole.Console, cancel);
        });
        return command;
    }

    /// <summary>Looks the model up, shows what it is, asks, fetches, converts.</summary>
    /// <param name="request">What to fetch, and where to.</param>
    /// <param name="settings">The hub.</param>
    /// <param name="ask">Asks the user whether to go on; null where there is nobody to ask.</param>
    /// <param name="console">For progress and results.</param>
    /// <param name="cancel">Stops; what has arrived stays for the next run.</param>
    /// <returns>0, or 1 if the user says no.</returns>
    public static async Task<int> RunAsync(
        PullRequest request, HubSettings settings, Func<bool>? ask, IAnsiConsole console, CancellationToken cancel)
    {
        if (Directory.Exists(request.Output) || File.Exists(request.Output))
        {
            var version = FolderReport.Of(request.Output, cancel: cancel).Version;
            console.WriteLine($"{request.Output} is there already ({version}); nothing was fetched. "
                + "Another --output takes it beside this one.");
            return ExitCode.Done;
        }
        using var hub = new HubConnection(settings);
        var model = await HubModel.FindAsync(hub, request.Name, cancel);
        var path = DownloadFolder.PathOf(request.Home, model);
        HubDownload[] downloads = [.. model.Files.Select(file => new HubDownload(hub, model, file, path))];
        var kind = await KindAsync(hub, model, cancel);
        var missing = model.Bytes - downloads.Sum(download => download.Present);
        Show(request, settings, model, missing, console);
        RequireSpace(request, missing, kind == DownloadKind.LanguageModel ? 0 : model.Bytes);
        if (ask is null)
        {
            throw new UsageException(
                "pull asks before it fetches, and there is no terminal to ask at: say --yes if it is right.");
        }
        if (!ask()) return ExitCode.NotDone;
        using var folder = DownloadFolder.Open(request.Home, model);
        await FetchAsync(request, model, downloads, console, cancel);
        return await FinishAsync(request, kind, folder, model.Licence ?? request.Known?.Licence, console, cancel);
    }

    private static async Task<int> FinishAsync(
        PullRequest request, DownloadKind kind, DownloadFolder folder, string? licence, IAnsiConsole console,
        CancellationToken cancel)
    {
        if (kind == DownloadKind.LanguageModel)
        {
            console.WriteLine($"{folder.Path}: a language model alone. `openmu convert OUT --llama {folder.Path} "
                + "--audiomae FILE --projector FILE` makes a model folder of it and an OpenMU's other parts.");
            return ExitCode.Done;
        }
        if (kind == DownloadKind.ModelFolder)
        {
            await DownloadedModel.CopyAsync(folder.Path, request.Output, console, cancel);
        }
        else
        {
            var options = new ConversionOptions { Type = request.Type, Licence = KnownModel.ClassOf(licence) };
            await ConvertModel.RunAsync(folder.Path, adapter: null, options, request.Output, console, cancel);
        }
        if (request.RemoveDownload) folder.Remove();
        var version = FolderReport.Of(request.Output, cancel: cancel).Version;
        console.WriteLine($"{request.Output}: {version}. Use it with --model {request.ModelName}.");
        return ExitCode.Done;
    }

    /// <summary>Fetches config.json, a few kilobytes, to know what the rest is before anything is asked.</summary>
    private static async Task<DownloadKind> KindAsync(HubConnection hub, HubModel model, CancellationToken cancel)
    {
        var config = model.Files.FirstOrDefault(file => file.Name == ModelFolder.ConfigFile)
            ?? throw new InvalidDataException(
                $"{model.Name} has no {ModelFolder.ConfigFile}, so what it is cannot be known; nothing was fetched.");
        if (config.Size > MaximumConfigBytes)
        {
            throw new InvalidDataException(
                $"{model.Name} has a {ModelFolder.ConfigFile} of over {MaximumConfigBytes} bytes; nothing was fetched.");
        }
        var folder = Directory.CreateTempSubdirectory("openmu-pull-");
        try
        {
            await new HubDownload(hub, model, config, folder.FullName).RunAsync(_ => { }, cancel);
            var path = Path.Combine(folder.FullName, ModelFolder.ConfigFile);
            return DownloadedModel.KindOf(await File.ReadAllBytesAsync(path, cancel), model.Name);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Show(
        PullRequest request, HubSettings settings, HubModel model, long missing, IAnsiConsole console)
    {
        var free = ByteProgress.Size(FreeBytes(request.Home));
        console.WriteLine($"model    {model.Name} at {settings.Endpoint.Authority}, commit {model.Commit}");
        console.WriteLine($"licence  {model.Licence ?? request.Known?.Licence ?? "not stated"}");
        if (request.Known is { } known) console.WriteLine($"what     {known.What}");
        console.WriteLine($"size     {ByteProgress.Size(model.Bytes)} in {model.Files.Count} files, of which "
            + $"{ByteProgress.Size(missing)} are to be fetched; {free} are free at {request.Home}");
        console.WriteLine($"becomes  {request.Output}");
    }

    /// <exception cref="IOException">There is not enough space for download and model folder.</exception>
    private static void RequireSpace(PullRequest request, long download, long folder)
    {
        var isInside = request.Output.StartsWith(request.Home, StringComparison.Ordinal);
        Require(request.Home, isInside ? download + folder : download, "--models");
        Require(request.Output, folder, "--output");

        static void Require(string place, long needed, string option)
        {
            if (FreeBytes(place) is var free && free < needed)
            {
                throw new IOException($"{place} has {ByteProgress.Size(free)} free, and {ByteProgress.Size(needed)} are "
                    + $"needed for download and model folder; make room, or name another place with {option}.");
            }
        }
    }

    /// <summary>Free space of the disk that a path is on or would be on.</summary>
    private static long FreeBytes(string path)
    {
        while (!Directory.Exists(path)) path = Path.GetDirectoryName(path)!;
        return new DriveInfo(path).AvailableFreeSpace;
    }

    private static async Task FetchAsync(
        PullRequest request, HubModel model, HubDownload[] downloads, IAnsiConsole console, CancellationToken cancel)
    {
        var isTerminal = console.Profile.Capabilities.Interactive;
        await ByteProgress.ShowAsync(console, "fetching", model.Bytes, received => Parallel.ForEachAsync(
            downloads.OrderByDescending(download => download.Source.Size),
            new ParallelOptions { MaxDegreeOfParallelism = request.Connections, CancellationToken = cancel },
            async (download, token) =>
            {
                await download.RunAsync(received, token);
                if (!isTerminal) console.WriteLine($"{download.Source.Name}: {ByteProgress.Size(download.Source.Size)}");
            }));
    }
}

/// <summary>One model to fetch.</summary>
/// <param name="Name">Its repository.</param>
/// <param name="Known">What is known of it here, or null.</param>
/// <param name="Home">The folder with the models; the download goes into one below it.</param>
/// <param name="Output">The model folder to be.</param>
internal sealed record PullRequest(HubName Name, KnownModel? Known, string Home, string Output)
{
    public int Connections { get; init; } = 4;

    public bool RemoveDownload { get; init; }

    /// <summary>The type that a conversion stores.</summary>
    public ScalarType Type { get; init; } = ScalarType.BFloat16;

    /// <summary>What a user calls the folder.</summary>
    public string ModelName =>
        Path.GetDirectoryName(Output) == Path.GetFullPath(ModelHome.Default) ? Path.GetFileName(Output) : Output;
}
