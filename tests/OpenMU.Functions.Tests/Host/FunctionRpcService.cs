using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using OpenMU.Functions.Tests.Host.Contract;
using Content = OpenMU.Functions.Tests.Host.Contract.StreamingMessage.ContentOneofCase;

namespace OpenMU.Functions.Tests.Host;

/// <summary>The host's end of the one stream to a function app: questions go out, answers come in.</summary>
internal sealed class FunctionRpcService : FunctionRpc.FunctionRpcBase
{
    /// <summary>How long a busy machine may take for one answer; what takes longer will not come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Channel<StreamingMessage> outgoing = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> waiting = [];
    private readonly ConcurrentQueue<RpcLog> log = [];
    private readonly TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the function app has called.</summary>
    public Task Called => called.Task;

    /// <summary>What the function app logged.</summary>
    public IReadOnlyCollection<RpcLog> Log => log;

    /// <summary>Calls of functions that wait for their end.</summary>
    public IEnumerable<string> OpenCalls => waiting.Keys.Where(key => Guid.TryParse(key, out _));

    /// <summary>Sends what is not answered.</summary>
    public async Task SendAsync(StreamingMessage message) => await outgoing.Writer.WriteAsync(message);

    /// <summary>Sends what is answered, and waits for that; fails when the function app is gone before.</summary>
    public async Task<StreamingMessage> AskAsync(StreamingMessage question)
    {
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting[Key(question)!] = answer;
        await SendAsync(question);
        return await answer.Task.WaitAsync(Patience);
    }

    /// <summary>Nobody waits for a function app that is gone.</summary>
    public void Close()
    {
        outgoing.Writer.TryComplete();
        foreach (var answer in waiting.Values)
            answer.TrySetException(new EndOfStreamException("The function app ended."));
    }

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream,
        ServerCallContext context)
    {
        called.TrySetResult();
        var sending = SendAllAsync(responseStream, context.CancellationToken);
        try
        {
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken)) Take(message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The process has ended, which a test may have wanted.
        }
        finally
        {
            Close();
            await sending.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task SendAllAsync(IServerStreamWriter<StreamingMessage> stream, CancellationToken cancel)
    {
        await foreach (var message in outgoing.Reader.ReadAllAsync(cancel)) await stream.WriteAsync(message, cancel);
    }

    private void Take(StreamingMessage message)
    {
        if (message.ContentCase == Content.RpcLog) log.Enqueue(message.RpcLog);
        else if (Key(message) is { } key && waiting.TryRemove(key, out var answer)) answer.TrySetResult(message);
    }

    // A call is known by its own id, anything else by what it is about; null for what these tests have no use for.
    private static string? Key(StreamingMessage message) => message.ContentCase switch
    {
        Content.InvocationRequest => message.InvocationRequest.InvocationId,
        Content.InvocationResponse => message.InvocationResponse.InvocationId,
        Content.FunctionLoadRequest => $"load {message.FunctionLoadRequest.FunctionId}",
        Content.FunctionLoadResponse => $"load {message.FunctionLoadResponse.FunctionId}",
        Content.WorkerInitRequest or Content.WorkerInitResponse => "init",
        Content.FunctionsMetadataRequest or Content.FunctionMetadataResponse => "metadata",
        _ => null,
    };
}
