using System.Text.Encodings.Web;
using System.Text.Json;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Home;

/// <summary>What has become of every file, as JSON lines for other programs.</summary>
internal static class UpReport
{
    private const string PassedOver = "passed-over", NotYet = "waiting";

    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes a line for each file, <c>{"file":"a/b.mp3","state":"rejected","reason":"..."}</c>, whole or not at all.
    /// </summary>
    /// <param name="path">The report, which is replaced.</param>
    /// <param name="tracks">States are <c>ready</c>, <c>rejected</c>, <c>failed</c> and, for what is not handled yet,
    /// <c>queued</c>, <c>analysing</c>, <c>waiting</c>.</param>
    /// <param name="passedOver">What was no music: their state is <c>passed-over</c>.</param>
    /// <param name="cancel">Leaves the old report.</param>
    public static async Task WriteAsync(
        string path, IEnumerable<FolderTrack> tracks, IEnumerable<PassedOverFile> passedOver, CancellationToken cancel)
    {
        var lines = tracks
            .Select(track => new Line(
                track.File.RelativePath,
                track.State is { } state ? JsonNamingPolicy.KebabCaseLower.ConvertName($"{state}") : NotYet,
                track.Reason))
            .Concat(passedOver.Select(file => new Line(file.RelativePath, PassedOver, file.Reason)));
        var whole = $"{path}.part";
        await File.WriteAllLinesAsync(whole, lines.Select(line => JsonSerializer.Serialize(line, Json)), cancel);
        File.Move(whole, path, overwrite: true);
    }

    private sealed record Line(string File, string State, string? Reason);
}
