// GenerationRequest.cs - one text to be generated, from its prompt to its tokens. T positions of the prompt, D width.
using OpenMU.Model.Decoder;
using static TorchSharp.torch;

namespace OpenMU.Model.Generation;

/// <summary>The life of a request.</summary>
public enum GenerationState
{
    Waiting,
    Running,
    Finished,
    Failed,
    Cancelled,
}

/// <summary>
/// Called with a text's tokens after each new one. It may return other tokens that replace them, such as a tool call
/// with its result inserted; the model then prefills what is new and continues from there. Null changes nothing.
/// </summary>
public delegate IReadOnlyList<int>? TokenHook(IReadOnlyList<int> tokens);

/// <summary>One text to be generated. <see cref="TextGenerator.Step"/> fills it in.</summary>
public sealed class GenerationRequest
{
    internal GenerationRequest(
        Tensor embeddings, PromptPrefix? prefix, GenerationOptions options, Action<int>? onToken, TokenHook? tokenHook)
        => (Embeddings, Prefix, Options, OnToken, TokenHook) = (embeddings, prefix, options, onToken, tokenHook);

    public GenerationState State { get; internal set; }

    /// <summary>Why it failed.</summary>
    public Exception? Error { get; internal set; }

    /// <summary>The texts, best first. There is one unless the options ask for beams.</summary>
    public IReadOnlyList<Hypothesis> Hypotheses { get; internal set; } = [];

    /// <summary>The best text's new tokens.</summary>
    /// <exception cref="InvalidOperationException">
    /// The request failed (with the cause as inner exception), was cancelled or has not finished.
    /// </exception>
    public IReadOnlyList<int> Tokens => State == GenerationState.Finished
        ? Hypotheses[0].Tokens
        : throw new InvalidOperationException($"The text is not there: {State}.", Error);

    internal GenerationOptions Options { get; }

    internal Action<int>? OnToken { get; }

    internal TokenHook? TokenHook { get; }

    internal PromptPrefix? Prefix { get; }

    /// <summary>The prompt after the prefix (T, D).</summary>
    internal Tensor Embeddings { get; }

    internal int PromptLength => (Prefix?.Length ?? 0) + (int)Embeddings.shape[0];

    /// <summary>Positions of KV cache that are reserved for it, over all beams.</summary>
    internal int ReservedPositions => Options.Beams * Capacity;

    /// <summary>Positions of one beam's cache.</summary>
    internal int Capacity => PromptLength + Options.MaxNewTokens + Options.MaxInsertedTokens;

    internal KvCache? Cache { get; set; }

    /// <summary>Exists from the first logits on.</summary>
    internal Decoding? Decoding { get; set; }

    /// <summary>Its prompt has not been processed to the end yet.</summary>
    internal bool IsPrefilling => Decoding is null;
}
