// Generation.cs - one text that is asked for, from its prompt to its tokens.
using OpenMU.Model.Decoder;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>How far a request has come.</summary>
public enum GenerationState
{
    Waiting,
    Running,
    Finished,
    Failed,
    Cancelled,
}

/// <summary>
/// Called with a text's tokens after each one that is chosen; may return another text that takes their place, as a tool's result is put in behind
/// its call. The model reads what is new and goes on from there. Null changes nothing.
/// </summary>
public delegate IReadOnlyList<int>? TokenHook(IReadOnlyList<int> tokens);

/// <summary>One text that is asked for; filled in by <see cref="TextGenerator.Step"/>.</summary>
public sealed class GenerationRequest
{
    internal GenerationRequest(Tensor embeddings, PromptPrefix? prefix, GenerationOptions options, Action<int>? onToken, TokenHook? interject)
        => (Embeddings, Prefix, Options, OnToken, Interject) = (embeddings, prefix, options, onToken, interject);

    public GenerationState State { get; internal set; }

    /// <summary>Why it failed.</summary>
    public Exception? Error { get; internal set; }

    /// <summary>The texts, best first; one, unless beams were asked for.</summary>
    public IReadOnlyList<Hypothesis> Hypotheses { get; internal set; } = [];

    /// <summary>The best text's new tokens.</summary>
    /// <exception cref="InvalidOperationException">There is none: the request failed (the cause is inside), was cancelled or has not finished.</exception>
    public IReadOnlyList<int> Tokens => State == GenerationState.Finished ? Hypotheses[0].Tokens : throw new InvalidOperationException($"The text is not there: {State}.", Error);

    internal GenerationOptions Options { get; }

    internal Action<int>? OnToken { get; }

    internal TokenHook? Interject { get; }

    internal PromptPrefix? Prefix { get; }

    /// <summary>What of the prompt lies behind the prefix (T, D).</summary>
    internal Tensor Embeddings { get; }

    internal int PromptLength => (Prefix?.Length ?? 0) + (int)Embeddings.shape[0];

    /// <summary>Positions that it keeps in memory at most.</summary>
    internal int Positions => Options.Beams * Capacity;

    internal int Capacity => PromptLength + Options.MaxNewTokens + Options.RoomForInterjections;

    internal KvCache? Cache { get; set; }

    internal Decoding? Decoding { get; set; }

    internal bool Reading => Decoding is null;
}
