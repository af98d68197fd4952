// WordListJudge.cs - a second judge of contradictions, which shares nothing with the first: no grammar, no terms, no
// kinds of kinds. Where a text has the beginning of one of its words, one of the tags beside it must be decided.
using System.Text.RegularExpressions;
using OpenMU.Music.Grounding;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// Looks for names of instruments, genres and moods in a text by their first letters alone. It shows whether the rules
/// that decide what is dropped overlook words; it takes too much for a claim rather than too little.
/// </summary>
public static partial class WordListJudge
{
    // What a word begins with, and the tags that would bear it out, by their first letters too; none where no tag does.
    private static readonly (ClaimKind Kind, string[] Lines)[] Lists =
    [
        (ClaimKind.Instrument,
        [
            "piano: piano, electric piano", "keyboard: piano, electric piano, organ, accordion, synth lead, synth pad",
            "keys: piano, electric piano, organ", "rhodes: electric piano", "wurlitzer: electric piano",
            "organ: organ", "hammond: organ", "accordion: accordion", "harmonica: harmonica", "harpsichord:", "clav:",
            "guitar: acoustic guitar, electric guitar, distorted guitar", "acoustic guitar: acoustic guitar",
            "electric guitar: electric guitar, distorted guitar", "distorted: distorted guitar",
            "overdriv: distorted guitar", "bass: bass", "string: strings", "violin: strings", "viola: strings",
            "cell: strings", "fiddle: strings", "choir: choir", "choral: choir", "chorus: choir", "voice: choir",
            "vocal: choir", "sing: choir", "sung: choir", "chant: choir", "rapp:", "brass: brass", "horn: brass",
            "trumpet: brass", "trombone: brass", "tuba: brass", "sax: saxophone", "clarinet: clarinet", "oboe:",
            "bassoon:", "flut: flute", "piccolo: flute", "recorder: flute", "whistle: flute", "synth: synth lead, synth pad",
            "pad: synth pad", "lead synth: synth lead", "mallet: mallets", "vibraphon: mallets", "marimba: mallets",
            "xylophon: mallets", "glockenspiel: mallets", "celest: mallets", "bell: mallets", "chime: mallets",
            "banjo: banjo", "drum: drums", "percuss: drums, mallets", "cymbal: drums", "snare: drums", "hi-hat: drums",
            "timpani: drums", "conga: drums", "bongo: drums", "tambourin: drums", "harp:", "sitar:", "lute:", "koto:",
            "mandolin:", "ukulele:", "bagpipe:", "theremin:", "woodwind: saxophone, clarinet, flute",
            "reed: saxophone, clarinet, harmonica",
        ]),
        (ClaimKind.Genre,
        [
            "pop: pop", "ballad: ballad", "rock: rock", "punk: rock", "grunge: rock", "metal: metal", "thrash: metal",
            "blues: blues", "bluesy: blues", "jazz: jazz", "swing: jazz", "bebop: jazz", "ragtime: jazz", "latin: latin",
            "salsa: latin", "samba: latin", "bossa: latin", "tango: latin", "rumba: latin", "country: country",
            "bluegrass: country, folk", "folk: folk", "celtic: folk", "funk: funk", "soul: soul", "r&b: soul",
            "electro: electronic", "techno: electronic", "trance: electronic", "house music: electronic", "edm: electronic",
            "dubstep: electronic", "chiptune: electronic", "waltz: waltz", "march: march", "polka: polka",
            "gospel: gospel", "orchestra: orchestral", "symphon: orchestral", "classical: orchestral",
            "baroque: orchestral", "concerto: orchestral", "opera: orchestral", "ambient:", "hip-hop:", "hip hop:",
            "reggae:", "disco:", "new age:",
        ]),
        (ClaimKind.Mood,
        [
            "happ: happy", "cheer: happy", "joy: happy", "merr: happy", "glad: happy", "sad: sad", "sorrow: sad",
            "melanchol: sad", "mourn: sad", "wistful: sad", "calm: calm", "peace: calm", "relax: calm", "seren: calm",
            "tranquil: calm", "sooth: calm", "gentle: calm", "energ: energetic", "lively: energetic", "driving: energetic",
            "vigor: energetic", "upbeat: energetic, happy", "romantic: romantic", "tender: romantic", "dramatic: dramatic",
            "intens: dramatic", "tense: dramatic", "epic: dramatic", "dark: dark", "gloom: dark", "ominous: dark",
            "eerie: dark", "myster: dark", "playful: playful", "light-heart: playful", "whimsic: playful", "funny: playful",
            "solemn: solemn", "dignif: solemn", "majest: solemn", "groov: groovy", "danceable: groovy", "angry:",
            "aggressiv:", "hopeful:", "dreamy:", "nostalg:",
        ]),
    ];

    private static readonly (ClaimKind Kind, string Word, Regex Beginning, string[] Tags)[] Words =
        [.. Lists.SelectMany(list => list.Lines.Select(line => line.Split(':', StringSplitOptions.TrimEntries))
            .Select(line => (
            list.Kind, line[0], new Regex($@"(?<![\w-]){Regex.Escape(line[0])}", RegexOptions.IgnoreCase),
            line[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))))];

    /// <summary>The words of a text that no decided tag bears out.</summary>
    /// <param name="text">A caption or a description.</param>
    /// <param name="tags">The names of the decided tags.</param>
    /// <param name="hasLyrics">Words that are sung are known.</param>
    public static IEnumerable<(ClaimKind Kind, string Word)> Contradictions(
        string text, IReadOnlyCollection<string> tags, bool hasLyrics)
    {
        var affirmed = Denied().Replace(text, " ");
        return Words
            .Where(word => word.Beginning.IsMatch(affirmed) && !word.Tags.Any(tags.Contains)
                && !(hasLyrics && word.Word is "voice" or "vocal" or "sing" or "sung"))
            .Select(word => (word.Kind, word.Word));
    }

    // "No drums", and nothing behind it.
    [GeneratedRegex(@"\b(?:no|without|free of)\s+(?:a\s+|an\s+|any\s+)?\w+", RegexOptions.IgnoreCase)]
    private static partial Regex Denied();
}
