// ModelEngine.cs - one thread that has the model to itself. Requests of many tracks wait in two lines, one for windows
// to be encoded and one for texts to be written; each turn encodes a batch of windows or runs a step of all texts.
// Over 400 lines because both kinds of requests share one lock and one thread.
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Music;

namespace OpenMU.Model;

/// <summary>
/// Encodes and writes for any number of callers at once. What fails, is cancelled or is done leaves the batch alone,
/// and what comes joins it between two steps. Its methods may be called by any thread.
/// </summary>
public sealed class ModelEngine
{
    private readonly MusicModel model;
    private readonly EngineLimits limits;
    private readonly Func<Exception, bool> isDeviceFault;
    private readonly object gate = new();
    private readonly WaitingLines<EncodeRequest> sounds;
    private readonly WaitingLines<TextRequest> texts;
    private readonly List<EncodedTrack> released = [];

    // Only the engine's thread touches these.
    private readonly List<EncodeRequest> encoding = [];
    private readonly List<TextRequest> writing = [];
    private readonly HashSet<EncodedTrack> begun = [];
    private int stepsSinceWindows;

    private Thread? thread;
    private Exception? broken;
    private bool hasNews, isStopped, hasEnded;

    /// <param name="model">The model; it is the engine's alone from now on, and stays the caller's to dispose.</param>
    /// <param name="limits">How it is shared out.</param>
    /// <param name="isDeviceFault">Whether an exception means that every later call will fail as well.</param>
    public ModelEngine(MusicModel model, EngineLimits? limits = null, Func<Exception, bool>? isDeviceFault = null)
    {
        (this.model, this.limits) = (model, limits ?? new());
        this.isDeviceFault = isDeviceFault ?? (e => e is OutOfMemoryException);
        (sounds, texts) = (new(this.limits.UrgentInARow), new(this.limits.UrgentInARow));
    }

    /// <summary>How many tracks the last pass was made for.</summary>
    public int TracksInPass { get; private set; }

