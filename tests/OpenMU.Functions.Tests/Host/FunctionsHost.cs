using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenMU.Catalogue.Storage;
using OpenMU.Functions.Tests.Host.Contract;
using OpenMU.Testing;

namespace OpenMU.Functions.Tests.Host;

/// <summary>
/// Stands in for the Functions host: starts the function app as a process, as it was built, and speaks to it as the
/// host does. It calls functions when a test says so; the host's own listeners, retries and scale are not in it.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private readonly WebApplication site;
    private readonly FunctionRpcService service = new();
    private readonly Dictionary<string, string> ids = [];
    private Process? process;

    private FunctionsHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(service);
        site = builder.Build();
        site.MapGrpcService<FunctionRpcService>();
    }

    /// <summary>What the function app said of itself when it was greeted.</summary>
    public WorkerInitResponse Greeting { get; private set; } = new();

    /// <summary>What the function app offers, by the answer to the host's question.</summary>
    public IReadOnlyList<RpcFunctionMetadata> Offered { get; private set; } = [];

    /// <summary>What it logged so far, through the host.</summary>
    public IReadOnlyCollection<RpcLog> Log => service.Log;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts the function app, greets it, asks for its functions and loads each.</summary>
    /// <param name="stage">Its storage and catalogue.</param>
    /// <param name="storage">Connection string that it is given; null for the stage's own.</param>
    public static async Task<FunctionsHost> StartAsync(Stage stage, string? storage = null)
    {
        var host = new FunctionsHost();
        try
        {
            await host.site.StartAsync(Cancel);
            host.StartProcess(stage, storage ?? stage.ConnectionString);
            await host.LoadAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a function by its timer.</summary>
    public Task<StatusResult> TickAsync(string function) => InvokeAsync(function, new ParameterBinding
    {
        Name = "timer",
        Data = new TypedData { Json = """{"Schedule":{"AdjustForDST":true},"IsPastDue":false}""" },
    });

    /// <summary>Calls the blob trigger as the host does for an event that names this blob.</summary>
    public Task<StatusResult> AnnounceAsync(string blobName) => InvokeAsync(nameof(IngestTrack), new ParameterBinding
    {
        Name = "blob",
        Data = new TypedData
        {
            ModelBindingData = new ModelBindingData
            {
                Version = "1.0",
                Source = "AzureStorageBlobs",
                ContentType = "application/json",
                Content = ByteString.CopyFromUtf8(JsonSerializer.Serialize(
                    new { Connection = "Storage", ContainerName = StorageNames.Tracks, BlobName = blobName })),
            },
        },
    });

    /// <summary>
    /// Gives the queue trigger all that wait on the queue of uploads, as the host's listener does: what succeeds leaves
    /// the queue.
    /// </summary>
    /// <returns>How many messages.</returns>
    public async Task<int> DeliverUploadsAsync(Stage stage)
    {
        var queue = stage.Storage.Uploads;
        for (var delivered = 0; ; delivered++)
        {
            if ((await queue.ReceiveMessageAsync(cancellationToken: Cancel)).Value is not { } message) return delivered;
            var result = await InvokeAsync(nameof(UploadQueue), new ParameterBinding
            {
                Name = "blobName",
                Data = new TypedData { String = message.Body.ToString() },
            });
            result.Status.Should().Be(StatusResult.Types.Status.Success, $"it says: {result.Exception?.Message}");
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancel);
        }
    }

    /// <summary>Tells the function app to give up all calls that have not been answered.</summary>
    public async Task CancelCallsAsync()
    {
        foreach (var call in service.OpenCalls)
        {
            await service.SendAsync(
                new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = call } });
        }
    }

    /// <summary>As before an update of the code: the host tells the app to end.</summary>
    public Task TerminateAsync() => service.SendAsync(new StreamingMessage { WorkerTerminate = new WorkerTerminate() });

    /// <summary>SIGTERM, as the machine sends it before it goes.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process!.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the function app's end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await process!.WaitForExitAsync(Cancel).WaitAsync(FunctionRpcService.Patience);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false }) process.Kill();
        process?.Dispose();
        service.Close();
        await site.DisposeAsync();
    }

    private void StartProcess(Stage stage, string storage)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramFile.Of("OpenMU.Functions")]);
        foreach (var (name, value) in ((string, string)[])
            [("uri", site.Urls.Single()), ("worker-id", "app"), ("request-id", "start"),
             ("grpc-max-message-length", "2147483647")])
        {
            start.ArgumentList.Add($"--functions-{name}");
            start.ArgumentList.Add(value);
        }

        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = ProgramFile.FolderOf("OpenMU.Functions");
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = ProgramFile.FolderOf("OpenMU.Functions");
        start.Environment["Storage__connectionString"] = storage;
        // The trigger's binding reads a connection string here; in Azure it has the endpoints and an identity.
        start.Environment["Storage"] = storage;
        start.Environment["Catalogue__connectionString"] = $"Data Source={stage.CataloguePath}";
        start.Environment["Ingest__grace"] = "00:00:00";
        process = Process.Start(start)!;
    }

    private async Task LoadAsync()
    {
        // A function app that ends instead of calling would be waited for in vain.
        var called = await Task.WhenAny(service.Called, process!.WaitForExitAsync(Cancel));
        called.Should().BeSameAs(service.Called, "the function app calls the host");
        var folder = ProgramFile.FolderOf("OpenMU.Functions");
        var greeting = new WorkerInitRequest
        {
            HostVersion = "4.1040.0",
            WorkerDirectory = folder,
            FunctionAppDirectory = folder,
        };
        // By this the host says that it sends InvocationCancel.
        greeting.Capabilities.Add("HandlesInvocationCancelMessage", "1");
        Greeting = (await AskAsync(new StreamingMessage { WorkerInitRequest = greeting })).WorkerInitResponse;
        var offer = await AskAsync(new StreamingMessage
        {
            FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = folder },
        });
        Offered = offer.FunctionMetadataResponse.FunctionMetadataResults;
        foreach (var function in Offered)
        {
            ids[function.Name] = function.FunctionId;
            var loaded = await AskAsync(new StreamingMessage
            {
                FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function },
            });
            var result = loaded.FunctionLoadResponse.Result;
            result.Status.Should().Be(
                StatusResult.Types.Status.Success, $"{function.Name}: {result.Exception?.Message}");
        }
    }

    private Task<StreamingMessage> AskAsync(StreamingMessage question) => service.AskAsync(question);

    private async Task<StatusResult> InvokeAsync(string function, ParameterBinding trigger)
    {
        var call = new InvocationRequest
        {
            InvocationId = Guid.NewGuid().ToString(),
            FunctionId = ids[function],
            TraceContext = new RpcTraceContext(),
        };
        call.InputData.Add(trigger);
        return (await AskAsync(new StreamingMessage { InvocationRequest = call })).InvocationResponse.Result;
    }
}
