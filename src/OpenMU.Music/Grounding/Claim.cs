using System.Globalization;

namespace OpenMU.Music.Grounding;

/// <summary>Something that a text says of a track and that could be measured.</summary>
public abstract record Claim
{
    /// <summary>True where what was measured says the same.</summary>
    public abstract bool IsConfirmedBy(MusicalFacts facts);

    /// <summary>A chord with this root sounds somewhere; of this mode, where one is asked for.</summary>
    private protected static bool HasChord(MusicalFacts facts, int root, bool? isMinor) =>
        facts.MajMinChords().Any(chord => chord.Root == root && (isMinor is null || isMinor == chord.IsMinor));
}

/// <summary>A number of beats to the bar. Compound time may be stated by its units: 6/8 is counted in two.</summary>
/// <param name="Beats">Units in a bar.</param>
/// <param name="Unit">4 for quarter notes, 8 for eighths; null where only beats are counted.</param>
/// <param name="Or">Another number of beats that the words may mean; null where there is none.</param>
public sealed record MetreClaim(int Beats, int? Unit, int? Or = null) : Claim
{
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
    public override bool IsConfirmedBy(MusicalFacts facts) => IsInDoubt || facts.Key?.IsMinor == IsMinor;
}

/// <summary>A chord.</summary>
/// <param name="Root">Pitch class, 0 (C) to 11.</param>
/// <param name="IsMinor">By its third; null where the text leaves it open.</param>
public sealed record ChordClaim(int Root, bool? IsMinor) : Claim
{
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
    public override bool IsConfirmedBy(MusicalFacts facts) => facts.ToolBpm is { } bpm
        && (Figure == facts.GetAudioTempo()
            || (int.TryParse(Figure, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                && Math.Abs(whole - bpm) <= 0.5));
}

/// <summary>Something that no tool here measures in such words: degrees of the scale, a tempo spelled out.</summary>
public sealed record UnmeasuredClaim : Claim
{
    /// <inheritdoc/>
    public override bool IsConfirmedBy(MusicalFacts facts) => false;
}
