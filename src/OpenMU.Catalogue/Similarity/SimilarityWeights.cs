namespace OpenMU.Catalogue.Similarity;

/// <summary>
/// How much each side of a track counts when tracks are compared. What is unknown about a track counts as not alike.
/// </summary>
/// <param name="Sound">The cosine between the model's embeddings.</param>
/// <param name="Tempo">Within 10 %; half and double tempo count as the same.</param>
/// <param name="Key">The same key, or a neighbour on the Camelot wheel.</param>
/// <param name="Mood">The share of moods that both have.</param>
/// <param name="Instruments">The share of instruments that both have.</param>
public sealed record SimilarityWeights(
    double Sound = 1, double Tempo = 0.2, double Key = 0.1, double Mood = 0.2, double Instruments = 0.2)
{
    /// <summary>The sum of all.</summary>
    public double Sum => Sound + Tempo + Key + Mood + Instruments;

    /// <summary>Whether a comparison can be made: none is below 0 or above 1, and one is above 0.</summary>
    public bool AreUsable =>
        ((double[])[Sound, Tempo, Key, Mood, Instruments]).All(weight => weight is >= 0 and <= 1) && Sum > 0;
}

/// <summary>How alike two tracks are, side by side: 0 to 1 each.</summary>
/// <param name="Sound">See <see cref="SimilarityWeights"/>, also for the others.</param>
/// <param name="Tempo">1 for the same, 0 from 10 % on.</param>
/// <param name="Key">1 for the same, 0.8 for a neighbour, else 0.</param>
/// <param name="Mood">Those of both over those of either.</param>
/// <param name="Instruments">Likewise.</param>
public sealed record SimilarityParts(double Sound, double Tempo, double Key, double Mood, double Instruments)
{
    /// <summary>The weighted mean.</summary>
    public double Score(SimilarityWeights weights) =>
        (weights.Sound * Sound + weights.Tempo * Tempo + weights.Key * Key + weights.Mood * Mood
            + weights.Instruments * Instruments) / weights.Sum;
}
