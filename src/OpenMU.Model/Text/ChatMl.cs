using OpenMU.Model.Families;

namespace OpenMU.Model.Text;

/// <summary>
/// The chat format of Qwen's models (ChatML), as families with such a language model use it: a system turn, a user turn
/// that begins with the music, and the opening of the answer.
/// </summary>
internal static class ChatMl
{
    public const string TurnStart = "<|im_start|>", TurnEnd = "<|im_end|>", EndOfText = "<|endoftext|>";

    /// <summary>What every tokenizer of such a model has.</summary>
    public static IReadOnlyList<string> Tokens { get; } = [TurnStart, TurnEnd, EndOfText];

    /// <summary>The ids of a prompt. Names of special tokens in the user's words are ordinary text.</summary>
    /// <param name="tokenizer">Of the language model.</param>
    /// <param name="system">The words of the system turn.</param>
    /// <param name="music">The ids that stand for the music, with what surrounds it.</param>
    /// <param name="words">The words of the user behind the music.</param>
    public static int[] Ids(Tokenizer tokenizer, string system, IEnumerable<int> music, string words) =>
    [
        .. tokenizer.Encode($"{TurnStart}system\n{system}{TurnEnd}\n{TurnStart}user\n", allowSpecial: true),
        .. music,
        .. tokenizer.Encode(words),
        .. tokenizer.Encode($"{TurnEnd}\n{TurnStart}assistant\n", allowSpecial: true)
    ];

    /// <summary>One span for each track: start, placeholder, end, with ids between two spans.</summary>
    public static IEnumerable<int> Spans(int tracks, int start, int end, IReadOnlyList<int> between)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tracks);
        return Enumerable.Range(0, tracks)
            .SelectMany(track => (int[])[.. track > 0 ? between : [], start, ModelConfig.MusicToken, end]);
    }

    /// <summary>
    /// An answer without the thoughts that a model writes between &lt;think&gt; and &lt;/think&gt;; without an end they
    /// run to the end of the text.
    /// </summary>
    public static IReadOnlyList<int> WithoutThoughts(IReadOnlyList<int> tokens, Tokenizer tokenizer)
    {
        if (!tokenizer.Specials.TryGetValue("</think>", out var end)) return tokens;
        var after = 0;
        for (var i = 0; i < tokens.Count; i++) if (tokens[i] == end) after = i + 1;
        if (after > 0) return [.. tokens.Skip(after)];
        return tokenizer.Specials.TryGetValue("<think>", out var start)
            ? [.. tokens.TakeWhile(token => token != start)]
            : tokens;
    }
}
