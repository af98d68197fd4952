// ToolLoop.cs - calls of measuring tools within a text, as OpenMU was published with them: " [GetAudioTempo()]" becomes " [GetAudioTempo() → 117.6 ]".
using System.Text.RegularExpressions;

namespace OpenMU.Model;

/// <summary>Measures something of the track that a text is about.</summary>
/// <param name="name">The tool's name as the model wrote it: GetAudioTempo, or the published short name F2.</param>
/// <returns>The result as Python's str() writes it; null if there is no such tool or it found nothing.</returns>
public delegate string? ToolCallback(string name);

/// <summary>A text with its calls answered.</summary>
/// <param name="Text">What the model wrote, each result spliced in before its call's closing bracket.</param>
/// <param name="Results">The answered calls in their order.</param>
public sealed record ToolText(string Text, IReadOnlyList<ToolResult> Results);

/// <summary>One answered call.</summary>
public sealed record ToolResult(string Name, string Value);

/// <summary>Finds calls and splices results in.</summary>
public static partial class ToolLoop
{
    private const char Arrow = '→';

    /// <summary>
    /// Answers every call in a text. What cannot be answered stays as it is: no space before the bracket, an argument that is no literal or that
    /// the tool does not take (none takes any), an unknown tool, a tool that fails or finds nothing.
    /// </summary>
    public static ToolText Answer(string text, ToolCallback tool)
    {
        var results = new List<ToolResult>();
        var answered = Call().Replace(text, call =>
        {
            if (Result(call, tool) is not { } value) return call.Value;
            results.Add(new(call.Groups["name"].Value, value));
            return $"{call.Value[..^1]} {Arrow} {value} ]";
        });
        return new(answered, results);
    }

    private static string? Result(Match call, ToolCallback tool)
    {
        if (call.Groups["arguments"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Length > 0) return null;
        try
        {
            return tool(call.Groups["name"].Value);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            return null;
        }
    }

    [GeneratedRegex(@" \[(?<name>\w+)\((?<arguments>[^)]*)\)\]")]
    private static partial Regex Call();
}