    /// <summary>Starts the thread. Without it, whoever tests calls <see cref="Turn"/>.</summary>
    public void Start()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "model" };
        thread.Start();
    }

    /// <summary>Asks for a track to be encoded.</summary>
    /// <param name="mono16kHz">Mono samples at 16 kHz in [-1, 1].</param>
    /// <param name="isUrgent">Before those that are not.</param>
    /// <param name="cancel">Takes the request back.</param>
    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    public EncodeRequest Encode(float[] mono16kHz, bool isUrgent, CancellationToken cancel) =>
        Encode(model.Begin(mono16kHz), isUrgent, cancel);

    /// <summary>Asks for a text about a track.</summary>
    /// <param name="track">From this engine.</param>
    /// <param name="instruction">What to write.</param>
    /// <param name="facts">As in <see cref="MusicModel.Generate"/>.</param>
    /// <param name="options">How tokens are chosen; null means greedy, at most 256 tokens.</param>
    /// <param name="isUrgent">Before those that are not.</param>
    /// <param name="cancel">Takes the request back.</param>
    /// <exception cref="ArgumentException">The instruction is too long for the model.</exception>
    public TextRequest Write(
        EncodedTrack track, string instruction, MusicalFacts? facts, GenerationOptions? options, bool isUrgent,
        CancellationToken cancel) =>
        Write(model.Prepare(track, instruction, facts, options ?? new()), isUrgent, cancel);

    /// <summary>Disposes a track, which no text must be about any more, between two steps.</summary>
    public void Release(EncodedTrack track)
    {
        lock (gate)
        {
            if (!hasEnded)
            {
                released.Add(track);
                Wake();
                return;
            }
        }
        track.Dispose();
    }

    /// <summary>
    /// Ends the thread. What is asked fails from now on.
    /// </summary>
    /// <param name="patience">How long a call into the model that does not come back is waited for.</param>
    /// <returns>False if the thread is still in the model, which then must not be disposed.</returns>
    public bool Stop(TimeSpan patience)
    {
        lock (gate)
        {
            isStopped = true;
            Wake();
        }
        if (thread is not null) return thread.Join(patience);
        Finish();
        return true;
    }

    internal EncodeRequest Encode(TrackEncoding recording, bool isUrgent, CancellationToken cancel) =>
        Enter(sounds, new(recording, isUrgent, cancel));

    internal TextRequest Write(PendingText text, bool isUrgent, CancellationToken cancel) =>
        Enter(texts, new(text, isUrgent, cancel));

    /// <summary>One turn of the engine's thread.</summary>
    /// <returns>False if there was nothing to do.</returns>
    internal bool Turn()
    {
        Forget();
        DropCancelled();
        Admit();
        try
        {
            if (IsTurnOfWindows()) EncodeWindows();
            else if (writing.Count > 0) WriteStep();
            else return false;
        }
        catch (Exception e)
        {
            // Not the fault of one request alone: those are told apart further down.
            End(e);
        }
        return true;
    }

    private void Run()
    {
        while (true)
        {
            lock (gate)
            {
                if (isStopped) break;
                hasNews = false;
            }
            if (Turn()) continue;
            lock (gate)
            {
                while (!hasNews) Monitor.Wait(gate);
            }
        }
        Finish();
    }

    private void Finish()
    {
        End(new ObjectDisposedException(nameof(ModelEngine)));
        lock (gate) hasEnded = true;
        Forget();
    }

    /// <summary>The caller holds the lock.</summary>
    private void Wake()
    {
        hasNews = true;
        Monitor.PulseAll(gate);
    }

    private TRequest Enter<TRequest>(WaitingLines<TRequest> line, TRequest request) where TRequest : ModelRequest
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isStopped, this);
            if (broken is not null) throw Broken();
            line.Add(request, request.IsUrgent);
            Wake();
        }
        // While it waits it is let go of at once; later the engine's thread does it.
        var registration = request.Cancel.Register(() => TakeBack(line, request));
        request.Ended.ContinueWith(
            _ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return request;
    }

    private void TakeBack<TRequest>(WaitingLines<TRequest> line, TRequest request) where TRequest : ModelRequest
    {
        lock (gate)
        {
            if (request.HasLeft) return;
            request.HasLeft = true;
            line.Remove(request);
        }
        request.SetCancelled();
    }

    /// <summary>Disposes what callers have let go of.</summary>
    private void Forget()
    {
        EncodedTrack[] tracks;
        lock (gate)
        {
            tracks = [.. released];
            released.Clear();
        }
        foreach (var track in tracks)
        {
            begun.Remove(track);
            track.Dispose();
        }
    }

    private void DropCancelled()
    {
        foreach (var request in encoding.Where(request => request.Cancel.IsCancellationRequested).ToArray())
        {
            Leave(request);
            request.SetCancelled();
        }
        foreach (var request in writing.Where(request => request.Cancel.IsCancellationRequested).ToArray())
        {
            Leave(request);
            request.SetCancelled();
        }
    }

    /// <summary>Lets texts into the batch, in their order, while memory has room for them.</summary>
    private void Admit()
    {
        while (true)
        {
            TextRequest? next;
            lock (gate) next = texts.Next;
            if (next is null) return;
            try
            {
                if (!model.TrySubmit(next.Text) && !(writing.Count == 0 && TryMakeRoom(next))) return;
                if (!Take(texts, next)) model.Cancel(next.Text);
                else writing.Add(next);
                begun.Add(next.Text.Track);
            }
            catch (Exception e)
            {
                Take(texts, next);
                Fail(next, e);
            }
        }
    }

    /// <summary>
    /// Nothing is being written, and there is no room: beginnings of tracks hold it whose other texts wait behind this
    /// one. They are prefilled again later.
    /// </summary>
    private bool TryMakeRoom(TextRequest next)
    {
        foreach (var track in begun.Where(track => track != next.Text.Track))
        {
            track.Prefix?.Dispose();
            track.Prefix = null;
        }
        begun.RemoveWhere(track => track.Prefix is null);
        return model.TrySubmit(next.Text);
    }

    private bool Take<TRequest>(WaitingLines<TRequest> line, TRequest request) where TRequest : ModelRequest
    {
        lock (gate)
        {
            if (request.HasLeft) return false;
            line.Serve(request.IsUrgent);
            request.HasLeft = true;
            line.Remove(request);
        }
        request.Start();
        return true;
    }

    /// <summary>
    /// Windows and steps take turns. While an urgent text is being written, windows that are not urgent wait longer:
    /// one of them takes as long as many steps.
    /// </summary>
    private bool IsTurnOfWindows()
    {
        bool isWaiting, hasUrgent;
        lock (gate) (isWaiting, hasUrgent) = (!sounds.IsEmpty, sounds.HasUrgent);
        if (!isWaiting || writing.Count == 0) return isWaiting;
        var steps = !hasUrgent && writing.Any(request => request.IsUrgent) ? limits.StepsBetweenWindows : 1;
        return stepsSinceWindows >= steps;
    }

    private void EncodeWindows()
    {
        stepsSinceWindows = 0;
        var batch = NextWindows();
        if (batch.Count == 0) return;
        TracksInPass = batch.Select(part => part.Request).Distinct().Count();
        EncodedWindow[] encoded;
        try
        {
            encoded = [.. model.Encode([.. batch.Select(part => part.Window)])];
        }
        catch (Exception e) when (batch.Count > 1 && e is not OutOfMemoryException)
        {
            // One of them is to blame: alone, each shows whether it is.
            foreach (var part in batch) EncodeAlone(part.Request, part.Window);
            return;
        }
        catch (Exception e)
        {
            Fail(batch[0].Request, e);
            return;
        }
        foreach (var ((request, _), window) in batch.Zip(encoded)) Add(request, window);
    }

    /// <summary>The windows of the next batch, each with the request that it is of.</summary>
    private List<(EncodeRequest Request, SoundWindow Window)> NextWindows()
    {
        var batch = new List<(EncodeRequest, SoundWindow)>();
        lock (gate)
        {
            while (batch.Count < limits.WindowsAtOnce && sounds.Next is { } next)
            {
                batch.Add((next, next.Encoding[next.Taken++]));
                sounds.Serve(next.IsUrgent);
                if (next.Taken == 1) encoding.Add(next);
                // From its first window on only this thread lets go of it.
                next.HasLeft = true;
                if (next.Taken == next.Encoding.Count) sounds.Remove(next);
            }
        }
        foreach (var (request, _) in batch) request.Start();
        return batch;
    }

    private void EncodeAlone(EncodeRequest request, SoundWindow window)
    {
        // An earlier window of the same track may have failed.
        if (!encoding.Contains(request)) return;
        try
        {
            Add(request, model.Encode([window])[0]);
        }
        catch (Exception e)
        {
            Fail(request, e);
        }
    }

    private void Add(EncodeRequest request, EncodedWindow window)
    {
        request.Encoding.Add(window);
        request.Advance();
        if (request.Encoding.Next is not null) return;
        try
        {
            var track = model.Finish(request.Encoding);
            Leave(request);
            request.Complete(track);
        }
        catch (Exception e)
        {
            Fail(request, e);
        }
    }

    private void WriteStep()
    {
        stepsSinceWindows++;
        TracksInPass = writing.Select(request => request.Text.Track).Distinct().Count();
        model.Step();
        foreach (var request in writing.ToArray())
        {
            request.Advance();
            // Where the device has failed, all have left.
            if (!request.Text.IsDone || !writing.Contains(request)) continue;
            try
            {
                var text = model.Finish(request.Text);
                request.Tokens = request.Text.Request!.Tokens.Count;
                Leave(request);
                request.Complete(text);
            }
            catch (Exception e)
            {
                Fail(request, e);
            }
        }
    }

    private void Leave(ModelRequest request)
    {
        if (request is TextRequest text)
        {
            writing.Remove(text);
            model.Cancel(text.Text);
            return;
        }
        var encode = (EncodeRequest)request;
        encoding.Remove(encode);
        lock (gate) sounds.Remove(encode);
        encode.Encoding.Dispose();
    }

    private void Fail(ModelRequest request, Exception error)
    {
        Leave(request);
        request.Fail(error);
        if (isDeviceFault(error)) End(error);
    }

    /// <summary>Ends everything with an error; for good where it is the device's.</summary>
    private void End(Exception error)
    {
        List<ModelRequest> all = [.. encoding, .. writing];
        lock (gate)
        {
            if (isDeviceFault(error)) broken ??= error;
            while (sounds.Next is { } sound)
            {
                sounds.Remove(sound);
                if (!all.Contains(sound)) all.Add(sound);
                sound.HasLeft = true;
            }
            while (texts.Next is { } text)
            {
                texts.Remove(text);
                all.Add(text);
                text.HasLeft = true;
            }
        }
        foreach (var request in all)
        {
            Leave(request);
            request.Fail(broken is null ? error : Broken());
        }
    }

    private InvalidOperationException Broken() => new("The model's device has failed.", broken);
}
