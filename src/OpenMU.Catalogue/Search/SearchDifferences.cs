namespace OpenMU.Catalogue.Search;

/// <summary>
/// Where an owner's data or a file's tags say other than what was measured: a <see cref="Facet"/> that the databases
/// give, because only they see all sources at once.
/// </summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Measured">The column of the analysis.</param>
/// <param name="Margin">What does not count as other, as the databases reckon it; null where every other value counts.
/// </param>
internal sealed record SearchDifferences(string Field, string Measured, string? Margin)
{
    /// <summary>All that are looked at.</summary>
    public static IReadOnlyList<SearchDifferences> All { get; } =
    [
        new("bpm", "a.Bpm", "0.02 * a.Bpm"), new("key", "a.[Key]", null), new("duration", "a.DurationSeconds", "2"),
    ];

    /// <summary>The columns that hold what others say.</summary>
    public static IReadOnlyList<string> Claims { get; } = ["o.Fields", "a.FileFields"];

    /// <summary>Its word in the index.</summary>
    public string Token => new Facet("differs", Field).Token;
}
