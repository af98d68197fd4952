namespace OpenMU.Model;

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
    /// both, so that a text agrees with the tempo, the key and the tags that stand beside it.
    /// </summary>
    public static IReadOnlyList<string> Texts(IReadOnlyList<TagScore> tags, ToolCallback tool)
    {
        var told = Told(tags, tool);
        string[] texts = SureGenre(tags) is not null || tags.All(tag => tag.Group != "genre") ? [Caption, Description] : [CaptionWithoutGenre, DescriptionWithoutGenre];
        return [.. texts.Select(text => text + told)];
    }

    /// <summary>What the tools find and the tags say of a track, as it is put behind an instruction.</summary>
    public static string Told(IReadOnlyList<TagScore> tags, ToolCallback tool)
    {
        var measured = new MeasuredFacts(tool);
        return Measured(measured.TempoClass, measured.Mode) + Heard(SureGenre(tags), Ranked(tags, "mood").FirstOrDefault(), [.. Ranked(tags, "instrument")]);
    }

    /// <summary>What was measured, as it is put behind an instruction: class of the tempo and mode of the key, in words. Nothing where neither is known.</summary>
    /// <param name="tempoClass">"slow", "medium" or "fast"; null if it is not known.</param>
    /// <param name="mode">"major" or "minor"; null if it is not known.</param>
    public static string Measured(string? tempoClass, string? mode)
        => Sentence("Measured", tempoClass is null ? null : $"tempo {tempoClass}", mode is null ? null : $"mode {mode}");

    /// <summary>What the tags say, as it is put behind an instruction. Nothing where they say nothing.</summary>
    /// <param name="genre">Null if it is not sure.</param>
    /// <param name="mood">Null if it is not sure.</param>
    /// <param name="instruments">The surest first: a short text names the first few.</param>
    public static string Heard(string? genre, string? mood, IReadOnlyList<string> instruments)
        => Sentence("Heard", genre is null ? null : $"genre {genre}", mood is null ? null : $"mood {mood}", instruments.Count == 0 ? null : $"instruments {string.Join(", ", instruments)}");

    private static string Sentence(string source, params string?[] facts)
        => facts.OfType<string>().ToList() is { Count: > 0 } known ? $" {source}: {string.Join(", ", known)}." : "";

    private static string? SureGenre(IReadOnlyList<TagScore> tags) => tags.Where(tag => tag.Group == "genre" && tag.Confidence >= SureOfGenre).MaxBy(tag => tag.Confidence)?.Label;

    private static IEnumerable<string> Ranked(IReadOnlyList<TagScore> tags, string group) => tags.Where(tag => tag.Group == group).OrderByDescending(tag => tag.Confidence).Select(tag => tag.Label);
}
