namespace OpenMU.Training.Synthesis;

/// <summary>What <c>openmu synthesise</c> is asked for.</summary>
/// <param name="Output">Data folder.</param>
/// <param name="Clips">How many clips.</param>
/// <param name="Seconds">Length of each.</param>
/// <param name="Seed">Of all random choices.</param>
/// <param name="Split">"train" or "held-out": which groove families to draw from, and which wordings.</param>
/// <param name="Soundfonts">Files; each clip is played with one.</param>
/// <param name="MmaLibrary">MMA's library.</param>
/// <param name="Jobs">Clips at a time; no result depends on it.</param>
/// <param name="Audio">Whether to render; without, truths and records alone are written.</param>
internal sealed record SynthesisOptions(
    string Output, int Clips, double Seconds, int Seed, string Split, IReadOnlyList<string> Soundfonts, string MmaLibrary, int Jobs, bool Audio);
