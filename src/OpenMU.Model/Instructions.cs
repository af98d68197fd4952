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

    /// <summary>Caption and description to ask for, given the track's tags. Without tags of genres both may name one.</summary>
    public static IReadOnlyList<string> Texts(IReadOnlyList<TagScore> tags)
    {
        var genres = tags.Where(tag => tag.Group == "genre").ToList();
        return genres.Count == 0 || genres.Max(tag => tag.Confidence) >= SureOfGenre ? [Caption, Description] : [CaptionWithoutGenre, DescriptionWithoutGenre];
    }
}
