// MusicalFacts.cs - what is known of a track's tempo, key, beats and chords, and the text in which a model that calls
// tools reads it. The tools are those that OpenMU (arXiv 2410.15573) published; a result is the text that Python's
// str() makes of what the published tool returns.
using System.Globalization;

namespace OpenMU.Music;

/// <summary>
/// What was measured of a track, with a person's corrections laid over it, and what was decided about it. What is not
/// known is null or empty.
/// </summary>
public sealed record MusicalFacts
{
    private const string NoChord = "no chord";

    /// <summary>Nothing is known.</summary>
    public static MusicalFacts None { get; } = new();

    /// <summary>Short names of the published tools, and the long names that they stand for.</summary>
    public static IReadOnlyDictionary<string, string> Tools { get; } = new Dictionary<string, string>
    {
        ["F1"] = nameof(GetAudioChords),
        ["F2"] = nameof(GetAudioTempo),
        ["F3"] = nameof(GetAudioKey),
        ["F4"] = nameof(GetAudioDownbeat),
    };

    /// <summary>Beats a minute.</summary>
    public double? Bpm { get; init; }

    /// <summary>Of <see cref="Bpm"/>, 0 to 1; null where nothing was measured, or a person has put it right.</summary>
    public double? BpmConfidence { get; init; }

    /// <summary>Of <see cref="Key"/>, likewise.</summary>
    public double? KeyConfidence { get; init; }

    /// <summary>The key of the whole track.</summary>
    public MusicalKey? Key { get; init; }

    /// <summary>The time signature; null where there are no beats.</summary>
    public Metre? Metre { get; init; }

    /// <summary>Length of the recording in seconds.</summary>
    public double? DurationSeconds { get; init; }

    /// <summary>Integrated loudness in LUFS; null for silence.</summary>
    public double? Lufs { get; init; }

    /// <summary>Loudness range in LU; null where too short or silent.</summary>
    public double? LoudnessRange { get; init; }

    /// <summary>In order of time.</summary>
    public IReadOnlyList<Beat> Beats { get; init; } = [];

    /// <summary>In order of time.</summary>
    public IReadOnlyList<ChordSegment> Chords { get; init; } = [];

    /// <summary>The tags that were decided before texts are written; by default none were.</summary>
    public TagDecisions Decisions { get; init; } = TagDecisions.None;

    /// <summary>Words that are sung are known, so there is a voice.</summary>
    public bool HasLyrics { get; init; }

    /// <summary>
    /// What it sounds like, where a model hears no music in it; null for music, and where none has judged.
    /// </summary>
    public OtherSound? NoMusic { get; private init; }

    /// <summary>"slow", "medium" or "fast", of the tempo as the tool says it; null where no tempo is known.</summary>
    public string? TempoClass => ToolBpm is { } bpm ? MusicVocabulary.TempoClassOf(bpm) : null;

    /// <summary>Beats in the longest bar; null where no beats are known.</summary>
    internal int? BeatsInBar => Beats.Count > 0 ? Beats.Max(beat => beat.Number) : null;

    /// <summary>The tempo as the tool says it: to one decimal.</summary>
    internal double? ToolBpm => Bpm is { } bpm ? Math.Round(bpm, 1) : null;

    /// <summary>What a person has put right stands above what was measured; null leaves the measurement.</summary>
    public MusicalFacts CorrectedBy(double? bpm, MusicalKey? key, Metre? metre = null) => this with
    {
        Bpm = bpm ?? Bpm,
        Key = key ?? Key,
        BpmConfidence = bpm is null ? BpmConfidence : null,
        KeyConfidence = key is null ? KeyConfidence : null,
        Metre = metre ?? Metre,
        Beats = metre is null || metre == Metre ? Beats : Counted(Beats, metre.Upper),
    };

