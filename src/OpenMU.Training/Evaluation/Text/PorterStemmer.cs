namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// The suffix stripper of Porter (Program 14.3, 1980) with the extensions that nltk uses by default: irregular forms,
/// "ies" and "ied" of short words, "y" only after a consonant, and more suffixes in the second step.
/// </summary>
public static class PorterStemmer
{
    private static readonly Dictionary<string, string> Irregular = new (string Stem, string[] Words)[]
    {
        ("sky", ["sky", "skies"]), ("die", ["dying"]), ("lie", ["lying"]), ("tie", ["tying"]), ("news", ["news"]),
        ("inning", ["inning", "innings"]),
        ("outing", ["outing", "outings"]), ("canning", ["canning", "cannings"]), ("howe", ["howe"]),
        ("proceed", ["proceed"]), ("exceed", ["exceed"]),
        ("succeed", ["succeed"]),
    }.SelectMany(form => form.Words.Select(word => (word, form.Stem)))
        .ToDictionary(form => form.word, form => form.Stem);

    // (suffix, what stands for it), tried in this order; the first that fits decides.
    private static readonly (string, string)[] Step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
        ("alli", "al"), ("entli", "ent"),
        ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
        ("iveness", "ive"), ("fulness", "ful"),
        ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
    ];

    private static readonly (string, string)[] Step3 =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    private static readonly string[] Step4 =
        [
            "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
            "iti", "ous", "ive", "ize"
        ];

    /// <summary>The stem of a word, in lower case.</summary>
    public static string Stem(string word)
    {
        var stem = word.ToLowerInvariant();
        if (Irregular.TryGetValue(stem, out var irregular)) return irregular;
        if (stem.Length <= 2) return stem;
        return WithoutFinalLetters(WithoutLastSuffix(Replaced(Doubled(FinalY(PastAndProgress(Plural(stem)))), Step3)));
    }

    private static string Plural(string word)
    {
        if (Ends(word, "ies")) return word.Length == 4 ? word[..^1] : word[..^2];
        if (Ends(word, "sses")) return word[..^2];
        return Ends(word, "s") && !Ends(word, "ss") ? word[..^1] : word;
    }

    private static string PastAndProgress(string word)
    {
        if (Ends(word, "ied")) return word.Length == 4 ? word[..^1] : word[..^2];
        if (Ends(word, "eed")) return Measure(word[..^3]) > 0 ? word[..^1] : word;
        var suffix = Ends(word, "ed") ? "ed" : "ing";
        if (!Ends(word, suffix) || !HasVowel(word[..^suffix.Length])) return word;
        var stem = word[..^suffix.Length];
        if (Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz")) return stem + "e";
        if (EndsInDoubleConsonant(stem)) return stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1];
        return Measure(stem) == 1 && EndsInShortSyllable(stem) ? stem + "e" : stem;
    }

    private static string FinalY(string word) =>
        Ends(word, "y") && word.Length > 2 && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;

    private static string Doubled(string word)
    {
        if (Ends(word, "alli") && Measure(word[..^4]) > 0) return Doubled(word[..^2]);
        if (Ends(word, "logi")) return Measure(word[..^3]) > 0 ? word[..^1] : word;
        return Replaced(word, Step2);
    }

    private static string Replaced(string word, (string Suffix, string Replacement)[] rules)
    {
        var (suffix, replacement) = rules.FirstOrDefault(rule => Ends(word, rule.Suffix));
        return suffix is not null && Measure(word[..^suffix.Length]) > 0 ? word[..^suffix.Length] + replacement : word;
    }

    private static string WithoutLastSuffix(string word)
    {
        if (Step4.FirstOrDefault(suffix => Ends(word, suffix)) is not { } suffix) return word;
        var stem = word[..^suffix.Length];
        return Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't') ? stem : word;
    }

    private static string WithoutFinalLetters(string word)
    {
        if (Ends(word, "e"))
        {
            var stem = word[..^1];
            var measure = Measure(stem);
            if (measure > 1 || measure == 1 && !EndsInShortSyllable(stem)) word = stem;
        }
        return Ends(word, "ll") && Measure(word[..^1]) > 1 ? word[..^1] : word;
    }

    private static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    private static bool IsConsonant(string word, int i) => word[i] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => i == 0 || !IsConsonant(word, i - 1),
        _ => true,
    };

    /// <summary>How many times a vowel is followed by a consonant: Porter's m.</summary>
    private static int Measure(string stem)
    {
        var count = 0;
        for (var i = 1; i < stem.Length; i++)
        {
            if (IsConsonant(stem, i) && !IsConsonant(stem, i - 1)) count++;
        }
        return count;
    }

    private static bool HasVowel(string stem) => Enumerable.Range(0, stem.Length).Any(i => !IsConsonant(stem, i));

    private static bool EndsInDoubleConsonant(string word) =>
        word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    /// <summary>
    /// Consonant, vowel, consonant other than w, x, y ("hop"); or a vowel and a consonant alone ("at").
    /// </summary>
    private static bool EndsInShortSyllable(string word)
    {
        bool Consonant(int fromEnd) => IsConsonant(word, word.Length - fromEnd);
        return word.Length >= 3 && Consonant(3) && !Consonant(2) && Consonant(1) && word[^1] is not ('w' or 'x' or 'y')
            || word.Length == 2 && !Consonant(2) && Consonant(1);
    }
}
