using OpenMU.Music;

namespace OpenMU.Model.Text;

/// <summary>The instructions that the product gives the model about each track.</summary>
public static class Instructions
{
    public const string Caption = "Give a short caption of this music.";
    public const string Description = "Describe this music in detail.";
    public const string CaptionWithoutGenre = "Give a short caption of this music without naming a genre.";
    public const string DescriptionWithoutGenre = "Describe this music in detail without naming a genre.";

    public const string LyricsSummary = "Say in one sentence what these lyrics are about.";

    /// <summary>
    /// Version of the words around questions and of the rules by which they are answered; every answer keeps it. It
    /// changes with them.
    /// </summary>
    public const string QuestionVersion = "5";

    /// <summary>
    /// The instructions for a track's caption and description. Where a genre could have been decided and was not, they
    /// ask for none. They include what was measured, so that the texts agree with the tempo and the key published
    /// beside them.
    /// </summary>
    public static IReadOnlyList<string> Texts(MusicalFacts facts)
    {
        string[] texts = facts.Decisions.Judges(MusicTerms.Genre) && !facts.Decisions.In(MusicTerms.Genre).Any()
            ? [CaptionWithoutGenre, DescriptionWithoutGenre]
            : [Caption, Description];
        var measured = Measured(facts);
        return [.. texts.Select(text => text + measured)];
    }

    /// <summary>A question as the model gets it, with the same measurements as a caption.</summary>
    public static string Question(string question, MusicalFacts facts) => question.Trim() + Measured(facts);

    /// <summary>A question about several tracks, whose music stands before it in their order.</summary>
    public static string Question(string question, IReadOnlyList<MusicalFacts> tracks) =>
        $"Tracks [1] to [{tracks.Count}] play one after the other. "
            + string.Concat(tracks.Select((facts, i) => Measured(facts) is { Length: > 0 } measured
                ? $"[{i + 1}]{measured} "
                : ""))
            + question.Trim();

    /// <summary>A track's measurements as they are appended to an instruction.</summary>
    public static string Measured(MusicalFacts facts) => Measured(facts.TempoClass, facts.Key?.Mode);

    /// <summary>What is appended to an instruction: tempo class and mode in words, or "" if neither is known.</summary>
    /// <param name="tempoClass">"slow", "medium" or "fast"; null if it is not known.</param>
    /// <param name="mode">"major" or "minor"; null if it is not known.</param>
    public static string Measured(string? tempoClass, string? mode)
    {
        string[] facts = [.. new[]
        {
            tempoClass is null ? null : $"tempo {tempoClass}", mode is null ? null : $"mode {mode}"
        }.OfType<string>()];
        return facts.Length == 0 ? "" : $" Measured: {string.Join(", ", facts)}.";
    }
}
