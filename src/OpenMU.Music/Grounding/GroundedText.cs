// GroundedText.cs - from what a model wrote to what may be stored: no number, key, metre or chord
// that was not measured, no genre, instrument, voice or mood that the track's tags lack, no tempo word that the tempo
// gives the lie to, and nothing that is no language: calls, lists and fields are for programs.
using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>One call of a tool that was answered.</summary>
/// <param name="Name">The tool's name as the model wrote it, long or short.</param>
/// <param name="Value">The result's text.</param>
public sealed record ToolResult(string Name, string Value)
{
    /// <summary>When it was called, UTC; null where nobody kept the time.</summary>
    public DateTime? At { get; init; }

    /// <summary>The result as values; null where nobody has read it so.</summary>
    public ToolReading? Reading { get; init; }
}

/// <summary>A sentence that was left out, whole or in part.</summary>
/// <param name="Written">As the model wrote it.</param>
/// <param name="Kept">What was kept of it; null where nothing was.</param>
/// <param name="Kinds">What it was wrong about; none where it was no language.</param>
public sealed record LeftOut(string Written, string? Kept, IReadOnlyList<ClaimKind> Kinds);

/// <summary>A text in which every figure was measured.</summary>
/// <param name="Text">Its sentences; <see cref="NotSure"/> if none was left.</param>
/// <param name="Dropped">Sentences that were left out, whole or in part.</param>
public sealed partial record GroundedText(string Text, int Dropped)
{
    /// <summary>The answer where nothing that the model said could be kept.</summary>
    public const string NotSure = "Not sure.";

    // Stands for a result within a sentence: no letter, no digit, no end of a sentence.
    private const char FirstResult = '\uE000', LastResult = '\uE0FF';

    /// <summary>
    /// Answered calls become words ("117.6", "A minor", "A major, D major"), and so do lists that the model copied or
    /// made up in a tool's spelling: they are read out as the tool has them. A sentence is dropped where it holds a
    /// call without an answer or anything else that is no language, or a number, key, mode, metre or chord that is not
    /// what the tools say of the track, or contradicts the tags that were decided (in the facts, with
    /// <see cref="MusicalFacts.Decisions"/>); of one that ends with ", which ..." only that end goes where the rest
    /// holds, and a false name goes alone where the rest is still a sentence. Rounded to a whole
    /// number, a tempo is still the tool's.
    /// </summary>
    /// <param name="text">What the model wrote, with results spliced in: <c>[GetAudioTempo() → 117.6 ]</c>.</param>
    /// <param name="results">The calls that were answered. A splice that is not among them is the model's
    /// own invention.</param>
    /// <param name="facts">What is known of the track.</param>
    /// <param name="leftOut">Told of each sentence that was dropped, whole or in part; may be null.</param>
    public static GroundedText Of(
        string text, IReadOnlyList<ToolResult> results, MusicalFacts facts, Action<LeftOut>? leftOut = null)
    {
        var words = new List<string>();
        var marked = Results().Replace(text, "");
        foreach (var result in results.Take(LastResult - FirstResult + 1))
        {
            var splice = $"→ {result.Value} ]";
            var end = marked.IndexOf(splice, StringComparison.Ordinal);
            var start = end < 0 ? -1 : marked.LastIndexOf($"[{result.Name}(", end, StringComparison.Ordinal);
            if (start < 0) continue;
            marked = $"{marked[..start]}{(char)(FirstResult + words.Count)}{marked[(end + splice.Length)..]}";
            words.Add(SpokenValue.Of(result, facts));
        }

        marked = RawValue.Replace(marked, facts, spoken =>
        {
            if (words.Count > LastResult - FirstResult) return null;
            words.Add(spoken);
            return (char)(FirstResult + words.Count - 1);
        });
        var (kept, dropped) = (new List<string>(), 0);
        foreach (var sentence in Sentences(marked))
        {
            var rest = Grounded(sentence, facts);
            if (rest is not null) kept.Add(Spoken(rest, words));
            if (rest == sentence) continue;
            dropped++;
            leftOut?.Invoke(new LeftOut(
                Spoken(sentence, words), rest is null ? null : Spoken(rest, words),
                [.. ClaimFinder.Contradictions(sentence, facts).Select(claim => claim.Kind).Distinct()]));
        }
        return new(kept.Count > 0 ? string.Concat(kept).Trim() : NotSure, dropped);
    }

    /// <summary>What of a sentence holds; null where nothing does.</summary>
    private static string? Grounded(string sentence, MusicalFacts facts)
    {
        if (IsGrounded(sentence, facts)) return sentence;
        // "A tempo of 97.5 BPM, which feels fast": the figure is right.
        var remark = Remark().Match(sentence);
        return remark.Success && sentence[..remark.Index] is var before && IsGrounded(before, facts)
            ? before + remark.Groups["end"].Value
            : RawValue.IsIn(sentence) ? null : SentenceRepair.Of(sentence, facts);
    }

    private static bool IsGrounded(string sentence, MusicalFacts facts)
        => !RawValue.IsIn(sentence) && ClaimFinder.Hold(sentence, facts);

    private static string Spoken(string sentence, List<string> words)
        => Results().Replace(sentence, result => words[result.Value[0] - FirstResult]);

    /// <summary>A sentence keeps its end and the space behind it. Line ends end sentences too.</summary>
    private static IEnumerable<string> Sentences(string text)
    {
        var start = 0;
        foreach (var end in SentenceEnd().Matches(text).Select(match => match.Index + match.Length).Append(text.Length))
        {
            if (!string.IsNullOrWhiteSpace(text[start..end])) yield return text[start..end];
            start = end;
        }
    }

    /// <summary>A stop that no space follows ends nothing: 117.6, "e.g".</summary>
    [GeneratedRegex(@"[.?!]+[""')\]]*\s+|\n\s*")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@",\s+which\b[^,]*?(?<end>[.?!]+[""')\]]*\s*|\s*\z)\z")]
    private static partial Regex Remark();

    [GeneratedRegex("[\uE000-\uE0FF]")]
    private static partial Regex Results();
}
