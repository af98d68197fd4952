using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Similarity;
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

    // What a model says; all other fields are the tools'.
    private static readonly string[] Words = [nameof(Caption), nameof(Description), nameof(Tags)];

    // Times are stored to the millisecond.
    private const double TimeTolerance = 0.0011;

    // Read from the row when somebody asks.
    private List<FieldSource>? sources;
    private string? provenanceId;
    private string heard = "[]";

    /// <summary>Key and foreign key: one analysis per job.</summary>
    public long JobId { get; set; }

    /// <summary>All that the file's own tags say, as claimed by whoever made the file.</summary>
    public FieldSet FileFields { get; set; } = FieldSet.Empty;

    /// <summary>What imports find a track by; follows <see cref="FileFields"/>.</summary>
    public string? FileOwnId
    {
        get => FileFields.One(FieldNames.OwnId) is { } id
            ? id[..Math.Min(id.Length, OwnerRecord.MaxOwnIdLength)]
            : null;
        private set { } // the database's copy is written, never believed
    }

    /// <summary>The first one; follows <see cref="FileFields"/>.</summary>
    public string? FileIsrc
    {
        get => FileFields.One(FieldNames.Isrc);
        private set { } // the database's copy is written, never believed
    }

    // Of these, what lists show.
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

    /// <summary>What search finds it by; follows the rest.</summary>
    public string Folded
    {
        get => SearchDocument.Of(this);
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

    /// <summary>The work that it took.</summary>
    public StageSeconds Work { get; set; } = new();

    /// <summary>What the file's tags, or a model that listened, say is sung; loaded only where asked for.</summary>
    public List<ContentLyrics> Lyrics { get; private set; } = [];

    /// <summary>How it sounds to the model; null without a model, and loaded only where asked for.</summary>
    public TrackEmbedding? Embedding { get; set; }

    // The lists over time come last, in the class and so in the row: a database reads past them
    // only when asked for them.

    /// <summary>In order of time; empty where no beats could be found.</summary>
    public IReadOnlyList<Beat> Beats { get; set; } = [];

    /// <summary>In order of time; empty where not looked for.</summary>
    public IReadOnlyList<ChordSegment> Chords { get; set; } = [];

    /// <summary>The key as it changes, in order of time; empty where not looked for.</summary>
    public IReadOnlyList<KeySegment> KeySegments { get; set; } = [];

    /// <summary>The parts of the form, in order of time; empty for short music and where not looked for.</summary>
    public IReadOnlyList<Section> Sections { get; set; } = [];

    /// <summary>The tempo as it changes, by the beats; one stretch where it holds, none without beats.</summary>
    public IReadOnlyList<TempoSegment> TempoSegments => TempoCurve.Of(Beats, Bpm);

    /// <summary>What a model may ask the tools for.</summary>
    /// <param name="correction">What a person has put right about the content stands above the
    /// measurements; may be null.</param>
    public MusicalFacts Facts(Correction? correction = null)
    {
        var facts = new MusicalFacts
        {
            Bpm = Bpm,
            Key = Key,
            BpmConfidence = BpmConfidence,
            KeyConfidence = KeyConfidence,
            Metre = MetreOf(Metre),
            DurationSeconds = DurationSeconds,
            Lufs = IntegratedLufs,
            LoudnessRange = LoudnessRangeLu,
            Beats = Beats,
            Chords = Chords,
        };
        return correction?.Over(facts) ?? facts;
    }

    /// <summary>
    /// What the tools found, as a new analysis that is not yet bound to a job; what a model said is not in it.
    /// </summary>
    /// <param name="at">When it is made (UTC).</param>
    public Analysis Measurements(DateTime at)
    {
        var copy = (Analysis)MemberwiseClone();
        copy.JobId = 0;
        copy.AnalysedAt = at;
        copy.Work = new StageSeconds();
        copy.Provenance = null;
        copy.sources = [.. Sources.Where(source => !Words.Contains(source.Field))];
        (copy.Caption, copy.Description, copy.DroppedSentences) = (null, null, null);
        (copy.Tags, copy.ModelProblem, copy.Embedding) = ([], null, null);
        copy.Lyrics =
        [
            .. Lyrics.Where(lyrics => lyrics.Source == LyricsSource.Tags)
                .Select(lyrics => ContentLyrics.Of(lyrics.Source, lyrics.Origin, lyrics.ToSong(), at)),
        ];
        return copy;
    }

    /// <summary>Takes over what a model said of the same content to the same measurements.</summary>
    public void TakeWords(Analysis said)
    {
        (Caption, Description, DroppedSentences) = (said.Caption, said.Description, said.DroppedSentences);
        Tags = said.Tags;
        Embedding = said.Embedding is { } heard
            ? new TrackEmbedding
            {
                ModelVersion = heard.ModelVersion,
                Dimensions = heard.Dimensions,
                Vector = heard.Vector,
            }
            : null;
        Sources = [.. Sources, .. said.Sources.Where(source => Words.Contains(source.Field))];
        foreach (var lyrics in said.Lyrics)
        {
            if (Lyrics.Find(own => own.Source == lyrics.Source) is { } own)
                (own.Summary, own.ReadBy) = (lyrics.Summary, lyrics.ReadBy);
            else Lyrics.Add(ContentLyrics.Of(lyrics.Source, lyrics.Origin, lyrics.ToSong(), AnalysedAt));
        }
    }

    /// <summary>Whether a model that is given the one or the other is given the same.</summary>
    public bool TellsTheSameAs(Analysis other) =>
        Bpm == other.Bpm && Key == other.Key && Metre == other.Metre && DurationSeconds == other.DurationSeconds
        && IntegratedLufs == other.IntegratedLufs && LoudnessRangeLu == other.LoudnessRangeLu
        && AreAlike(Beats, other.Beats, (a, b) => a.Number == b.Number && IsAt(a.Seconds, b.Seconds))
        && AreAlike(
            Chords, other.Chords, (a, b) => a.Label == b.Label && IsAt(a.Start, b.Start) && IsAt(a.End, b.End))
        && LyricsOfTags == other.LyricsOfTags;

    private string? LyricsOfTags => Lyrics.Find(lyrics => lyrics.Source == LyricsSource.Tags)?.Text;

    private static bool IsAt(double seconds, double other) => Math.Abs(seconds - other) < TimeTolerance;

    private static bool AreAlike<T>(IReadOnlyList<T> list, IReadOnlyList<T> other, Func<T, T, bool> isAlike) =>
        list.Count == other.Count && list.Zip(other).All(pair => isAlike(pair.First, pair.Second));

    internal static Metre? MetreOf(int? units) => units is { } upper ? Music.Metre.OfUnits(upper) : null;
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
