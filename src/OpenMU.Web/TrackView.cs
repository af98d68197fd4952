using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Web;

/// <summary>A track and everything known about it.</summary>
/// <param name="Summary">The track as lists show it, with a person's corrections applied.</param>
/// <param name="SizeBytes">The file's size.</param>
/// <param name="Analysis">What was measured and heard; null until the track is Ready.</param>
/// <param name="Fields">Every field that somebody says something about: what holds, and who says it.</param>
/// <param name="Correction">What a person has put right, approved or locked; null where nobody has.</param>
/// <param name="Etag">What a change of fields must name in If-Match.</param>
/// <param name="Lyrics">Those that are shown; null where none are known.</param>
/// <param name="NewerAnalysis">How it stands with a newer model's analysis, which is not shown until it is Ready, or
/// published where it is held back; null where there is none.</param>
internal sealed record TrackView(
    TrackSummary Summary, long SizeBytes, AnalysisView? Analysis, IReadOnlyList<FieldClaimsView> Fields,
    CorrectionView? Correction, string Etag, LyricsView? Lyrics, NewerAnalysisView? NewerAnalysis)
{
    public static TrackView From(TrackRecord record)
    {
        var details = record.Details;
        return new TrackView(
            details.Summary, details.Track.SizeBytes,
            details.Analysis is { } analysis ? new AnalysisView(analysis) : null,
            [.. record.Fields.Select(field => new FieldClaimsView(field))],
            details.Correction is { } correction ? new CorrectionView(correction) : null,
            FieldVersion.Tag(details.Correction?.Version ?? 0),
            details.Lyrics is { } lyrics ? new LyricsView(lyrics) : null,
            details.Newer is { } job ? new NewerAnalysisView(job.ModelVersion, job.State, job.Reason) : null);
    }
}

/// <summary>A field of a track: what holds, and what each source says.</summary>
/// <param name="Name">As changes name it.</param>
/// <param name="Label">For people.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Values">Those that hold; none says that there is none.</param>
/// <param name="Origin">Who says so.</param>
/// <param name="Claims">What each source says, the one that is believed first.</param>
/// <param name="Differences">What owner and file say otherwise than was measured.</param>
internal sealed record FieldClaimsView(
    string Name, string Label, FieldType Type, IReadOnlyList<string> Values, FieldOrigin Origin,
    IReadOnlyList<ClaimView> Claims, IReadOnlyList<DifferenceView> Differences)
{
    public FieldClaimsView(FieldView view)
        : this(
            view.Field.Name, view.Field.Label, view.Field.Type, view.Values, view.Origin,
            [.. TrackFields.Order(view.Field.Name).Where(view.Claims.ContainsKey)
                .Select(origin => new ClaimView(origin, view.Claims[origin]))],
            [.. view.Differences.Select(one => new DifferenceView(one.Origin, one.Kind))])
    {
    }
}

/// <summary>What one source says of a field; no values: that there is none.</summary>
internal sealed record ClaimView(FieldOrigin Origin, IReadOnlyList<string> Values);

/// <summary>One source says something else than was measured.</summary>
/// <param name="Origin">The owner or the file.</param>
/// <param name="Kind">How what it says is related to what was measured.</param>
internal sealed record DifferenceView(FieldOrigin Origin, DifferenceKind Kind);

/// <summary>
/// A newer model's analysis that is not shown: still to come, why it did not become Ready, or Ready and held back.
/// </summary>
internal sealed record NewerAnalysisView(string ModelVersion, JobState State, string? Reason);

/// <summary>Who has put something right about a track, and how it stands.</summary>
/// <param name="By">Who changed something last.</param>
/// <param name="At">When (UTC).</param>
/// <param name="Version">From 1; each change makes one more.</param>
/// <param name="ApprovedBy">Who says that all that is shown is right; null where nobody does.</param>
/// <param name="ApprovedAt">When (UTC).</param>
/// <param name="LockedBy">Who lets nobody change anything any more; null where anybody may.</param>
internal sealed record CorrectionView(
    string By, DateTime At, int Version, string? ApprovedBy, DateTime? ApprovedAt, string? LockedBy)
{
    public CorrectionView(Correction correction)
        : this(
            correction.By, correction.At, correction.Version, correction.ApprovedBy, correction.ApprovedAt,
            correction.LockedBy)
    {
    }
}

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

    /// <summary>The tempo as it changes; one stretch where it holds, none without beats.</summary>
    public IReadOnlyList<TempoSegment> TempoSegments => analysis.TempoSegments;

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

    /// <summary>Parts of the form; those of one letter repeat each other. Empty for short music.</summary>
    public IReadOnlyList<Section> Sections => analysis.Sections;

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
