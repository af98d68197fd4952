using System.Text.Json;
using OpenMU.Catalogue;
using OpenMU.Mir;
using OpenMU.Mir.Audio;
using Beat = OpenMU.Catalogue.Beat;
using KeySegment = OpenMU.Catalogue.KeySegment;

namespace OpenMU.Worker;

/// <summary>A file in, all that the catalogue keeps about it out: every tool is asked, and each stored field names its source.</summary>
public class TrackAnalyser(DecodeLimits limits, TimeProvider time)
{
    private const string Open = "open";

    private static readonly string Version = typeof(TrackMeasurer).Assembly.GetName().Version!.ToString(3);

    /// <summary>Analyses one file.</summary>
    /// <param name="path">Any regular file; its name is not looked at.</param>
    /// <param name="cancel">Ends the decoder and the analysis.</param>
    /// <returns>The result, not yet bound to a job.</returns>
    /// <exception cref="UnreadableAudioException">The file is no usable music; the message says why.</exception>
    public virtual async Task<Analysis> AnalyseAsync(string path, CancellationToken cancel)
    {
        var measured = await TrackMeasurer.MeasureAsync(path, limits, progress: null, cancel);
        var analysis = new Analysis
        {
            Title = measured.Info.Title,
            Artist = measured.Info.Artist,
            Album = measured.Info.Album,
            DurationSeconds = measured.DurationSeconds,
            Codec = measured.Info.Codec,
            SampleRate = measured.Info.SampleRate,
            Channels = measured.Info.Channels,
            Bpm = measured.Tempo?.Bpm,
            BpmConfidence = measured.Tempo?.Confidence,
            BpmAlternatives = [.. (measured.Tempo?.Alternatives ?? []).Select(tempo => new TempoReading(tempo.Bpm, tempo.Confidence))],
            Metre = BeatsToTheBar(measured.Beats.Metre),
            Beats = [.. measured.Beats.Times.Zip(measured.Beats.Numbers, (seconds, number) => new Beat(seconds, number))],
            Key = measured.Key.Key,
            KeyConfidence = measured.Key.Confidence,
            Camelot = measured.Key.Camelot,
            OpenKey = measured.Key.OpenKey,
            TuningCents = measured.Key.Key is null ? null : measured.Key.TuningCents,
            KeySegments = [.. from segment in measured.Key.Segments where segment.Key is not null select new KeySegment(segment.Start, segment.End, segment.Key!, segment.Confidence)],
            Chords = [.. measured.Chords.Select(chord => new Chord(chord.Start, chord.End, chord.Label, chord.Confidence))],
            IntegratedLufs = measured.Loudness.IntegratedLufs,
            LoudnessRangeLu = measured.Loudness.RangeLu,
            TruePeakDbtp = measured.Loudness.TruePeakDbtp,
            QualityFlags = Flags(measured.Quality.Faults),
            AnalysedAt = time.GetUtcNow().UtcDateTime,
        };
        AddSources(analysis, measured);
        return analysis;
    }

    /// <summary><c>6/8</c> becomes 6.</summary>
    private static int? BeatsToTheBar(string? metre) => metre is null ? null : int.Parse(metre.AsSpan(0, metre.IndexOf('/')));

    /// <summary><c>SilentStart</c> becomes <c>silent-start</c>.</summary>
    private static List<string> Flags(SoundFaults faults) =>
        [.. Enum.GetValues<SoundFaults>().Where(fault => fault != SoundFaults.None && faults.HasFlag(fault)).Select(fault => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString()))];

    private static void AddSources(Analysis analysis, TrackMeasurement measured)
    {
        void From(string source, double seconds, double? confidence, params ReadOnlySpan<string> fields)
        {
            foreach (var field in fields) analysis.Sources.Add(new FieldSource(field, source, Version, Open, seconds, confidence));
        }

        var heard = analysis.DurationSeconds;
        if (analysis.Title is not null) From("file.tags", 0, null, nameof(Analysis.Title));
        if (analysis.Artist is not null) From("file.tags", 0, null, nameof(Analysis.Artist));
        if (analysis.Album is not null) From("file.tags", 0, null, nameof(Analysis.Album));
        From("ffprobe", 0, null, nameof(Analysis.Codec), nameof(Analysis.SampleRate), nameof(Analysis.Channels));
        From("mir.decode", heard, 1, nameof(Analysis.DurationSeconds));
        From("mir.tempo", heard, measured.Tempo?.Confidence, nameof(Analysis.Bpm), nameof(Analysis.BpmAlternatives));
        From("mir.beats", heard, measured.Beats.Confidence, nameof(Analysis.Beats));
        From("mir.beats", heard, measured.Beats.MetreConfidence, nameof(Analysis.Metre));
        From("mir.key", heard, measured.Key.Confidence, nameof(Analysis.Key), nameof(Analysis.Camelot), nameof(Analysis.OpenKey), nameof(Analysis.KeySegments), nameof(Analysis.TuningCents));
        From("mir.chords", heard, null, nameof(Analysis.Chords));
        From("mir.loudness", heard, null, nameof(Analysis.IntegratedLufs), nameof(Analysis.LoudnessRangeLu), nameof(Analysis.TruePeakDbtp));
        From("mir.quality", heard, null, nameof(Analysis.QualityFlags));
    }
}
