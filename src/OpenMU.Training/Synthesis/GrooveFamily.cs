namespace OpenMU.Training.Synthesis;

/// <summary>Grooves of one name: what must not be both learnt from and measured on.</summary>
/// <param name="Name">Name of the family.</param>
/// <param name="Split">"train" or "held-out".</param>
/// <param name="Genre">A genre of the vocabulary.</param>
/// <param name="Slowest">Lowest plausible tempo in taps a minute.</param>
/// <param name="Fastest">Highest plausible tempo.</param>
/// <param name="Metre">Its metre.</param>
/// <param name="Chords">Style of its progressions.</param>
/// <param name="Moods">What the style itself suggests.</param>
/// <param name="Files">Its grooves, by file.</param>
internal sealed record GrooveFamily(
    string Name, string Split, string Genre, double Slowest, double Fastest, Metre Metre, string Chords, IReadOnlyList<string> Moods, IReadOnlyList<GrooveFile> Files);
