using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Cli;

/// <summary>What a verb says: JSON for programs on stdout, a line that comes and goes for people on stderr.</summary>
internal static class VerbOutput
{
    private const int MaxRefusalLines = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One JSON object on a line of its own.</summary>
    public static void Write(object value) => Console.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>So many of something: <c>1 row</c>, <c>2 rows</c>.</summary>
    public static string Count(long count, string one) => $"{count} {one}{(count == 1 ? "" : "s")}";

    /// <summary>Tells how far it has come, where somebody sits before it.</summary>
    public static void Progress(string text)
    {
        if (!Console.IsErrorRedirected) Console.Error.Write($"\r{text} ");
    }

    /// <summary>As <see cref="Progress(string)"/>, of a change of many tracks.</summary>
    public static IProgress<CorrectionSummary> Progress() => new Told();

    /// <summary>Writes what came of a change of tracks; refusals are lines on stderr too.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> EndAsync(CorrectionSummary summary)
    {
        if (!Console.IsErrorRedirected && summary.Total > 0) await Console.Error.WriteLineAsync();
        await TellAsync(summary.Refusals, summary.Refused);
        Write(summary);
        return summary.Refused == 0 ? ExitCode.Done : ExitCode.NotDone;
    }

    /// <summary>Tells why something could not be done with tracks, the first of them on stderr.</summary>
    /// <param name="refusals">Some of them, or all.</param>
    /// <param name="count">Of all.</param>
    public static async Task TellAsync(IReadOnlyList<CorrectionRefusal> refusals, int count)
    {
        foreach (var refusal in refusals.Take(MaxRefusalLines))
            await Console.Error.WriteLineAsync($"openmu: track {refusal.TrackId}: {refusal.Reason}");
        if (count > MaxRefusalLines) await Console.Error.WriteLineAsync($"openmu: and {count - MaxRefusalLines} more.");
    }

    private sealed class Told : IProgress<CorrectionSummary>
    {
        public void Report(CorrectionSummary value) => Progress(
            value.Total is { } total ? $"{value.Tracks} of {Count(total, "track")}" : Count(value.Tracks, "track"));
    }
}
