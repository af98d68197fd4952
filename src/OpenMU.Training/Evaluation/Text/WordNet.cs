using System.Globalization;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// One-word synonyms from WordNet (Princeton University), read from the database files that Debian's wordnet-base
/// installs. A word is looked up in all parts of speech and in every base form that WordNet's morphology finds for it,
/// as nltk's <c>wordnet.synsets</c> does.
/// </summary>
public sealed class WordNet
{
    /// <summary>Where Debian puts it.</summary>
    public const string Folder = "/usr/share/wordnet";

    private static readonly string[] PartsOfSpeech = ["noun", "verb", "adj", "adv"];

    /// <summary>(ending of the inflected form, ending of the base form) by part of speech.</summary>
    private static readonly (string Old, string New)[][] Endings =
    [
        [("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")],
        [("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")],
        [("er", ""), ("est", ""), ("er", "e"), ("est", "e")],
        [],
    ];

    private readonly Part[] parts;
    private readonly Dictionary<string, IReadOnlySet<string>> known = [];

    private WordNet(Part[] parts) => this.parts = parts;

    /// <summary>Reads the indices; null if the folder has none.</summary>
    /// <exception cref="InvalidDataException">A file is not WordNet's.</exception>
    public static WordNet? Open(string folder = Folder)
        => File.Exists(Path.Combine(folder, "index.noun"))
            ? new([.. PartsOfSpeech.Select((name, i) => Part.Read(folder, name, Endings[i]))])
            : null;

    /// <summary>
    /// The words that share a meaning with this one, of any part of speech, spelled as WordNet spells them.
    /// </summary>
    public IReadOnlySet<string> Synonyms(string word)
    {
        var lower = word.ToLowerInvariant();
        lock (known)
        {
            if (!known.TryGetValue(lower, out var synonyms))
                known[lower] = synonyms = parts.SelectMany(part => part.Synonyms(lower)).ToHashSet();
            return synonyms;
        }
    }

    /// <summary>One part of speech.</summary>
    private sealed record Part(IReadOnlyDictionary<string,
        int[]> Index, IReadOnlyDictionary<string, string[]> Exceptions, (string Old, string New)[] Endings, byte[] Data)
    {
        public static Part Read(string folder, string name, (string, string)[] endings)
        {
            try
            {
                return new(
                    Lines(Path.Combine(folder, "index." + name)).ToDictionary(fields => fields[0], Offsets),
                    Lines(Path.Combine(folder, name + ".exc")).GroupBy(fields => fields[0])
                        .ToDictionary(group => group.Key, group => group.SelectMany(fields => fields[1..]).ToArray()),
                    endings, File.ReadAllBytes(Path.Combine(folder, "data." + name)));
            }
            catch (Exception e) when (e is FormatException or IndexOutOfRangeException or ArgumentException)
            {
                throw new InvalidDataException($"{folder} does not hold WordNet's database of {name}s.", e);
            }
        }

        public IEnumerable<string> Synonyms(string word)
            => BaseForms(word).SelectMany(form => Index[form]).SelectMany(Words);

        private static IEnumerable<string[]> Lines(string path)
            => File.ReadLines(path).Where(line => !line.StartsWith(' '))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        /// <summary>
        /// lemma pos synset_count pointer_count [pointer ...] sense_count tagged_count [synset_offset ...]
        /// </summary>
        private static int[] Offsets(string[] fields)
        {
            var count = int.Parse(fields[2], CultureInfo.InvariantCulture);
            return [.. fields[^count..].Select(field => int.Parse(field, CultureInfo.InvariantCulture))];
        }

        private string[] BaseForms(string word)
        {
            string[] Known(IEnumerable<string> forms) => [.. forms.Where(Index.ContainsKey).Distinct()];
            if (Exceptions.TryGetValue(word, out var irregular)) return Known([word, .. irregular]);
            string[] forms = [word];
            var all = forms;
            while (forms.Length > 0)
            {
                forms = [.. forms.SelectMany(
                    form => Endings.Where(ending => form.EndsWith(ending.Old, StringComparison.Ordinal))
                        .Select(ending => form[..^ending.Old.Length] + ending.New))];
                all = [.. all, .. forms];
                if (Known(all) is { Length: > 0 } found) return found;
            }
            return [];
        }

        /// <summary>
        /// offset lex_filenum ss_type word_count(hex) word lex_id [word lex_id ...] ...; adjectives may
        /// carry a mark such as "(a)".
        /// </summary>
        private IEnumerable<string> Words(int offset)
        {
            var end = Array.IndexOf(Data, (byte)'\n', offset);
            var fields =
                System.Text.Encoding.UTF8.GetString(Data, offset, (end < 0 ? Data.Length : end) - offset).Split(' ');
            var count = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (var i = 0; i < count; i++)
            {
                var word = fields[4 + 2 * i].Split('(')[0];
                if (!word.Contains('_')) yield return word;
            }
        }
    }
}
