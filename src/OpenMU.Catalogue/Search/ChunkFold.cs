using System.Text;

namespace OpenMU.Catalogue.Search;

/// <summary>Takes what stands between two spaces apart into words, in each way in which it may be looked for.</summary>
internal sealed class ChunkFold
{
    private const string Separators = "-–—−/&+|:,.;~·•\\\"()[]{}<>…*'";

    // Words as they stand; with accents spelled out; with what apostrophes and signs within words divide apart.
    private readonly List<string> plain = [];
    private readonly List<string> spelled = [];
    private readonly List<string> divided = [];
    private readonly StringBuilder word = new();
    private readonly StringBuilder spelledWord = new();
    private readonly StringBuilder part = new();
    private readonly StringBuilder run = new();
    private bool endsInRun;

    private ChunkFold()
    {
    }

    /// <summary>Null where nothing is left.</summary>
    /// <param name="chunk">Taken apart by Unicode, in small.</param>
    public static FoldedChunk? Of(string chunk) =>
        SearchFold.IsCoded(chunk) ? new FoldedChunk([[chunk]]) : new ChunkFold().Read(chunk);

    private FoldedChunk? Read(string chunk)
    {
        var runes = chunk.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++) Add(runes, i);
        EndWord();
        if (plain.Count == 0) return Signs(runes);

        List<IReadOnlyList<string>> spellings = [plain];
        Consider(SearchFold.MayJoin(plain) ? [string.Concat(plain)] : plain);
        Consider(spelled);
        Consider(divided);
        return new FoldedChunk(spellings, EndsInRun: endsInRun);

        void Consider(IReadOnlyList<string> spelling)
        {
            if (!spellings.Any(spelling.SequenceEqual)) spellings.Add(spelling);
        }
    }

    private void Add(Rune[] runes, int at)
    {
        var rune = runes[at];
        if (FoldedLetters.IsMark(rune))
        {
            if (word.Length > 0) spelledWord.Append(FoldedLetters.SpelledOut(rune, word[^1]));
        }
        else if (rune.Value == '\'')
        {
            EndPart();
        }
        else if (Rune.IsLetterOrDigit(rune) || (FoldedLetters.IsPartOfWord(rune) && word.Length + run.Length > 0))
        {
            AddLetter(rune);
        }
        else if (LetterFor(runes, at) is { } letter)
        {
            EndPart();
            word.Append(letter);
            spelledWord.Append(letter);
        }
        else
        {
            EndWord();
        }
    }

    private void AddLetter(Rune rune)
    {
        if (FoldedLetters.IsUnspaced(rune) || (run.Length > 0 && FoldedLetters.IsPartOfWord(rune)))
        {
            if (word.Length > 0) EndWord();
            run.Append(FoldedLetters.Of(rune));
            return;
        }

        if (run.Length > 0) EndWord();
        var letters = FoldedLetters.Of(rune);
        word.Append(letters);
        part.Append(letters);
        spelledWord.Append(rune.Value == 'ø' ? "oe" : letters);
    }

    // A sign between letters, or a dollar before or after some: P!nk, Ke$ha, A$AP, $uicideboy$.
    private static char? LetterFor(Rune[] runes, int at)
    {
        if (FoldedLetters.Letter(runes[at]) is not { } letter) return null;
        var isAfter = at > 0 && IsLatin(runes[at - 1]);
        var isBefore = at + 1 < runes.Length && IsLatin(runes[at + 1]);
        return (isAfter && isBefore) || (letter == 's' && (isAfter || isBefore)) ? letter : null;
    }

    private static bool IsLatin(Rune rune) =>
        FoldedLetters.IsMark(rune) || (Rune.IsLetter(rune) && !FoldedLetters.IsUnspaced(rune));

    private void EndPart()
    {
        if (part.Length == 0) return;
        divided.Add(Composed(part));
    }

    private void EndWord()
    {
        EndPart();
        if (word.Length > 0)
        {
            plain.Add(Composed(word));
            spelled.Add(Composed(spelledWord));
            endsInRun = false;
        }

        spelledWord.Clear();
        if (run.Length > 0) EndRun();
    }

    // Each character with the next one, and the last one alone, so that it too begins a word.
    private void EndRun()
    {
        var runes = Composed(run).EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            var pair = new StringBuilder().Append(SearchFold.Mark);
            SearchFold.Encode(pair, runes[i]);
            if (i + 1 < runes.Length) SearchFold.Encode(pair, runes[i + 1]);
            foreach (var words in (List<string>[])[plain, spelled, divided]) words.Add(pair.ToString());
        }

        endsInRun = runes.Length > 1;
    }

    private static FoldedChunk? Signs(Rune[] signs)
    {
        var kept = signs.Where(sign => !FoldedLetters.IsMark(sign) && !FoldedLetters.IsPartOfWord(sign)).ToList();
        if (kept.Count == 0) return null;
        var coded = new StringBuilder().Append(SearchFold.Mark);
        foreach (var sign in kept) SearchFold.Encode(coded, sign);
        var isSeparator = kept.All(sign => Separators.Contains(sign.ToString(), StringComparison.Ordinal));
        return new FoldedChunk([[coded.ToString()]], isSeparator);
    }

    private static string Composed(StringBuilder letters)
    {
        var composed = letters.ToString().Normalize();
        letters.Clear();
        return composed;
    }
}
