using System.Text.RegularExpressions;

namespace OpenMU.Music.Questions;

/// <summary>The words by which questions are understood: what they may name, and what says nothing.</summary>
internal static partial class QuestionWords
{
    // Spaces part the words of the lists.
    private const string Structure =
        """
        a an the this that these those it its is are was were be been being am do does did has have had can could would
        will shall should may might must i you we me us my your our one ones there here of in on at to for from with by as
        into about and or but not no any some all both either if whether then so just exactly precisely roughly
        approximately approx around overall generally general mostly mainly basically actually really please kindly thanks
        thank hi hello hey ok okay well what which how yes true right correct whole entire current given following
        """;

    private const string Music =
        """
        music musical musically song songs track tracks piece pieces recording recordings clip clips tune tunes audio file
        files sample snippet excerpt composition record sound sounds sounding number work cut
        """;

    private const string Asking =
        """
        tell say give list name names show identify detect determine estimate find measure describe state provide report
        guess know think believe hear heard hears hearing listen listening listener play plays playing played feature
        features featured featuring contain contains include includes included including use uses used using go goes get
        recognise recognize classify categorise categorize call called consider considered count present appear appears
        audible perceive notice pick out part belong belongs fall falls need want like wonder wondering curious question
        answer word words put assign place sort instrument-wise possible detected make makes made up
        """;

    private static readonly HashSet<string> Ordinary = Split($"{Structure} {Music} {Asking}");

    private static readonly Dictionary<QuestionTopic, HashSet<string>> Own = new()
    {
        [QuestionTopic.Tempo] = Split("tempo tempi bpm beats beat per minute fast slow quick speed pace metronome medium"),
        [QuestionTopic.Key] = Split(
            "key keys major minor mode tonality tonic scale camelot signature sharp flat natural wheel tonal centre center"),
        [QuestionTopic.Metre] = Split(
            "metre meter time signature bar bars measure measures beats beat rhythm three four six two per each every"),
        [QuestionTopic.Beats] = Split("beats beat downbeat downbeats bar bars where when each first begin begins start starts"),
        [QuestionTopic.Chords] = Split(
            "chord chords progression harmony harmonies harmonic sequence major minor common often first last different many"),
        [QuestionTopic.Loudness] = Split(
            "loud loudness quiet lufs volume level integrated average much high soft db decibels many units"),
        [QuestionTopic.LoudnessRange] = Split(
            "dynamic dynamics range loudness lu lra wide large big narrow compressed much difference between loud quiet "
            + "passages parts variation"),
        [QuestionTopic.Duration] = Split(
            "long short duration length running runtime last lasts time minutes seconds minute second many much take run runs longer "
            + "shorter than more less over under two three four five six seven eight nine ten total playing"),
        [QuestionTopic.Instruments] = Split(
            "instrument instruments instrumentation ensemble orchestration lineup line-up arrangement band anything "
            + "something different kind kinds type types sort sorts many player players section anywhere somewhere"),
        [QuestionTopic.Genre] = Split(
            "genre genres style styles stylistically kind sort type category categories best closest close closer most "
            + "likely more than rather fit fits classify classified describes describe described file under label tag belong"),
        [QuestionTopic.Mood] = Split(
            "mood moods feeling feelings feel feels felt emotion emotions emotional emotionally atmosphere vibe vibes "
            + "character evoke evokes convey conveys express expresses create creates suggest suggests sentiment kind sort "
            + "type describes best most more than rather come comes across people someone person tone mostly carry carries"),
        [QuestionTopic.Dance] = Split("dance danceable dancing dancefloor danced good suitable people someone one move fit well"),
        [QuestionTopic.Description] = Split(
            "description caption captions summary summarise summarize overview short long detailed detail details briefly "
            + "brief sentence sentences few paragraph like write sum own words happening going"),
    };

