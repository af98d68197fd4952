using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Web;

/// <summary>A track and everything known about it.</summary>
/// <param name="Summary">The track as lists show it, with a person's corrections applied.</param>
/// <param name="SizeBytes">The file's size.</param>
/// <param name="Analysis">What was measured and heard; null until the track is Ready.</param>
/// <param name="Correction">What a person has put right; null where nobody has.</param>
/// <param name="Lyrics">Those that are shown; null where none are known.</param>
/// <param name="NewerAnalysis">How it stands with a newer model's analysis, which is not shown until it is Ready; null
/// where there is none.</param>
internal sealed record TrackView(
    TrackSummary Summary, long SizeBytes, AnalysisView? Analysis, CorrectionView? Correction,
    LyricsView? Lyrics, NewerAnalysisView? NewerAnalysis)
{
    public static TrackView From(TrackDetails details) => new(
        details.Summary, details.Track.SizeBytes,
        details.Analysis is { } analysis ? new AnalysisView(analysis) : null,
        details.Correction is { } correction ? new CorrectionView(correction.By, correction.At) : null,
        details.Lyrics is { } lyrics ? new LyricsView(lyrics) : null,
        details.Newer is { } job ? new NewerAnalysisView(job.ModelVersion, job.State, job.Reason) : null);
}

/// <summary>A newer model's analysis that is not shown: still to come, or why it did not become Ready.</summary>
internal sealed record NewerAnalysisView(string ModelVersion, JobState State, string? Reason);

/// <summary>Who has put something right about a track, and when (UTC).</summary>
internal sealed record CorrectionView(string By, DateTime At);

/// <summary>
/// The analysis as the API shows it: every field of the catalogue's own that means something outside.
/// </summary>
internal sealed class AnalysisView(Analysis analysis)
{
    public double DurationSeconds => analysis.DurationSeconds;

    /// <summary>Codec as ffprobe names it.</summary>
    public string Codec => analysis.Codec;

    /// <summary>Hz.</summary>
    public int SampleRate => analysis.SampleRate;

    public int Channels => analysis.Channels;

    /// <summary>Beats per minute; null where no tempo could be found.</summary>
    public double? Bpm => analysis.Bpm;

    /// <summary>0 to 1.</summary>
    public double? BpmConfidence => analysis.BpmConfidence;

    /// <summary>Other readings of the tempo, most likely first.</summary>
    public IReadOnlyList<TempoReading> BpmAlternatives => analysis.BpmAlternatives;

    /// <summary>Beats to a bar; null where unknown.</summary>
    public int? Metre => analysis.Metre;

    /// <summary>Beats in order of time; number 1 is the first of a bar, 0 unknown.</summary>
    public IReadOnlyList<Beat> Beats => analysis.Beats;

    /// <summary>Key such as C# minor; null where none could be found.</summary>
    public string? Key => analysis.Key?.Name;

    /// <summary>0 to 1.</summary>
    public double? KeyConfidence => analysis.KeyConfidence;

    /// <summary>The key on the Camelot wheel, such as 12A.</summary>
    public string? Camelot => analysis.Camelot;

    /// <summary>The key in Open Key notation, such as 5m.</summary>
    public string? OpenKey => analysis.OpenKey;

    /// <summary>The key as it changes; empty where not looked for.</summary>
    public IReadOnlyList<KeySegmentView> KeySegments =>
        [.. from segment in analysis.KeySegments where segment.Key is not null select new KeySegmentView(segment)];

    /// <summary>Deviation from A = 440 Hz.</summary>
    public double? TuningCents => analysis.TuningCents;

    /// <summary>Chords in Harte's syntax; empty where not looked for.</summary>
    public IReadOnlyList<ChordSegment> Chords => analysis.Chords;

    /// <summary>LUFS after ITU-R BS.1770-4; null for silence.</summary>
    public double? IntegratedLufs => analysis.IntegratedLufs;

    /// <summary>LU after EBU Tech 3342; null where too short or silent.</summary>
    public double? LoudnessRangeLu => analysis.LoudnessRangeLu;

    /// <summary>dBTP after ITU-R BS.1770-4 annex 2; null for silence.</summary>
    public double? TruePeakDbtp => analysis.TruePeakDbtp;

    /// <summary>What a listener would complain about; empty for sound audio.</summary>
    public IReadOnlyList<string> QualityFlags => analysis.QualityFlags;

    /// <summary>The model's caption; null without a model.</summary>
    public string? Caption => analysis.Caption;

    /// <summary>The model's longer description; null without a model.</summary>
    public string? Description => analysis.Description;

    /// <summary>Sentences of both that were left out; null without a model.</summary>
    public int? DroppedSentences => analysis.DroppedSentences;

    /// <summary>The model's tags; empty without a model.</summary>
    public IReadOnlyList<TagScore> Tags => analysis.Tags;

    /// <summary>Why the model's fields are empty although a model was asked; null otherwise.</summary>
    public string? ModelProblem => analysis.ModelProblem;

    /// <summary>Which tool or model each field comes from.</summary>
    public IReadOnlyList<FieldSource> Sources => analysis.Sources;

    /// <summary>UTC.</summary>
    public DateTime AnalysedAt => analysis.AnalysedAt;
}

/// <summary>A stretch in one key, such as C# minor; seconds from the start of the track, confidence 0 to 1.</summary>
internal sealed record KeySegmentView(double Start, double End, string Key, double Confidence)
{
    public KeySegmentView(KeySegment segment)
        : this(segment.Start, segment.End, segment.Key!.Value.Name, segment.Confidence)
    {
    }
}
