using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Exchange;

/// <summary>A place in a track that a DJ jumps to.</summary>
/// <param name="Seconds">From the start of the file.</param>
/// <param name="Name">Short.</param>
internal sealed record TrackCue(double Seconds, string Name)
{
    // As many hot cues as programs for DJs have buttons for, and how far apart those are that only count bars.
    private const int Most = 8, BarsApart = 32;

    /// <summary>
    /// The first downbeat, then where sections begin; without sections the downbeats at which the key changes, and
    /// where it never does, every 32nd bar.
    /// </summary>
    public static IReadOnlyList<TrackCue> Of(Analysis? analysis)
    {
        var downbeats = (analysis?.Beats ?? []).Where(beat => beat.Number == 1).Select(beat => beat.Seconds).ToList();
        if (downbeats.Count == 0) return [];
        var keys = analysis!.KeySegments.Where(segment => segment.Key is not null).ToList();
        var changes = keys.Zip(keys.Skip(1)).Where(pair => pair.First.Key != pair.Second.Key)
            .Select(pair => new TrackCue(
                downbeats.MinBy(at => Math.Abs(at - pair.Second.Start)), pair.Second.Key!.Value.Name)).ToList();
        var sections = analysis.Sections.Skip(1).Select(part => new TrackCue(part.Start, CueName(part))).ToList();
        var others = sections.Count > 0 ? sections
            : changes.Count > 0 ? changes
            : downbeats.Select((at, bar) => new TrackCue(at, $"Bar {bar + 1}"))
                .Where((_, bar) => bar > 0 && bar % BarsApart == 0).ToList();
        return [.. others.Prepend(new TrackCue(downbeats[0], "Start")).DistinctBy(cue => cue.Seconds).Take(Most)];
    }

    private static string CueName(Section part) => part.Function is { } name
        ? $"{char.ToUpperInvariant(name[0])}{name[1..]}"
        : $"Part {part.Label}";
}

/// <summary>The beat grid of a track: that of the measured beats, unless somebody says another tempo.</summary>
internal static class TrackGrid
{
    // Of the tempo: nearer than this, somebody has only rounded it.
    private const double Rounding = 0.02;

    public static IReadOnlyList<BeatGridMarker> Of(ExportedTrack track)
    {
        var beats = track.Analysis?.Beats ?? [];
        var measured = BeatGridMarker.Of(beats);
        if (track.Bpm is not { } bpm) return measured;
        if (measured.Count > 0 && track.Analysis!.Bpm is { } found && Math.Abs(bpm - found) <= Rounding * found)
            return measured;
        return [new BeatGridMarker(beats.Count > 0 ? beats[0].Seconds : 0, bpm, beats.Count > 0 ? beats[0].Number : 0)];
    }

    /// <summary>The same for programs that take every marker for the beginning of a bar: each stands at its first
    /// downbeat, or where it was if no bar begins before the next marker.</summary>
    public static IReadOnlyList<BeatGridMarker> OnDownbeats(ExportedTrack track)
    {
        var markers = Of(track);
        var downbeats = (track.Analysis?.Beats ?? []).Where(beat => beat.Number == 1)
            .Select(beat => beat.Seconds).ToList();
        return
        [
            .. markers.Select((marker, at) =>
            {
                var end = at + 1 < markers.Count ? markers[at + 1].Seconds : double.PositiveInfinity;
                var first = downbeats.FindIndex(downbeat => downbeat >= marker.Seconds && downbeat < end);
                return first < 0 ? marker : marker with { Seconds = downbeats[first], Number = 1 };
            }),
        ];
    }
}
