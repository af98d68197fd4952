// MusicTerms.cs - the words by which texts name genres, instruments, voices, moods and tempi, and what is a kind of
// what. Wider than MusicVocabulary, whose labels and spellings are those of clips and tags: a text may say "violins"
// where the tag is "strings", and "guitar" where it is "acoustic guitar".
namespace OpenMU.Music;

/// <summary>Something that a text can name, and its place among the others.</summary>
/// <param name="Group">As that of a tag: genre, instrument, voice, mood, tempo.</param>
/// <param name="Name">As the tag, where there is such a tag.</param>
/// <param name="Parents">Names in the same group or, for choirs, in that of voices; empty where it is a kind of
/// nothing else.</param>
/// <param name="Words">Lower case and singular; a hyphen may be a space in texts, or nothing.</param>
public sealed record MusicTerm(
    string Group, string Name, IReadOnlyList<string> Parents, IReadOnlyList<string> Words);

/// <summary>The terms, and a look-up by word.</summary>
public static class MusicTerms
{
    public const string Genre = "genre", Instrument = "instrument", Voice = "voice", Mood = "mood", Tempo = "tempo",
        Energy = "energy";

    /// <summary>Words in the longest spelling.</summary>
    public const int LongestWords = 4;

    // Words that by themselves deny what they are about.
    private static readonly Dictionary<string, string> Denying = new()
    {
        ["instrumental"] = "voice",
        ["instrumentals"] = "voice",
        ["unsung"] = "voice",
        ["drumless"] = "drums",
    };

    /// <summary>All terms, the labels of <see cref="MusicVocabulary"/> among them.</summary>
    public static IReadOnlyList<MusicTerm> All { get; } =
        [.. Genres(), .. Instruments(), .. Voices(), .. Moods(), .. Tempi()];

    private static readonly Dictionary<string, MusicTerm> ByName = All.ToDictionary(term => term.Name);

    private static readonly Dictionary<string, MusicTerm> ByWord = Spellings();

    private static readonly Dictionary<string, IReadOnlySet<MusicTerm>> Above =
        All.ToDictionary(term => term.Name, term => (IReadOnlySet<MusicTerm>)Ancestors(term).ToHashSet());

    /// <summary>The term that has this name or is spelled so; null where there is none.</summary>
    /// <param name="word">Lower case, with spaces in place of hyphens; may be a plural.</param>
    public static MusicTerm? Find(string word) =>
        ByWord.GetValueOrDefault(word)
        ?? (word.EndsWith('s') ? ByWord.GetValueOrDefault(word[..^1]) : null)
        ?? (word.EndsWith("es", StringComparison.Ordinal) ? ByWord.GetValueOrDefault(word[..^2]) : null);

    /// <summary>The term that a word such as "instrumental" denies; null where it is no such word.</summary>
    public static MusicTerm? FindDenied(string word) =>
        Denying.TryGetValue(word, out var name) ? ByName[name] : null;

    /// <summary>Whether the first is a kind of the second, over however many steps.</summary>
    public static bool IsKindOf(MusicTerm term, MusicTerm other) => Above[term.Name].Contains(other);

    private static IEnumerable<MusicTerm> Ancestors(MusicTerm term) =>
        term.Parents.Select(name => ByName[name]).SelectMany(parent => Ancestors(parent).Prepend(parent));

    private static Dictionary<string, MusicTerm> Spellings()
    {
        var words = new Dictionary<string, MusicTerm>();
        foreach (var term in All)
        {
            foreach (var word in term.Words.Prepend(term.Name))
            {
                words[word.Replace('-', ' ')] = term;
                if (word.Contains('-')) words[word.Replace("-", "")] = term;
            }
        }

        return words;
    }

    private static MusicTerm Term(string group, string name, string? parents, string? words) =>
        new(group, name, Split(parents), Split(words));