    /// <summary>What a person says there is none of is not known, whatever was measured.</summary>
    public MusicalFacts Without(bool tempo, bool key, bool metre) => this with
    {
        Bpm = tempo ? null : Bpm,
        BpmConfidence = tempo ? null : BpmConfidence,
        Key = key ? null : Key,
        KeyConfidence = key ? null : KeyConfidence,
        Metre = metre ? null : Metre,
        Beats = tempo || metre ? [] : Beats,
    };

    /// <summary>
    /// With the tags that a model gave. Tempo and metre are the measuring tools': a guess by ear beside them could only
    /// contradict them, and so would a waltz in four, a march in three, or a calm piece at a fast tempo. Of tags that
    /// contradict each other the surer one holds.
    /// </summary>
    /// <param name="tags">Those that hold.</param>
    /// <param name="labels">All that the model could have given; none where it gives no tags.</param>
    public MusicalFacts DecidedBy(IReadOnlyList<TagScore> tags, IReadOnlyList<(string Group, string Tag)> labels) =>
        this with { Decisions = TagDecisions.Of(TagDecisions.Agreeing([.. tags.Where(Admits)]), labels) };

    /// <summary>
    /// With what a model has heard it to be. Tags that a person has given, and words that are sung, are about music
    /// whatever a model hears.
    /// </summary>
    public MusicalFacts HeardAs(HeardSound? sound) => this with
    {
        NoMusic = sound is { IsMusic: false } && Decisions.Tags.Count == 0 && !HasLyrics ? sound.Otherwise : null,
    };

    /// <summary>Whether a term holds for the track; null where nothing judges such terms.</summary>
    public bool? Says(MusicTerm term) =>
        term.Group == MusicTerms.Tempo ? TempoClass is { } tempo ? term.Name == tempo : null
        : HasLyrics && term.Name is "voice" or "lyrics" ? true
        : Decisions.Says(term);

    /// <summary>
    /// Whether tempo and mode speak against a mood: fast music is seldom called calm or sad, slow music seldom happy or
    /// energetic, and of happy and sad the first is heard in major and the second in minor (Hevner 1935, 1937).
    /// </summary>
    public bool SpeaksAgainst(string mood) => mood switch
    {
        "happy" => TempoClass == "slow" || Key is { IsMinor: true },
        "energetic" => TempoClass == "slow",
        "calm" => TempoClass == "fast",
        "sad" => TempoClass == "fast" || Key is { IsMinor: false },
        _ => false,
    };

    /// <summary>Whether the tempo makes a mood that was heard likelier still.</summary>
    public bool SpeaksFor(string mood) => (mood, TempoClass) is ("energetic", "fast") or ("calm", "slow");

    /// <summary>Answers a call of a tool without arguments.</summary>
    /// <param name="tool">Long or short name of a tool.</param>
    /// <returns>The result's text; null if there is no such tool or nothing is known, and the call should
    /// stay as it is.</returns>
    public string? Call(string tool) => Tools.GetValueOrDefault(tool, tool) switch
    {
        nameof(GetAudioChords) => GetAudioChords(),
        nameof(GetAudioTempo) => GetAudioTempo(),
        nameof(GetAudioKey) => GetAudioKey(),
        nameof(GetAudioDownbeat) => GetAudioDownbeat(),
        _ => null,
    };

    /// <summary>F2. Beats a minute to one decimal: <c>117.6</c>.</summary>
    public string? GetAudioTempo() => ToolBpm is { } bpm ? Float(bpm, 1) : null;

    /// <summary>
    /// F3. <c>A minor</c>; the published tool has a spelling of its own, with <c>Db major</c> and <c>D# minor</c>.
    /// </summary>
    public string? GetAudioKey() => Key is { } key
        ? $"{PitchClass.Name(key.Tonic, flat: key.IsMinor ? key.Tonic is 10 : key.Tonic is not 6)} {key.Mode}"
        : null;

