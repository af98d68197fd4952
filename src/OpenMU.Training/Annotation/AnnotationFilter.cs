using System.Text.Json;
using System.Text.RegularExpressions;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Annotation;

/// <summary>
/// Takes a chat model's answer apart and keeps what can be learnt from: no talk about the data instead of the music, no
/// figure from nowhere, no unknown tool.
/// </summary>
internal static partial class AnnotationFilter
{
    private const int FewestWords = 4;

    /// <summary>The tools that an answer may call.</summary>
    public static IReadOnlyList<string> Tools { get; } =
        ["GetAudioTempo", "GetAudioKey", "GetAudioChords", "GetAudioDownbeat"];

    private sealed record Pair(string? Question, string? Answer);

    private static readonly JsonSerializerOptions Format =
        new() { PropertyNameCaseInsensitive = true, AllowTrailingCommas = true };

    /// <summary>
    /// The pairs of an answer; null if it holds no list of them. Text around the list, such as a code
    /// fence, is passed over.
    /// </summary>
    public static IReadOnlyList<(string Question, string Answer)>? Parse(string reply)
    {
        int start = reply.IndexOf('['), end = reply.LastIndexOf(']');
        if (start < 0 || end <= start) return null;
        try
        {
            return [.. JsonSerializer.Deserialize<List<Pair>>(reply[start..(end + 1)], Format)!
                .Select(pair => (pair.Question?.Trim() ?? "", pair.Answer?.Trim() ?? ""))];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a pair may become a record.</summary>
    /// <param name="task">The task it was written for.</param>
    /// <param name="question">May be empty where the record has an instruction of its own.</param>
    /// <param name="answer">What the model would learn to say.</param>
    /// <param name="metadata">All that was known of the clip, as it was sent.</param>
    public static bool Keeps(string task, string question, string answer, string metadata)
    {
        var calls = Calls().Matches(answer);
        var prose = Calls().Replace(answer, "");
        return prose.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length >= FewestWords
            && !Leaks().IsMatch(question) && !Leaks().IsMatch(prose)
            && Figures().Matches(prose)
                .All(figure => Figures().Matches(metadata).Any(known => known.Value == figure.Value))
            && calls.All(call => Tools.Contains(call.Groups[1].Value)) && !prose.Contains('[')
            && (task == BenchRecord.Tools) == (calls.Count > 0);
    }

    [GeneratedRegex(
        @"metadata|\bjson\b|annotat|\bdatas?et\b|provided|\bthe (data|object|fields?|tags?)\b|as an ai|language model|(can ?not|can't) (hear|listen)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Leaks();

    [GeneratedRegex(@"\d+(?:\.\d+)?")]
    private static partial Regex Figures();

    [GeneratedRegex(@" \[(\w+)\(\)\]")]
    private static partial Regex Calls();
}
