namespace OpenMU.Catalogue.Similarity;

/// <summary>Sounds that lie between two others.</summary>
internal static class SoundPath
{
    /// <summary>A sound on the way, with a tempo on the way.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="share">How far along, 0 to 1.</param>
    public static SoundFacts Between(SoundFacts from, SoundFacts to, double share)
    {
        float[] vector = [.. from.Vector.Zip(to.Vector, (a, b) => (float)(((1 - share) * a) + (share * b)))];
        // Between opposites there is no direction.
        if (!TrackEmbedding.Normalise(vector)) vector = [.. from.Vector];
        double? bpm = from.Bpm is > 0 && to.Bpm is > 0
            ? from.Bpm.Value * Math.Pow(to.Bpm.Value / from.Bpm.Value, share)
            : null;
        return new SoundFacts(vector, bpm, null, [], []);
    }
}