    /// <summary>
    /// F1. <c>[{'start_time': 0.0, 'end_time': 1.5, 'chord': 'Amajor'}, ...]</c>; neighbours of the same name are one,
    /// and a power chord is <c>A5</c>.
    /// </summary>
    public string? GetAudioChords() => List(MajMinChords().Select(chord =>
        $"{{'start_time': {Float(chord.Start, 1)}, 'end_time': {Float(chord.End, 1)}, "
        + $"'chord': '{ChordName(chord, "")}'}}"));

    /// <summary>
    /// F4. <c>[{'time': 0.53, 'beat_number': 1}, ...]</c>: every beat, of which number 1 is the downbeat.
    /// </summary>
    public string? GetAudioDownbeat() =>
        List(Beats.Select(beat => $"{{'time': {Seconds(beat)}, 'beat_number': {beat.Number}}}"));

    /// <summary>A beat's time as the tool writes it.</summary>
    internal static string Seconds(Beat beat) => Float(beat.Seconds, 2);

    /// <summary>
    /// A chord in the tool's words: <c>A minor</c>, or <c>no chord</c>. The published tool has no name for a power
    /// chord, which is neither: <c>A power chord</c>, or <c>A5</c> where there is no space.
    /// </summary>
    internal static string ChordName(MajMinChord chord, string space)
    {
        if (chord.Root is not { } root) return NoChord;
        var name = PitchClass.Name(root, flat: false);
        return chord.IsPower ? $"{name}{(space.Length == 0 ? "5" : $"{space}power chord")}"
            : $"{name}{space}{(chord.IsMinor ? "minor" : "major")}";
    }

    /// <summary>
    /// The chords as the published tool gives them: each by its third alone, equal neighbours joined, times to one
    /// decimal, none of no length.
    /// </summary>
    internal IReadOnlyList<MajMinChord> MajMinChords()
    {
        var result = new List<MajMinChord>();
        foreach (var segment in Chords)
        {
            var label = ChordLabel.Parse(segment.Label);
            int? root = label.Root < 0 ? null : label.Root;
            var chord = new MajMinChord(
                Math.Round(segment.Start, 1), Math.Round(segment.End, 1), root, root is not null && label.IsMinor,
                label.IsPower);
            if (result.Count > 0 && result[^1] with { Start = chord.Start, End = chord.End } == chord)
                result[^1] = result[^1] with { End = chord.End };
            else if (chord.End > chord.Start)
                result.Add(chord);
        }

        return result;
    }

    // Bars of another length begin where the first one was found to begin.
    private static IReadOnlyList<Beat> Counted(IReadOnlyList<Beat> beats, int inBar)
    {
        var first = Math.Max(0, beats.Select(beat => beat.Number).ToList().IndexOf(1));
        return [.. beats.Select((beat, i) => beat with { Number = (((i - first) % inBar) + inBar) % inBar + 1 })];
    }

    private bool Admits(TagScore tag) => (tag.Group, tag.Tag) switch
    {
        ("tempo" or "metre", _) => false,
        (MusicTerms.Genre, "waltz") => BeatsInBar is null or 3 or 6,
        (MusicTerms.Genre, "march" or "polka") => BeatsInBar is not (3 or 5 or 7),
        (MusicTerms.Mood, var mood) => !SpeaksAgainst(mood),
        _ => true,
    };

    private static string? List(IEnumerable<string> items) => items.Any() ? $"[{string.Join(", ", items)}]" : null;

    // Python writes a float with at least one decimal.
    private static string Float(double value, int decimals) =>
        Math.Round(value, decimals).ToString("0.0###", CultureInfo.InvariantCulture);
}

/// <summary>A chord as the published tool knows it.</summary>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
/// <param name="Root">Pitch class; null for no chord.</param>
/// <param name="IsMinor">By the third: false where it is major or there is none.</param>
/// <param name="IsPower">Root and fifth alone.</param>
internal readonly record struct MajMinChord(double Start, double End, int? Root, bool IsMinor, bool IsPower);
