using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenMU.Music.Grounding;

/// <summary>A tool's result as values for programs, beside its published text.</summary>
/// <param name="Track">Of a question about several tracks, which one, from 1; null where it is about one. A tool takes
/// no other argument.</param>
/// <param name="Number">The result, where it is a number.</param>
/// <param name="Unit">Of the number: BPM, s, LUFS, LU.</param>
/// <param name="Key">The result, where it is a key, as in "A minor".</param>
/// <param name="Segments">The result, where it is a list in time: its beginning.</param>
/// <param name="FromSeconds">From where in the track it was measured.</param>
/// <param name="ToSeconds">Up to where; null where the length is unknown.</param>
/// <param name="Confidence">0 to 1; null where the tool gives none, or a person has said the value.</param>
public sealed partial record ToolReading(
    int? Track, double? Number, string? Unit, string? Key, IReadOnlyList<ToolSegment> Segments, double FromSeconds,
    double? ToSeconds, double? Confidence)
{
    /// <summary>The most <see cref="Segments"/> that are kept.</summary>
    public const int MaxSegments = 100;

    /// <summary>What a tool says of a track.</summary>
    /// <param name="tool">Long or short name.</param>
    /// <param name="facts">What is known of the track.</param>
    /// <param name="track">Which of several, from 1; null where there is one.</param>
    /// <returns>Null where there is no such tool.</returns>
    public static ToolReading? Of(string tool, MusicalFacts facts, int? track = null)
    {
        var whole = new ToolReading(track, null, null, null, [], 0, facts.DurationSeconds, null);
        return MusicalFacts.Tools.GetValueOrDefault(tool, tool) switch
        {
            nameof(MusicalFacts.GetAudioTempo) =>
                whole with { Number = facts.ToolBpm, Unit = "BPM", Confidence = facts.BpmConfidence },
            nameof(MusicalFacts.GetAudioKey) => whole with { Key = facts.Key?.Name, Confidence = facts.KeyConfidence },
            nameof(MusicalFacts.GetAudioChords) => whole with
            {
                Segments = [.. facts.MajMinChords().Take(MaxSegments).Select(chord => new ToolSegment(
                    chord.Start, chord.End, MusicalFacts.ChordName(chord, " ")))]
            },
            nameof(MusicalFacts.GetAudioDownbeat) => whole with
            {
                Segments = [.. facts.Beats.Take(MaxSegments).Select(beat => new ToolSegment(
                    beat.Seconds, beat.Seconds, beat.Number.ToString(CultureInfo.InvariantCulture)))]
            },
            "duration" => whole with { Number = facts.DurationSeconds, Unit = "s" },
            "loudness" => whole with { Number = facts.Lufs, Unit = "LUFS" },
            "loudness range" => whole with { Number = facts.LoudnessRange, Unit = "LU" },
            _ => null,
        };
    }

    /// <summary>A result with its values.</summary>
    /// <param name="result">Of a question about several tracks its text begins with the track's place, as in
    /// "[2] 96.0".</param>
    /// <param name="tracks">What is known of each.</param>
    internal static ToolResult Read(ToolResult result, IReadOnlyList<MusicalFacts> tracks)
    {
        if (tracks is [var only]) return result with { Reading = Of(result.Name, only) };
        return Place().Match(result.Value) is { Success: true } place
            && int.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var track && track <= tracks.Count
            ? result with { Reading = Of(result.Name, tracks[track - 1], track) }
            : result;
    }

    [GeneratedRegex(@"^\[([1-9])\] ")]
    private static partial Regex Place();
}

/// <summary>A part of a result in time.</summary>
/// <param name="FromSeconds">Where it begins.</param>
/// <param name="ToSeconds">Where it ends; a beat has no length.</param>
/// <param name="Label">A chord, "no chord", or a beat's number in its bar.</param>
public sealed record ToolSegment(double FromSeconds, double ToSeconds, string Label);
