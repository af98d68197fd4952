using Lingua;

namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Which language lyrics are in, by their letters in threes (Lingua). It rather says nothing than something doubtful:
/// refrains of syllables have no language.
/// </summary>
public static class LyricsLanguage
{
    private const double MinConfidence = 0.9;

    // Threes of fewer letters fit too many languages, unless their script is one language's own, which is certain.
    private const int MinLetters = 60;

    // More text makes no answer surer.
    private const int MaxLength = 4000;

    // Each takes memory and makes the others less sure: those that much music is sung in.
    private static readonly Language[] Languages =
    [
        Language.Arabic, Language.Chinese, Language.Croatian, Language.Czech, Language.Danish, Language.Dutch,
        Language.English, Language.Finnish, Language.French, Language.German, Language.Greek, Language.Hebrew,
        Language.Hindi, Language.Hungarian, Language.Indonesian, Language.Italian, Language.Japanese, Language.Korean,
        Language.Latin, Language.Bokmal, Language.Persian, Language.Polish, Language.Portuguese, Language.Romanian,
        Language.Russian, Language.Spanish, Language.Swedish, Language.Turkish, Language.Ukrainian,
        Language.Vietnamese,
    ];

    // Made at the first need, within a second.
    private static readonly Lazy<LanguageDetector> Detector = new(() =>
        LanguageDetectorBuilder.FromLanguages(Languages).WithLowAccuracyMode().Build());

    private static readonly Lock Turn = new();

    /// <summary>The languages it knows, as ISO 639-1 codes.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Languages.Select(Code).Order(StringComparer.Ordinal)];

    /// <summary>The language of a text as ISO 639-1 code; null where none is plain.</summary>
    public static string? Of(string text)
    {
        lock (Turn)
        {
            var best = Detector.Value
                .ComputeLanguageConfidenceValues(text.Length <= MaxLength ? text : text[..MaxLength])
                .MaxBy(language => language.Value);
            var isPlain = best.Value >= 1 || (best.Value >= MinConfidence && text.Count(char.IsLetter) >= MinLetters);
            return isPlain ? Code(best.Key) : null;
        }
    }

    private static string Code(Language language) => language.IsoCode6391().ToString().ToLowerInvariant();
}
