using OpenMU.Music;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// What is known about one content: the tools' measurements, the file's own tags, and later the model's words.
/// </summary>
public sealed class Analysis
{
    /// <summary>How <see cref="ModelProblem"/> begins where the model failed, so that another try may help.</summary>
    public const string ModelFailed = "The model failed on this track: ";

    /// <summary>
    /// The source of a caption or description of which nothing could be kept that a model wrote: it is written in plain
    /// sentences from tags and measurements.
    /// </summary>
    public const string PlainSource = "facts";

    // Read from the row when somebody asks.
    private List<FieldSource>? sources;
    private string? provenanceId;
    private string heard = "[]";

    /// <summary>Key and foreign key: one analysis per job.</summary>
    public long JobId { get; set; }

    // The file's own tags, as claimed by whoever made the file.
    public string? Title { get; set; }
    public string? Artist { get; set; }
    public string? Album { get; set; }

    public double DurationSeconds { get; set; }

    /// <summary>Codec as ffprobe names it, such as <c>flac</c>.</summary>
    public required string Codec { get; set; }
    public int SampleRate { get; set; }
    public int Channels { get; set; }

    /// <summary>Beats per minute; null where no tempo could be found.</summary>
    public double? Bpm { get; set; }
    public double? BpmConfidence { get; set; }

    /// <summary>Other metrical readings of the tempo (half, double, ...), most likely first.</summary>
    public List<TempoReading> BpmAlternatives { get; set; } = [];

    /// <summary>Beats to a bar, such as 4; null where unknown.</summary>
    public int? Metre { get; set; }

    /// <summary>Null where no key could be found; stored as its name.</summary>
    public MusicalKey? Key { get; set; }
    public double? KeyConfidence { get; set; }

    /// <summary>
    /// <c>12A</c>: the key on the Camelot wheel, where neighbours mix well; follows <see cref="Key"/>.
    /// </summary>
    public string? Camelot
    {
        get => Key?.Camelot;
        private set { } // the database's copy is written, never believed
    }

    /// <summary><c>5m</c>: the same key in Open Key notation; follows <see cref="Key"/>.</summary>
    public string? OpenKey
    {
        get => Key?.OpenKey;
        private set { } // the database's copy is written, never believed
    }

    /// <summary>Deviation from A = 440 Hz in cents, -50 to 50; null where nothing tonal was heard.</summary>
    public double? TuningCents { get; set; }

    /// <summary>Integrated loudness after ITU-R BS.1770-4; null for silence.</summary>
    public double? IntegratedLufs { get; set; }

    /// <summary>Loudness range in LU after EBU Tech 3342; null where too short or silent.</summary>
    public double? LoudnessRangeLu { get; set; }

    /// <summary>dBTP after ITU-R BS.1770-4 annex 2; null for silence.</summary>
    public double? TruePeakDbtp { get; set; }

    /// <summary>
    /// What a listener would complain about, such as <c>clipped</c> or <c>silent</c>; empty for sound audio.
    /// </summary>
    public List<string> QualityFlags { get; set; } = [];

    /// <summary>The model's caption, one or two sentences; null without a model.</summary>
    public string? Caption { get; set; }

    /// <summary>The model's longer description; null without a model.</summary>
    public string? Description { get; set; }

    /// <summary>
    /// Sentences of caption and description that were left out, because what was measured or decided gave them the lie;
    /// null without a model.
    /// </summary>
    public int? DroppedSentences { get; set; }

    /// <summary>The model's tags; empty without a model.</summary>
    public List<TagScore> Tags { get; set; } = [];

    /// <summary>
    /// Why the model's fields are empty although a model was asked, in one sentence for people; null otherwise.
    /// </summary>
    public string? ModelProblem { get; set; }

    /// <summary>The tags' words alone, separated by commas, for text search; follows <see cref="Tags"/>.</summary>
    public string TagText
    {
        get => string.Join(", ", Tags.Select(tag => tag.Tag));
        private set { } // the database's copy is written, never believed
    }

    /// <summary>Where each field comes from.</summary>
    public List<FieldSource> Sources
    {
        get => sources ??= Provenance?.Sources(heard) ?? [];
        set => sources = value;
    }

    /// <summary>Tools and models of <see cref="Sources"/>, stored once for all analyses that have the same.</summary>
    public Provenance? Provenance { get; private set; }

    /// <summary>Names the <see cref="Provenance"/>; follows <see cref="Sources"/>.</summary>
    public string? ProvenanceId
    {
        get => sources is null ? provenanceId : sources.Count == 0 ? null : Provenance.Of(sources).Id;
        private set => provenanceId = value;
    }

    /// <summary>Seconds heard and confidence of each of <see cref="Sources"/>, which it follows.</summary>
    public string Heard
    {
        get => sources is null ? heard : Provenance.Heard(sources);
        private set => heard = value;
    }

    /// <summary>UTC.</summary>
    public DateTime AnalysedAt { get; set; }

    /// <summary>What the file's tags, or a model that listened, say is sung; loaded only where asked for.</summary>
    public List<ContentLyrics> Lyrics { get; } = [];

    // The lists over time come last, in the class and so in the row: a database reads past them
    // only when asked for them.

    /// <summary>In order of time; empty where no beats could be found.</summary>
    public IReadOnlyList<Beat> Beats { get; set; } = [];

    /// <summary>In order of time; empty where not looked for.</summary>
    public IReadOnlyList<ChordSegment> Chords { get; set; } = [];

    /// <summary>The key as it changes, in order of time; empty where not looked for.</summary>
    public IReadOnlyList<KeySegment> KeySegments { get; set; } = [];

    /// <summary>What a model may ask the tools for.</summary>
    /// <param name="correction">What a person has put right about the track stands above the
    /// measurements; may be null.</param>
    public MusicalFacts Facts(Correction? correction = null) =>
        new MusicalFacts
        {
            Bpm = Bpm,
            Key = Key,
            // The tools find 6/8 as the only metre with eighths.
            Metre = Metre is { } units ? new Metre(units, units == 6 ? 8 : 4) : null,
            DurationSeconds = DurationSeconds,
            Lufs = IntegratedLufs,
            LoudnessRange = LoudnessRangeLu,
            Beats = Beats,
            Chords = Chords,
        }.CorrectedBy(correction?.Bpm, correction?.Key);
}

/// <summary>
/// Provenance of one field: which tool or model in which version said it, under which licence class,
/// having heard how much.
/// </summary>
/// <param name="Field">Name of the <see cref="Analysis"/> member.</param>
/// <param name="Source">Tool or model, such as <c>mir.tempo</c>.</param>
/// <param name="Version">Version of that tool or model.</param>
/// <param name="LicenceClass"><c>open</c>, <c>non-commercial</c> or <c>proprietary</c>.</param>
/// <param name="SecondsHeard">How much of the track the source has listened to.</param>
/// <param name="Confidence">0 to 1, null where the source gives none.</param>
public sealed record FieldSource(
    string Field, string Source, string Version, string LicenceClass, double SecondsHeard, double? Confidence);
