namespace OpenMU.Training.Synthesis;

/// <summary>Moods that can be heard: what the style suggests, as far as tempo and mode bear it out, and what these bring by themselves. They are a rule's, not a listener's.</summary>
internal static class Moods
{
    private const int Most = 3;

    public static IReadOnlyList<string> Of(GrooveFamily family, bool isMajor, string tempoClass)
    {
        List<string> moods = [.. family.Moods];
        if (!isMajor) moods.RemoveAll(mood => mood is "happy" or "playful");
        if (isMajor && family.Genre != "blues") moods.Remove("sad");
        if (tempoClass == "slow") moods.RemoveAll(mood => mood is "energetic" or "happy");
        if (tempoClass == "fast") moods.RemoveAll(mood => mood is "calm" or "sad");
        if (!isMajor && !moods.Contains("dark")) moods.Add(family.Genre is "metal" or "electronic" ? "dark" : tempoClass == "slow" ? "sad" : family.Genre is "jazz" or "funk" or "soul" or "blues" ? "groovy" : "dramatic");
        if (isMajor && tempoClass == "fast" && family.Genre is not ("metal" or "blues")) moods.Add("happy");
        if (tempoClass == "slow" && !moods.Contains("dramatic")) moods.Add("calm");
        if (tempoClass == "fast" && family.Genre is not ("waltz" or "jazz")) moods.Add("energetic");
        if (moods.Count == 0) moods.Add("calm");
        return [.. moods.Distinct().Take(Most)];
    }
}
