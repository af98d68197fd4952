// ToolLoop.cs - calls of measuring tools within a text, as OpenMU was published with them: "
// [GetAudioTempo()]" becomes " [GetAudioTempo() → 117.6 ]". Published, a text is written to its end and
// results are spliced in afterwards (Answer). Beyond the reference, a model that was trained to read results
// goes on writing after each (AnswerWhileWriting).
using System.Text;
using System.Text.RegularExpressions;
using OpenMU.Model.Generation;
using OpenMU.Music;
using OpenMU.Music.Grounding;

namespace OpenMU.Model.Text;

/// <summary>Finds calls and splices results in.</summary>
/// <param name="tokenizer">Of the model that writes.</param>
/// <param name="facts">What is known of the track that the text is about; the tools answer from it.</param>
/// <param name="time">Tells when tools were called; null keeps no times.</param>
public sealed partial class ToolLoop(Tokenizer tokenizer, MusicalFacts facts, TimeProvider? time = null)
{
    private const char Arrow = '→';
    private readonly List<ToolResult> results = [];

    /// <summary>The calls that were answered so far, in their order.</summary>
    public IReadOnlyList<ToolResult> Results => results;

    /// <summary>
    /// Answers every call in a text. What cannot be answered stays as it is: no space before the bracket,
    /// an argument (a malformed one, or one that the tool does not take: none takes any), an unknown tool,
    /// a tool that finds nothing.
    /// </summary>
    public string Answer(string text) => Call().Replace(text, call => Answered(call) ?? call.Value);

    /// <summary>
    /// For <see cref="TextGenerator"/>, after each token: the text with a result put in, or null. Behind " [F2() →" the
    /// value follows, as a model writes that was trained on answered calls; it closes the bracket itself. A call that
    /// was closed at once, " [F2()]", is opened again for its result. Tokens before that stay what they are.
    /// </summary>
    public IReadOnlyList<int>? AnswerWhileWriting(IReadOnlyList<int> tokens)
    {
        var last = Encoding.UTF8.GetString(tokenizer.BytesOf(tokens[^1]) ?? []);
        if (!last.Contains(']') && !last.Contains(Arrow)) return null;
        var before = tokenizer.Decode(tokens.Take(tokens.Count - 1), skipSpecial: false);
        var text = tokenizer.Decode(tokens, skipSpecial: false);
        if (OpenCall().Match(text) is { Success: true } open)
            return Result(open) is { } value ? [.. tokens, .. tokenizer.Encode($" {value}")] : null;
        // A call that ended before the last token has had its answer, or has none.
        if (Call().Matches(text).FirstOrDefault(match => match.Index + match.Length > before.Length) is not { } call
            || Answered(call) is not { } answered)
        {
            return null;
        }
        var spliced = text[..call.Index] + answered + text[(call.Index + call.Length)..];
        return [.. tokens.Take(tokens.Count - 1), .. tokenizer.Encode(spliced[before.Length..])];
    }

    /// <summary>Where a text holds results, each with the space before it.</summary>
    internal static IEnumerable<Range> Values(string text) => AnsweredCall().Matches(text)
        .Select(match => match.Groups["value"])
        .Select(value => value.Index..(value.Index + value.Length));

    private string? Answered(Match call) => Result(call) is { } value ? $"{call.Value[..^1]} {Arrow} {value} ]" : null;

    private string? Result(Match call)
    {
        if (call.Groups["arguments"].Value.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Length > 0)
        {
            return null;
        }
        var name = call.Groups["name"].Value;
        if (facts.Call(name) is not { } value) return null;
        results.Add(new(name, value) { At = time?.GetUtcNow().UtcDateTime });
        return value;
    }

    [GeneratedRegex(@" \[(?<name>\w+)\((?<arguments>[^)]*)\)\]")]
    private static partial Regex Call();

    [GeneratedRegex(@" \[(?<name>\w+)\((?<arguments>[^)]*)\) →\z")]
    private static partial Regex OpenCall();

    [GeneratedRegex(@" \[\w+\([^)]*\) →(?<value> .+?) \]")]
    private static partial Regex AnsweredCall();
}