    private static string[] Split(string? list) =>
        list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static IEnumerable<MusicTerm> Genres()
    {
        static MusicTerm Of(string name, string? parents, string? words = null) => Term(Genre, name, parents, words);
        return
        [
            Of("pop", null), Of("synthpop", "pop, electronic", "synth-pop, electropop, electro-pop"),
            Of("ballad", null),
            Of("rock", null, "rock and roll, rock n roll, rocker"), Of("punk", "rock"), Of("grunge", "rock"),
            Of("rockabilly", "rock, country"),
            Of("metal", null, "heavy metal, death metal, metalcore, thrash"),
            Of("blues", null, "bluesy"),
            Of("jazz", null, "jazzy"), Of("swing music", "jazz", "swing band, swing jazz"), Of("bebop", "jazz"), Of("ragtime", "jazz"),
            Of("dixieland", "jazz"), Of("big band", "jazz"),
            Of("latin", null), Of("bossa nova", "latin"), Of("samba", "latin"), Of("salsa", "latin"),
            Of("tango", "latin"), Of("rumba", "latin"), Of("mambo", "latin"),
            Of("country", null), Of("bluegrass", "country, folk"),
            Of("folk", null, "folky, folksy"), Of("celtic", "folk"),
            Of("funk", null, "funky"),
            Of("soul", null, "soulful, soulfully"), Of("r&b", "soul, pop", "rhythm and blues"), Of("motown", "soul"),
            Of("electronic", null, "electronica, electronically, electro, edm"), Of("techno", "electronic"),
            Of("house music", "electronic", "deep house"), Of("trance", "electronic"),
            Of("dubstep", "electronic"), Of("drum n bass", "electronic", "dnb"), Of("synthwave", "electronic"),
            Of("chiptune", "electronic"),
            Of("waltz", null, "waltzing"), Of("march", null, "marching"), Of("polka", null), Of("gospel", null),
            Of("orchestral", null, """
                orchestra, orchestrally, symphonic, symphony, symphonies, classical, philharmonic
                """),
            Of("chamber music", "orchestral"), Of("baroque", "orchestral"), Of("concerto", "orchestral"),
            Of("sonata", "orchestral"), Of("opera", "orchestral", "operatic"),
            Of("ambient", null), Of("hip-hop", null), Of("trap music", "hip-hop", "trap beat"), Of("reggae", null), Of("ska", "reggae"),
            Of("disco", null), Of("new age", null),
        ];
    }

    private static IEnumerable<MusicTerm> Instruments()
    {
        static MusicTerm Of(string name, string? parents, string? words = null) =>
            Term(Instrument, name, parents, words);
        return
        [
            Of("keyboard", null, "keyboardist"),
            Of("piano", "keyboard", "pianist, grand piano, upright piano, pianoforte"),
            Of("electric piano", "keyboard", "e-piano, rhodes, rhodes piano, wurlitzer"),
            Of("harpsichord", "keyboard", "clavichord, clavinet"),
            Of("organ", "keyboard", "organist, hammond, hammond organ"),
            Of("accordion", "keyboard", "accordionist, concertina, bandoneon"),
            Of("harmonica", null, "mouth organ"),
            Of("plucked strings", null, "plucked string, plucked string instrument"),
            Of("guitar", "plucked strings", "guitarist"),
            Of("acoustic guitar", "guitar", """
                acoustic guitarist, classical guitar, nylon guitar, nylon-string guitar, steel-string guitar,
                spanish guitar, flamenco guitar
                """),
            Of("electric guitar", "guitar", "electric guitarist, clean electric guitar, clean guitar, jazz guitar"),
            Of("distorted guitar", "guitar", """
                distorted electric guitar, overdriven guitar, overdriven electric guitar, distortion guitar,
                fuzz guitar, guitar distortion
                """),
            Of("banjo", "plucked strings", "banjoist"), Of("harp", "plucked strings", "harpist"),
            Of("sitar", "plucked strings"), Of("mandolin", "plucked strings"), Of("ukulele", "plucked strings"),
            Of("lute", "plucked strings"), Of("koto", "plucked strings"),
            Of("bass", null, """
                bassist, bass guitar, bass guitarist, electric bass, double bass, upright bass, acoustic bass,
                fretless bass, slap bass, synth bass, contrabass, bass line, bassline, sub-bass
                """),
            Of("strings", null, """
                string, string section, string quartet, string orchestra, string ensemble, bowed string, bowed strings
                """),
            Of("violin", "strings", "violinist, fiddle, fiddler"), Of("viola", "strings", "violist"),
            Of("cello", "strings", "cellist, celli, violoncello"),
            Of("choir", "voice", "choral, chorister, vocal ensemble"),
            Of("brass", null, "brassy, horn, horn section, brass section"),
            Of("trumpet", "brass", "trumpeter, cornet, flugelhorn"),
            Of("trombone", "brass", "trombonist, bass trombone"), Of("tuba", "brass"), Of("french horn", "brass"),
            Of("woodwind", null, "wind instrument"),
            Of("saxophone", "woodwind", "sax, saxophonist, tenor sax, alto sax, tenor saxophone, alto saxophone"),
            Of("clarinet", "woodwind", "clarinettist, clarinetist, bass clarinet"),
            Of("flute", "woodwind", """
                flutist, flautist, piccolo, pan flute, panpipe, pan pipe, ocarina, shakuhachi, recorder, tin whistle, bass flute
                """),
            Of("oboe", "woodwind", "oboist, english horn, cor anglais"), Of("bassoon", "woodwind", "bassoonist"),
            Of("synth", null, "synthesizer, synthesiser, synthesized, synthesised"),
            Of("synth lead", "synth", "lead synth, synthesizer lead, synthesiser lead"),
            Of("synth pad", "synth", "pad, synthesizer pad, synthesiser pad"),
            Of("percussion", null, "percussive, percussionist"),
            Of("mallets", "percussion", """
                mallet, mallet percussion, mallet instrument, vibraphone, marimba, xylophone, glockenspiel, celesta,
                music box, tubular bell, dulcimer
                """),
            Of("drums", "percussion", """
                drum, drummer, drumming, drum kit, drum set, drum machine, drumbeat, drum beat, bass drum, kick drum,
                snare, snare drum, hi-hat, cymbal, taiko, bongo, conga
                """),
            Of("hand percussion", "drums", "tambourine, shaker, maraca, handclap, hand clap"),
            Of("timpani", "percussion", "kettledrum"),
        ];
    }

