namespace OpenMU.Model;

/// <summary>Something that was asked of a <see cref="ModelEngine"/>.</summary>
public abstract class ModelRequest
{
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long position;

    private protected ModelRequest(bool isUrgent, CancellationToken cancel) => (IsUrgent, Cancel) = (isUrgent, cancel);

    /// <summary>Completes when its turn comes, or when it ends without having had one. Never fails.</summary>
    public Task Started => started.Task;

    /// <summary>Completes when it has ended, well or not. Never fails.</summary>
    public abstract Task Ended { get; }

    /// <summary>
    /// Its own windows encoded and its own steps of generation: what others do in the same batch does not count.
    /// </summary>
    public long Position => Volatile.Read(ref position);

    internal bool IsUrgent { get; }

    internal CancellationToken Cancel { get; }

    /// <summary>Guarded by the engine's lock: it has left the lines, or never enters them.</summary>
    internal bool HasLeft { get; set; }

    internal void Start() => started.TrySetResult();

    internal void Advance(int by = 1) => Volatile.Write(ref position, position + by);

    internal virtual void Fail(Exception error) => Start();

    internal virtual void SetCancelled() => Start();
}

/// <summary>A request with a result.</summary>
public abstract class ModelRequest<T> : ModelRequest
{
    private readonly TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected ModelRequest(bool isUrgent, CancellationToken cancel) : base(isUrgent, cancel)
    {
    }

    /// <summary>
    /// What came out. A request whose turn has come ends only when the engine lets go of it: a call into the model that
    /// does not come back leaves it open, whatever is cancelled.
    /// </summary>
    public Task<T> Result => result.Task;

    public override Task Ended => result.Task.ContinueWith(
        _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    internal void Complete(T value)
    {
        Start();
        result.TrySetResult(value);
    }

    internal override void Fail(Exception error)
    {
        base.Fail(error);
        result.TrySetException(error);
    }

    internal override void SetCancelled()
    {
        base.SetCancelled();
        result.TrySetCanceled(Cancel);
    }
}

/// <summary>A track to be encoded; the result is the caller's, see <see cref="ModelEngine.Release"/>.</summary>
public sealed class EncodeRequest : ModelRequest<EncodedTrack>
{
    internal EncodeRequest(TrackEncoding encoding, bool isUrgent, CancellationToken cancel) : base(isUrgent, cancel)
        => Encoding = encoding;

    internal TrackEncoding Encoding { get; }

    /// <summary>Windows that were taken up so far.</summary>
    internal int Taken { get; set; }
}

/// <summary>A text to be generated.</summary>
public sealed class TextRequest : ModelRequest<GeneratedText>
{
    internal TextRequest(PendingText text, bool isUrgent, CancellationToken cancel) : base(isUrgent, cancel)
        => Text = text;

    /// <summary>How many tokens were generated, once it has ended.</summary>
    public int Tokens { get; internal set; }

    internal PendingText Text { get; }
}