    /// <summary>Words for instruments, the longer before what they contain.</summary>
    public static IReadOnlyList<NamedSound> Instruments { get; } =
    [
        .. Names(true, ["piano"], "grand piano", "upright piano"),
        .. Names(true, ["organ"], "church organ", "pipe organ", "hammond organ", "hammond"),
        .. Names(true, ["bass"], "bass guitar", "bass guitars", "electric bass", "double bass", "upright bass", "contrabass",
            "synth bass", "slap bass"),
        .. Names(true, ["strings"], "violin", "violins", "viola", "violas", "cello", "cellos", "fiddle"),
        .. Names(true, ["brass"], "trumpet", "trumpets", "trombone", "trombones", "tuba", "french horn", "french horns",
            "horn", "horns", "cornet", "flugelhorn"),
        .. Names(true, ["mallets"], "vibraphone", "marimba", "xylophone", "glockenspiel"),
        .. Names(true, ["drums"], "snare", "snare drum", "kick drum", "hi-hat", "hi-hats", "cymbals", "bongos", "congas",
            "tambourine", "drum machine", "shaker"),
        .. Names(true, ["saxophone"], "tenor sax", "alto sax", "tenor saxophone", "alto saxophone", "soprano saxophone"),
        .. Names(false, ["acoustic guitar", "electric guitar", "distorted guitar"], "guitar", "guitars"),
        .. Names(false, ["piano", "electric piano", "organ", "synth lead", "synth pad"], "keyboard", "keyboards"),
        .. Names(false, ["synth lead", "synth pad"], "synth", "synths", "synthesizer", "synthesizers", "synthesiser",
            "synthesisers"),
        .. Names(false, ["strings"], "string section", "string instruments", "bowed strings"),
        .. Names(false, ["brass"], "brass section", "brass instruments"),
        .. Names(false, ["drums"], "drum", "drumming", "drum set", "drumset", "percussion instruments"),
        .. Names(false, ["piano"], "pianos"), .. Names(false, ["organ"], "organs"),
        .. Names(false, ["electric piano"], "rhodes", "electric pianos"),
        .. Names(false, ["flute"], "flutes"), .. Names(false, ["clarinet"], "clarinets"),
        .. Names(false, ["saxophone"], "saxophones", "saxes"), .. Names(false, ["banjo"], "banjos"),
        .. Names(false, ["choir"], "choirs"), .. Names(false, ["accordion"], "accordions"),
        .. Names(false, ["harmonica"], "mouth organ"), .. Names(false, ["distorted guitar"], "guitar distortion"),
        .. Of(MusicVocabulary.Instruments, except: ["voices", "violins", "horns", "trumpets", "vibraphone"]),
    ];

    /// <summary>Words for genres.</summary>
    public static IReadOnlyList<NamedSound> Genres { get; } =
    [
        .. Names(false, ["ballad"], "ballads"), .. Names(false, ["waltz"], "waltzes"),
        .. Names(false, ["march"], "marches"), .. Names(false, ["orchestral"], "orchestra piece", "orchestral music"),
        .. Of(MusicVocabulary.Genres, except: []),
    ];

    /// <summary>Words for moods.</summary>
    public static IReadOnlyList<NamedSound> Moods { get; } =
    [
        .. Names(false, ["happy", "energetic"], "upbeat", "uplifting"), .. Names(false, ["happy"], "happiness", "joy", "cheery"),
        .. Names(false, ["sad"], "sadness", "melancholy", "sorrow", "mournful"),
        .. Names(false, ["calm"], "relaxing", "soothing", "mellow", "tranquil", "serene", "calming"),
        .. Names(false, ["energetic"], "energy", "high-energy"), .. Names(false, ["dramatic"], "drama", "tense"),
        .. Names(false, ["dark"], "darker", "ominous"), .. Names(false, ["playful"], "fun", "humorous"),
        .. Names(false, ["solemn"], "serious"), .. Of(MusicVocabulary.Moods, except: ["danceable"]),
    ];

    /// <summary>
    /// Takes the names out of a text: the longest at a place, so that "electric piano" is no piano.
    /// </summary>
    public static IReadOnlyList<NamedSound> Take(IReadOnlyList<NamedSound> names, ref string text)
    {
        var byWord = names.DistinctBy(name => name.Word).ToDictionary(name => name.Word);
        var found = new List<NamedSound>();
        var words = string.Join('|', byWord.Keys.OrderByDescending(word => word.Length).Select(Regex.Escape));
        text = Regex.Replace(text, $@"(?<![\w-])(?:{words})(?![\w-])", match =>
        {
            found.Add(byWord[match.Value]);
            return " ";
        });
        return [.. found.DistinctBy(name => name.Word)];
    }

    /// <summary>Words that neither say nothing nor belong to one of the topics.</summary>
    public static IReadOnlyList<string> Unknown(string text, params IEnumerable<QuestionTopic> topics)
    {
        var known = topics.Where(Own.ContainsKey).Select(topic => Own[topic]).ToList();
        return [.. Word().Matches(text).Select(word => word.Value)
            .Where(word => !Ordinary.Contains(word) && !known.Exists(own => own.Contains(word)))];
    }

    /// <summary>Whether a topic's own words have this one.</summary>
    public static bool IsKnown(string word) => Ordinary.Contains(word) || Own.Values.Any(own => own.Contains(word));

    /// <summary>Words of a text in small letters; figures are none.</summary>
    [GeneratedRegex(@"[^\W\d_](?:[\w'-]*\w)?")]
    public static partial Regex Word();

    private static IEnumerable<NamedSound> Names(bool isNarrower, string[] labels, params string[] words) =>
        words.Select(word => new NamedSound(word, labels, isNarrower));

    private static IEnumerable<NamedSound> Of(IReadOnlyList<Label> labels, string[] except) => labels.SelectMany(
        label => label.Words.Except(except).Select(word => new NamedSound(word, [label.Name], IsNarrower: false)));

    private static HashSet<string> Split(string words) =>
        [.. words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
}