    private static IEnumerable<MusicTerm> Voices()
    {
        static MusicTerm Of(string name, string? parents, string? words) => Term(Voice, name, parents, words);
        return
        [
            Of("voice", null, """
                vocal, vocalist, vocally, singer, singing, sing, sang, sung, a cappella, crooner
                """),
            Of("male voice", "voice", """
                male vocal, male vocalist, male singer, male lead vocal, baritone, baritone voice, tenor, tenor voice
                """),
            Of("female voice", "voice", """
                female vocal, female vocalist, female singer, female lead vocal, soprano, soprano voice
                """),
            Of("speech", "voice", "spoken, spoken word, speaking voice, rap, rapper, rapping, rapped, narrator, narration"),
            Of("lyrics", "voice", null),
        ];
    }

    private static IEnumerable<MusicTerm> Moods()
    {
        static MusicTerm Of(string name, string words) => Term(Mood, name, null, words);
        return
        [
            Of("happy", "happily, happier, happiness, cheerful, cheerfully, cheery, joyful, joyfully, joyous, joy, merry"),
            Of("sad", "sadly, sadder, sadness, sorrowful, sorrow, melancholic, melancholy, mournful, mournfully"),
            Of("calm", """
                calmly, calmer, calmness, calming, peaceful, peacefully, relaxed, relaxing, serene, tranquil, soothing
                """),
            Of("energetic", "energetically, lively, liveliness, driving, vigorous, vigorously"),
            Of("romantic", "romantically, tender, tenderly, tenderness"),
            Of("dramatic", "dramatically, intense, intensely"),
            Of("dark", "darkly, darker, darkness, gloomy, gloom, ominous, ominously"),
            Of("playful", "playfully, playfulness, light-hearted, light-heartedly"),
            Of("solemn", "solemnly, solemnity, dignified"),
            Of("groovy", "danceable"),
        ];
    }

    private static IEnumerable<MusicTerm> Tempi()
    {
        static MusicTerm Of(string name, string words) => Term(Tempo, name, null, words);
        return
        [
            Of("slow", """
                slowly, slower, slow-paced, slow-moving, unhurried, unhurriedly, leisurely, adagio, largo, lento,
                down-tempo
                """),
            Of("medium", """
                mid-tempo, medium-tempo, medium-paced, moderate, moderately, moderately paced, moderato, andante
                """),
            Of("fast", """
                faster, fast-paced, fast-moving, quick, quickly, quicker, brisk, briskly, rapid, rapidly, speedy,
                allegro, presto, vivace, up-tempo
                """),
        ];
    }
}
