using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Music;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Data;

/// <summary>
/// What is true of a clip: a line of truth.jsonl, whether this program made the clip (<see cref="IsSynthetic"/>) or a
/// person annotated it. What is not known is null or empty. Times are seconds from the start of the file.
/// </summary>
public sealed record ClipTruth
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // In the order of a line's members.

    /// <summary>Name of the clip.</summary>
    public required string Id { get; init; }

    /// <summary>The audio, relative to truth.jsonl; <see cref="Read"/> gives full paths.</summary>
    public required string File { get; init; }

    /// <summary>Length.</summary>
    public double? Seconds { get; init; }

    /// <summary>Beats a minute, of the beat that a listener taps to.</summary>
    public double? Tempo { get; init; }

    /// <summary>"slow", "medium" or "fast".</summary>
    public string? TempoClass { get; init; }

    /// <summary>Such as "3/4".</summary>
    public string? Metre { get; init; }

    /// <summary>Beats as a listener taps them: two in 6/8.</summary>
    public int? BeatsPerBar { get; init; }

    /// <summary>Such as "C# minor"; annotations may have mir_eval's "X" for no key.</summary>
    public string? Key { get; init; }

    /// <summary>One of <see cref="MusicVocabulary.Genres"/>.</summary>
    public string? Genre { get; init; }

    /// <summary>Of <see cref="MusicVocabulary.Moods"/>.</summary>
    public IReadOnlyList<string> Moods { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Of <see cref="MusicVocabulary.Instruments"/>, those that sound for long enough to be noticed, drums apart.
    /// </summary>
    public IReadOnlyList<string> Instruments { get; init => field = value ?? []; } = [];

    /// <summary>Drums sound.</summary>
    public bool Drums { get; init; }

    /// <summary>A tune was written over the accompaniment.</summary>
    [JsonConverter(typeof(YesOrName))]
    public bool Melody { get; init; }

    /// <summary>Grooves of one family sound alike: a family is wholly trained on or wholly held out.</summary>
    public string? GrooveFamily { get; init; }

    /// <summary>Grooves that are played.</summary>
    public IReadOnlyList<string> Groove { get; init => field = value ?? []; } = [];

    /// <summary>The family that the drums are taken from; null where it is <see cref="GrooveFamily"/>.</summary>
    public string? DrumFamily { get; init; }

    /// <summary>"train" or "held-out".</summary>
    public string Split { get; init; } = "train";

    /// <summary>File name of the soundfont.</summary>
    public string? Soundfont { get; init; }

    /// <summary>How far the music lies from A = 440 Hz.</summary>
    public double? TuningCents { get; init; }

    /// <summary>What all choices about the clip follow from.</summary>
    [JsonConverter(typeof(OwnSeed))]
    public string? Seed { get; init; }

    /// <summary>Of the audio file; null when no audio was made.</summary>
    public string? Sha256 { get; init; }

    /// <summary>All beats.</summary>
    public IReadOnlyList<double> Beats { get; init => field = value ?? []; } = [];

    /// <summary>First beats of the bars.</summary>
    public IReadOnlyList<double> Downbeats { get; init => field = value ?? []; } = [];

    /// <summary>Segments in Harte syntax; in a line each is [start, end, label].</summary>
    [JsonConverter(typeof(ChordRows))]
    public IReadOnlyList<ChordSegment> Chords { get; init => field = value ?? []; } = [];

    /// <summary>Parts of the form; in a line each is [start, end, letter, function or null].</summary>
    [JsonConverter(typeof(SectionRows))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Section>? Sections { get; init; }

    /// <summary>Noise and silence have no labels, so that the model learns to say that it is not sure.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNoise { get; init; }

    /// <summary>All is known that records are drawn from: this program made the clip.</summary>
    [JsonIgnore]
    public bool IsSynthetic =>
        Seed is not null && Genre is not null && TempoClass is not null && Key is not null && Moods.Count > 0;

    /// <summary>Every instrument, drums among them.</summary>
    [JsonIgnore]
    public IEnumerable<string> Sounding =>
        Drums ? Instruments.Append("drums").Distinct(StringComparer.Ordinal) : Instruments;

    /// <summary>
    /// All clips of a folder that <c>openmu synthesise</c> wrote, with the full paths of their audio.
    /// </summary>
    /// <exception cref="InvalidDataException">A line is no clip, or there is no file of truths.</exception>
    public static IReadOnlyList<ClipTruth> Read(string folder)
    {
        var path = Path.Combine(folder, "truth.jsonl");
        if (!System.IO.File.Exists(path)) throw new InvalidDataException($"{folder} holds no truth.jsonl.");
        var lines = System.IO.File.ReadLines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item));
        return [.. lines.Select(line => Parse(line.Item, folder, $"{path}, line {line.Index + 1}"))];
    }

    /// <summary>Reads one line of a JSON lines file: an object with id, file, and any of the members above.</summary>
    /// <exception cref="JsonException">The line is not such an object.</exception>
    public static ClipTruth Parse(string line) =>
        JsonSerializer.Deserialize<ClipTruth>(line, Format) ?? throw new JsonException("The line is no clip.");

    /// <summary>The line of truth.jsonl.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>All facts of the clip that a text may state.</summary>
    public IReadOnlySet<Fact> Facts()
    {
        var facts = Moods.Select(mood => new Fact(Fact.Mood, mood))
            .Concat(Sounding.Select(name => new Fact(Fact.Instrument, name))).ToHashSet();
        if (Genre is not null) facts.Add(new(Fact.Genre, Genre));
        if (TempoClass is not null) facts.Add(new(Fact.TempoClass, TempoClass));
        if (Metre is not null) facts.Add(new(Fact.Metre, Metre));
        if (MusicalKey.TryParse(Key) is { } key)
        {
            facts.Add(Fact.OfKey(key));
            facts.Add(new(Fact.Mode, key.Mode));
        }
        return facts;
    }

    /// <summary>
    /// The truth of the same clip played slower (factor above 1) after some seconds of silence, and cut off at a time.
    /// </summary>
    public ClipTruth Moved(double factor, double silence, double cut)
    {
        double[] Move(IReadOnlyList<double> times) =>
            [.. times.Select(time => time * factor + silence).Where(time => time < cut)];
        ChordSegment Shift(ChordSegment chord) =>
            chord with { Start = chord.Start * factor + silence, End = Math.Min(cut, chord.End * factor + silence) };
        Section ShiftSection(Section section) => section with
        {
            Start = section.Start * factor + silence,
            End = Math.Min(cut, section.End * factor + silence),
        };
        return this with
        {
            Tempo = Tempo / factor,
            Beats = Move(Beats),
            Downbeats = Move(Downbeats),
            Chords = [.. Chords.Select(Shift).Where(chord => chord.Start < chord.End)],
            Sections = Sections?.Select(ShiftSection).Where(section => section.Start < section.End).ToList(),
        };
    }

    /// <summary>
    /// The truth of the same clip at another pitch. With <paramref name="renamed"/>, what then lies nearer to another
    /// semitone takes its name, as a listener without the score would have it.
    /// </summary>
    public ClipTruth Retuned(double cents, bool renamed)
    {
        var away = (TuningCents ?? 0) + cents;
        var semitones = (int)Math.Round(away / 100);
        if (semitones == 0 || !renamed) return this with { TuningCents = away - 100 * semitones };
        return this with
        {
            TuningCents = away - 100 * semitones,
            Key = Key is null ? null : MusicalKey.Parse(Key).Transposed(semitones).Name,
            Chords = [.. Chords.Select(chord => chord with { Label = ChordLabel.Transposed(chord.Label, semitones) })],
        };
    }

    private static ClipTruth Parse(string line, string folder, string place)
    {
        try
        {
            var clip = Parse(line);
            return clip with { File = Path.GetFullPath(Path.Combine(folder, clip.File)) };
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place}: {e.Message}", e);
        }
    }

    private sealed class ChordRows : JsonConverter<IReadOnlyList<ChordSegment>>
    {
        public override IReadOnlyList<ChordSegment> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var rows = JsonSerializer.Deserialize<JsonElement[][]>(ref reader, options) ?? [];
            return [.. rows.Select(Segment)];
        }

        private static ChordSegment Segment(JsonElement[] row)
        {
            if (row is [{ ValueKind: JsonValueKind.Number } start, { ValueKind: JsonValueKind.Number } end,
                { ValueKind: JsonValueKind.String } label, ..])
                return new ChordSegment(start.GetDouble(), end.GetDouble(), label.GetString()!);
            throw new JsonException("A chord is [start, end, label].");
        }

        public override void Write(
            Utf8JsonWriter writer, IReadOnlyList<ChordSegment> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(
                writer, value.Select(chord => new object[] { chord.Start, chord.End, chord.Label }), options);
    }

    private sealed class SectionRows : JsonConverter<IReadOnlyList<Section>?>
    {
        public override IReadOnlyList<Section>? Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var rows = JsonSerializer.Deserialize<JsonElement[][]>(ref reader, options);
            return rows?.Select(row => row is [{ ValueKind: JsonValueKind.Number } start,
            { ValueKind: JsonValueKind.Number } end, { ValueKind: JsonValueKind.String } letter, .. var rest]
                ? new Section(
                    start.GetDouble(), end.GetDouble(), letter.GetString()!,
                    rest is [{ ValueKind: JsonValueKind.String } function, ..] ? function.GetString() : null)
                : throw new JsonException("A section is [start, end, letter, function].")).ToList();
        }

        public override void Write(
            Utf8JsonWriter writer, IReadOnlyList<Section>? value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(
                writer, value?.Select(section => new object?[]
                {
                    Math.Round(section.Start, 6), Math.Round(section.End, 6), section.Label, section.Function,
                }), options);
    }

    /// <summary>Other generators name the tune where ours says that there is one.</summary>
    private sealed class YesOrName : JsonConverter<bool>
    {
        public override bool HandleNull => true;

        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False or JsonTokenType.Null => false,
                JsonTokenType.String => !string.IsNullOrEmpty(reader.GetString()),
                _ => throw new JsonException("Neither yes nor a name."),
            };

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) =>
            writer.WriteBooleanValue(value);
    }

    /// <summary>Other generators count their seeds, from which nothing of ours follows.</summary>
    private sealed class OwnSeed : JsonConverter<string?>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? null : reader.GetString();

        public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);
    }
}
