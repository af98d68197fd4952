using OpenMU.Catalogue;

namespace OpenMU.Web;

/// <summary>A track in a list: what one needs to choose it. Facts are null until the track is Ready, and where none could be found.</summary>
internal sealed record TrackSummary(
    long Id, string FileName, string? Title, string? Artist, string? Album, TrackState State, string? Reason, DateTime UploadedAt,
    double? DurationSeconds, double? Bpm, string? Key, string? Camelot, double? IntegratedLufs)
{
    public static TrackSummary From(Track track)
    {
        var facts = track.Job.Analysis;
        return new TrackSummary(
            track.Id, track.FileName, facts?.Title, facts?.Artist, facts?.Album, track.Job.State, track.Job.Reason, track.UploadedAt,
            facts?.DurationSeconds, facts?.Bpm, facts?.Key, facts?.Camelot, facts?.IntegratedLufs);
    }
}

/// <summary>One page of a search.</summary>
/// <param name="Items">The page's tracks.</param>
/// <param name="Total">Tracks on all pages.</param>
/// <param name="Page">From 1.</param>
/// <param name="PageSize">Tracks on a full page.</param>
internal sealed record TrackList(IReadOnlyList<TrackSummary> Items, int Total, int Page, int PageSize);

/// <summary>A track and everything known about it.</summary>
/// <param name="Id">The track.</param>
/// <param name="FileName">The file's path as its owner named it.</param>
/// <param name="Title">As the file's own tags claim.</param>
/// <param name="Artist">As the file's own tags claim.</param>
/// <param name="Album">As the file's own tags claim.</param>
/// <param name="State">Where its analysis stands.</param>
/// <param name="Reason">Why it was Rejected or Failed.</param>
/// <param name="SizeBytes">The file's size.</param>
/// <param name="UploadedAt">UTC.</param>
/// <param name="Analysis">Null until the track is Ready.</param>
internal sealed record TrackDetails(
    long Id, string FileName, string? Title, string? Artist, string? Album, TrackState State, string? Reason, long SizeBytes, DateTime UploadedAt, AnalysisView? Analysis)
{
    public static TrackDetails From(Track track)
    {
        var facts = track.Job.Analysis;
        return new TrackDetails(
            track.Id, track.FileName, facts?.Title, facts?.Artist, facts?.Album, track.Job.State, track.Job.Reason, track.SizeBytes, track.UploadedAt,
            facts is null ? null : new AnalysisView(facts));
    }
}

/// <summary>The analysis as the API shows it: every field of the catalogue's own that means something outside.</summary>
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
    public string? Key => analysis.Key;

    /// <summary>0 to 1.</summary>
    public double? KeyConfidence => analysis.KeyConfidence;

    /// <summary>The key on the Camelot wheel, such as 12A.</summary>
    public string? Camelot => analysis.Camelot;

    /// <summary>The key in Open Key notation, such as 5m.</summary>
    public string? OpenKey => analysis.OpenKey;

    /// <summary>The key as it changes; empty where not looked for.</summary>
    public IReadOnlyList<KeySegment> KeySegments => analysis.KeySegments;

    /// <summary>Deviation from A = 440 Hz.</summary>
    public double? TuningCents => analysis.TuningCents;

    /// <summary>Chords in Harte's syntax; empty where not looked for.</summary>
    public IReadOnlyList<Chord> Chords => analysis.Chords;

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

    /// <summary>The model's tags; empty without a model.</summary>
    public IReadOnlyList<TagScore> Tags => analysis.Tags;

    /// <summary>Which tool or model each field comes from.</summary>
    public IReadOnlyList<FieldSource> Sources => analysis.Sources;

    /// <summary>UTC.</summary>
    public DateTime AnalysedAt => analysis.AnalysedAt;
}
