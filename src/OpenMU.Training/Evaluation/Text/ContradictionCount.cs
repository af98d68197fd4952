// ContradictionCount.cs - how often what is said about tracks is given the lie by their own tags and measurements.
using OpenMU.Music;
using OpenMU.Music.Grounding;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>A text about a track that says what its tags and measurements do not.</summary>
/// <param name="Track">The track's name.</param>
/// <param name="Text">"caption" or "description".</param>
/// <param name="Kind">What it is wrong about.</param>
/// <param name="Claim">The word, with "no" before what is denied.</param>
public sealed record Contradiction(string Track, string Text, ClaimKind Kind, string Claim);

/// <summary>Texts of one sort that contradict their tracks in one way.</summary>
/// <param name="Text">"caption" or "description".</param>
/// <param name="Kind">What they are wrong about; null for anything.</param>
/// <param name="Texts">All texts of the sort.</param>
/// <param name="Contradicting">Those among them that are wrong about it at least once.</param>
public sealed record ContradictionRate(string Text, ClaimKind? Kind, int Texts, int Contradicting)
{
    /// <summary>0 to 1.</summary>
    public double Rate => Texts == 0 ? 0 : (double)Contradicting / Texts;
}

/// <summary>A sentence that was left out, whole or in part.</summary>
/// <param name="Track">The track's name.</param>
/// <param name="Written">As the model wrote it.</param>
/// <param name="Kept">What was kept of it; null where nothing was.</param>
public sealed record LeftOutOfTrack(string Track, string Written, string? Kept);

/// <summary>Sentences that were left out for one reason.</summary>
/// <param name="Kind">What they were wrong about; null where they were no language.</param>
/// <param name="Sentences">How many.</param>
/// <param name="KeptInPart">Those of which the rest was kept.</param>
public sealed record LeftOutCount(ClaimKind? Kind, int Sentences, int KeptInPart);

/// <summary>Counts contradictions in captions and descriptions.</summary>
public sealed class ContradictionCount
{
    public const string Caption = "caption", Description = "description";

    private static readonly string[] Sorts = [Caption, Description];

    private readonly List<Contradiction> found = [], foundByWords = [];
    private readonly List<(string Track, LeftOut Sentence)> leftOut = [];
    private readonly Dictionary<string, int> texts = Sorts.ToDictionary(sort => sort, _ => 0);

    /// <summary>Tracks with texts.</summary>
    public int Tracks { get; private set; }

    /// <summary>Sentences that were left out before the texts were stored; null where nobody counted.</summary>
    public int? DroppedSentences { get; private set; }

    /// <summary>Captions that are written from tags and measurements because nothing else was left.</summary>
    public int PlainCaptions { get; private set; }

    /// <summary>The same of descriptions.</summary>
    public int PlainDescriptions { get; private set; }

    /// <summary>What the second judge finds, which knows words and no rules: <see cref="WordListJudge"/>.</summary>
    public IReadOnlyList<Contradiction> FoundByWords => foundByWords;

    /// <summary>In the order of the tracks.</summary>
    public IReadOnlyList<LeftOutOfTrack> LeftOutSentences =>
        [.. leftOut.Select(one => new LeftOutOfTrack(one.Track, one.Sentence.Written, one.Sentence.Kept))];

    /// <summary>
    /// Of the sentences that were left out, how many were wrong about a kind of thing and how many of these were kept
    /// in part; kind null for those that were no language. A sentence can be wrong about several.
    /// </summary>
    public IReadOnlyList<LeftOutCount> LeftOut =>
        [.. Enum.GetValues<ClaimKind>().Select(kind => (ClaimKind?)kind).Append(null).Select(kind => (kind, leftOut
            .Where(one => kind is { } wrong
                ? one.Sentence.Kinds.Contains(wrong)
                : one.Sentence.Kinds.Count == 0).ToList()))
            .Select(one => new LeftOutCount(
                one.kind, one.Item2.Count, one.Item2.Count(left => left.Sentence.Kept is not null)))];

    /// <summary>In the order of the tracks.</summary>
    public IReadOnlyList<Contradiction> Found => found;

    /// <summary>Of captions, then of descriptions: any contradiction first, then each kind.</summary>
    public IReadOnlyList<ContradictionRate> Rates =>
        [.. Sorts.SelectMany(sort => Enum.GetValues<ClaimKind>().Select(kind => (ClaimKind?)kind).Prepend(null)
            .Select(kind => new ContradictionRate(
                sort, kind, texts[sort],
                found.Where(one => one.Text == sort && (kind is null || one.Kind == kind))
                    .Select(one => one.Track).Distinct().Count())))];

    /// <summary>Adds what is shown of one track.</summary>
    /// <param name="track">Its name, unlike those of the others.</param>
    /// <param name="caption">Null where it has none.</param>
    /// <param name="description">Null where it has none.</param>
    /// <param name="known">Its tags and measurements.</param>
    /// <param name="dropped">Sentences that were left out; null where nobody counted.</param>
    /// <param name="isCaptionPlain">The caption is no model's.</param>
    /// <param name="isDescriptionPlain">The description is no model's.</param>
    /// <param name="sentences">The sentences that were left out, where they are known.</param>
    public void Add(
        string track, string? caption, string? description, MusicalFacts known, int? dropped, bool isCaptionPlain,
        bool isDescriptionPlain = false, IReadOnlyList<LeftOut>? sentences = null)
    {
        Tracks++;
        leftOut.AddRange((sentences ?? []).Select(sentence => (track, sentence)));
        if (isDescriptionPlain) PlainDescriptions++;
        if (dropped is not null) DroppedSentences = (DroppedSentences ?? 0) + dropped;
        if (isCaptionPlain) PlainCaptions++;
        foreach (var (sort, text) in Sorts.Zip([caption, description]))
        {
            if (string.IsNullOrEmpty(text)) continue;
            texts[sort]++;
            // "No music: it sounds like speech. It lasts 39.1 seconds." speaks of no voice in music, and of no tempo.
            if (known.Decisions.Tags.Count == 0 && PlainWriter.SaysNoMusic(text)) continue;
            found.AddRange(ClaimFinder.Contradictions(text, known)
                .Select(claim => new Contradiction(track, sort, claim.Kind, Words(claim))).Distinct());
            if (!known.Decisions.Judges(MusicTerms.Instrument)) continue;
            foundByWords.AddRange(WordListJudge
                .Contradictions(text, [.. known.Decisions.Tags.Select(tag => tag.Tag)], known.HasLyrics)
                .Select(word => new Contradiction(track, sort, word.Kind, word.Word)));
        }
    }

    private static string Words(Claim claim) => claim switch
    {
        TermClaim { Polarity: Polarity.Affirmed, Term: var term } => term.Name,
        TermClaim { Polarity: Polarity.Denied, Term: var term } => $"no {term.Name}",
        TermClaim { Term: var term } => $"perhaps no {term.Name}",
        MetreClaim metre => metre.Metre?.Label ?? $"{metre.Beats} beats to the bar",
        KeyClaim key => PitchClass.Name(key.Tonic, flat: false) + (key.IsMinor switch
        {
            true => " minor",
            false => " major",
            null => "",
        }),
        ModeClaim mode => mode.IsMinor ? "minor" : "major",
        ChordClaim chord => PitchClass.Name(chord.Root, flat: false) + (chord.IsMinor == true ? "m" : ""),
        FigureClaim figure => figure.Figure,
        _ => "unmeasured",
    };
}
