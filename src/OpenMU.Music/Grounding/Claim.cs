using System.Globalization;

namespace OpenMU.Music.Grounding;

/// <summary>What a claim is about.</summary>
public enum ClaimKind
{
    Instrument,
    Genre,
    Mood,
    Voice,
    Tempo,
    Metre,
    Key,
    Chord,
}

/// <summary>Something that a text says of a track and that could be measured or decided.</summary>
public abstract record Claim
{
    /// <summary>What it is about.</summary>
    public abstract ClaimKind Kind { get; }

    /// <summary>True where what was measured or decided says the same.</summary>
    public abstract bool IsConfirmedBy(MusicalFacts facts);

    /// <summary>
    /// A chord with this root sounds somewhere; of this mode, where one is asked for. A power chord has none.
    /// </summary>
    private protected static bool HasChord(MusicalFacts facts, int root, bool? isMinor) =>
        facts.MajMinChords().Any(chord =>
            chord.Root == root && (isMinor is null || (!chord.IsPower && isMinor == chord.IsMinor)));
}

/// <summary>A number of beats to the bar. Compound time may be stated by its units: 6/8 is counted in two.</summary>
/// <param name="Beats">Units in a bar.</param>
/// <param name="Unit">4 for quarter notes, 8 for eighths; null where only beats are counted.</param>
/// <param name="Or">Another number of beats that the words may mean; null where there is none.</param>
public sealed record MetreClaim(int Beats, int? Unit, int? Or = null) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind => ClaimKind.Metre;

    /// <summary>The metre, where the text states one whole.</summary>
    public Metre? Metre => Unit is { } unit ? new Metre(Beats, unit) : null;

    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) =>
        facts.BeatsInBar is { } counted && (Beats == counted || Or == counted || (Unit == 8 && Beats == 3 * counted));
}

/// <summary>A key, or a tonic alone.</summary>
/// <param name="Tonic">Pitch class, 0 (C) to 11.</param>
/// <param name="IsMinor">Null where no mode is said.</param>
/// <param name="OrChord">The words may as well name a chord.</param>
/// <param name="IsInDoubt">The words may mean something else: "a minor role", "a minor third".</param>
public sealed record KeyClaim(int Tonic, bool? IsMinor, bool OrChord, bool IsInDoubt) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind => ClaimKind.Key;

    /// <summary>The key, where the text names one whole and can mean nothing else.</summary>
    public MusicalKey? Key => IsMinor is { } isMinor && !IsInDoubt ? new MusicalKey(Tonic, isMinor) : null;

    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) =>
        (facts.Key is { } key && key.Tonic == Tonic && (IsMinor is null || IsMinor == key.IsMinor))
        || (OrChord && HasChord(facts, Tonic, IsMinor));
}

/// <summary>Major or minor.</summary>
/// <param name="IsMinor">False for major.</param>
/// <param name="IsInDoubt">The word stands alone, and need not mean a mode: "a major role". It is
/// then let pass.</param>
public sealed record ModeClaim(bool IsMinor, bool IsInDoubt) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind => ClaimKind.Key;

    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) => IsInDoubt || facts.Key?.IsMinor == IsMinor;
}

/// <summary>A chord.</summary>
/// <param name="Root">Pitch class, 0 (C) to 11.</param>
/// <param name="IsMinor">By its third; null where the text leaves it open.</param>
public sealed record ChordClaim(int Root, bool? IsMinor) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind => ClaimKind.Chord;

    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) => HasChord(facts, Root, IsMinor);
}

/// <summary>
/// A figure. Whatever it counts, the only number that was measured is the tempo: as the tool says it, or the
/// whole number next to it.
/// </summary>
/// <param name="Figure">As written.</param>
/// <param name="HasUnit">"BPM" or "beats" follows.</param>
public sealed record FigureClaim(string Figure, bool HasUnit) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind => ClaimKind.Tempo;

    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) => facts.ToolBpm is { } bpm
        && (Figure == facts.GetAudioTempo()
            || (int.TryParse(Figure, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                && Math.Abs(whole - bpm) <= 0.5));
}

/// <summary>Something that no tool here measures in such words: degrees of the scale, a tempo spelled out.</summary>
/// <param name="Kind">What it is about.</param>
public sealed record UnmeasuredClaim(ClaimKind Kind) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind { get; } = Kind;

    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) => false;
}

/// <summary>A genre, an instrument, a voice, a mood, or a word for the tempo.</summary>
/// <param name="Term">What is named.</param>
/// <param name="Polarity">Whether it is said to be there.</param>
public sealed record TermClaim(MusicTerm Term, Polarity Polarity) : Claim
{
    /// <inheritdoc/>
    public override ClaimKind Kind => Term.Group switch
    {
        MusicTerms.Genre => ClaimKind.Genre,
        MusicTerms.Mood => ClaimKind.Mood,
        MusicTerms.Voice => ClaimKind.Voice,
        MusicTerms.Tempo => ClaimKind.Tempo,
        _ => ClaimKind.Instrument,
    };

    /// <summary>
    /// True too where nothing judges such terms. A doubtful claim holds only there; a word for a tempo that was not
    /// measured does not hold.
    /// </summary>
    public override bool IsConfirmedBy(MusicalFacts facts)
    {
        if (Term.Group == MusicTerms.Tempo && facts.TempoClass is null) return false;
        return facts.Says(Term) is not { } holds
            || (Polarity != Polarity.Doubtful && holds == (Polarity == Polarity.Affirmed));
    }
}
