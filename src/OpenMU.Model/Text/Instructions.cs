using OpenMU.Music;

namespace OpenMU.Model.Text;

/// <summary>What the product asks the model about each track.</summary>
public static class Instructions
{
    public const string Caption = "Give a short caption of this music.";
    public const string Description = "Describe this music in detail.";
    public const string CaptionWithoutGenre = "Give a short caption of this music without naming a genre.";
    public const string DescriptionWithoutGenre = "Describe this music in detail without naming a genre.";

    /// <summary>Below this calibrated confidence in the likeliest genre, texts about a track name none: a wrong genre is what makes a caption wrong.</summary>
    public const double SureOfGenre = 0.4;

    /// <summary>
    /// Caption and description to ask for, given the track's tags and what was measured. Without tags of genres both may name one. The model is told
    /// what the tools found, so that a text agrees with the tempo and the key that stand beside it.
    /// </summary>
    public static IReadOnlyList<string> Texts(IReadOnlyList<TagScore> tags, MusicalFacts facts)
    {
        var genres = tags.Where(tag => tag.Group == "genre").ToList();
        string[] texts = genres.Count == 0 || genres.Max(tag => tag.Confidence) >= SureOfGenre ? [Caption, Description] : [CaptionWithoutGenre, DescriptionWithoutGenre];
        var measured = Measured(facts);
        return [.. texts.Select(text => text + measured)];
    }

    /// <summary>What is known of a track, as it is put behind an instruction.</summary>
    public static string Measured(MusicalFacts facts) => Measured(facts.TempoClass, facts.Key?.Mode);

    /// <summary>What is put behind an instruction: class of the tempo and mode of the key, in words. Nothing where neither is known.</summary>
    /// <param name="tempoClass">"slow", "medium" or "fast"; null if it is not known.</param>
    /// <param name="mode">"major" or "minor"; null if it is not known.</param>
    public static string Measured(string? tempoClass, string? mode)
    {
        string[] facts = [.. new[] { tempoClass is null ? null : $"tempo {tempoClass}", mode is null ? null : $"mode {mode}" }.OfType<string>()];
        return facts.Length == 0 ? "" : $" Measured: {string.Join(", ", facts)}.";
    }
}
