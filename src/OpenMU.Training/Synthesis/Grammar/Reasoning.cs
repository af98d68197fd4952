using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// Questions that ask for a reason, a use or a comparison, answered from what is true of the clip; and questions that
/// music cannot answer, answered with "not sure".
/// </summary>
internal static class Reasoning
{
    private const string Music = "{music|song|track|piece|clip|*recording}";
    private const int Questions = 5;

    public static IEnumerable<BenchRecord> Write(ClipTruth truth, Wording wording, SeededRandom random)
    {
        Func<BenchRecord>[] kinds =
        [
            () => Genre(wording), () => Use(wording), () => Mood(wording), () => Instrument(truth, wording, random),
            () => Drums(truth, wording),
            () => Compare(truth, wording, random), () => Pace(truth, wording), () => Dance(truth, wording),
        ];
        return [.. random.Shuffled(kinds).Take(Questions - 1).Select(kind => kind()), NotSure(wording)];
    }

    private static BenchRecord Genre(Wording wording) => Record(
        wording,
        [$"{{What|Which}} genre is this {Music}, and {{why|what makes you think so|how can you tell}}?",
            $"Why {{would|might}} {{someone|a listener}} call this {Music} <a genre>?",
            $"What {{makes|marks}} this {Music} {{as |}}<a genre>?"],
        [
            "{It is|This is|I would call it} <a genre>: {the <some>|<some>} and the <tempo>, <mood> {feel|pulse} "
                + "{are typical of the style|point to it|fit that style}.",
            "{The combination of|Together,} <some>, {with|and} a(n) <mood> {mood|feel}, "
                + "{suggests|makes it sound like} <a genre>."
        ]);

    private static BenchRecord Use(Wording wording) => Record(
        wording,
        [$"{{Where|In what setting|For what}} {{could|would|might}} this {Music} be {{used|played|a good choice}}?",
            $"What {{scene|occasion}} would this {Music} {{suit|fit}}{{, and why|}}?",
            $"Suggest a {{use|place}} for this {Music}."],
        [
            "{It would suit|I can imagine it in|It could accompany} <scene>, {because|since} "
                + "{it is <tempo> and <mood>|its mood is <mood>|the <some> sound <mood>}.",
            "{Its <mood> mood and <speed> pace|The <mood> feel of <some>} {would suit|would work well for|fit} <scene>."
        ]);

    private static BenchRecord Mood(Wording wording) => Record(
        wording,
        [
            $"{{What|Which}} {{mood|feeling|atmosphere|*emotion}} does this {Music} {{convey|create|have}}, "
                + $"and {{how|what creates it|why}}?",
            $"How does this {Music} make {{you|a listener}} feel?", "What gives it its mood?"
        ],
        [
            "It {feels|sounds|comes across as} <moods>, {mainly|largely|*above all} because of "
                + "{its <speed> pace|its <speed> pace and <some>|the sound of <some>}.",
            "{The mood is|I would call the mood} <moods>: {the <speed> pace|the sound of <some>} "
                + "{brings that about|creates it}."
        ]);

    private static BenchRecord Instrument(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var isAsked = random.Chance(.5) && truth.Instruments.Count > 0;
        var name = isAsked ? random.Pick(truth.Instruments) : DistractorWeights.MissingInstruments(truth, random)[0];
        string[] answers = isAsked
            ? [$"Yes, {{{name} is {{there|part of it|among the instruments}}|I hear {name}}}{{, together "
                + $"with the other instruments|}}.", $"Yes: the instruments are <band>."]
            : [$"No, I {{hear no|do not hear any}} {name}; {{the instruments are|what plays is}} <band>.",
                $"No. It is played by <band>, without {name}."];
        return Record(wording, [$"Is there {{any |}}{name} in this {Music}?",
            $"{{Can you hear|Do you hear}} {name}{{ here|}}?", $"Does {name} play in this {Music}?"], answers);
    }

    private static BenchRecord Drums(ClipTruth truth, Wording wording) => Record(
        wording,
        [$"{{Are there drums|Do drums play}} in this {Music}?", $"What keeps the {{beat|pulse}} in this {Music}?"],
        truth.Drums ? ["{Yes, drums|Drums} {keep|hold} the {beat|pulse}{, under the other instruments|}."] :
        [
            "{There are no drums|No drums play here}; {the other instruments keep the beat|the beat comes from <some>}."
        ]);

    private static BenchRecord Compare(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var other =
            random.Pick([.. MusicVocabulary.Genres.Select(label => label.Name).Where(name => name != truth.Genre)]);
        return Record(
            wording,
            [$"{{How does|In what way does}} this {Music} {{differ from|compare with}} {ClipWords.Named(other)}?",
                $"Is this {ClipWords.Named(other)} or <a genre>, and why?",
                $"Could this {Music} be {ClipWords.Named(other)}?"],
            [
                $"{{It is closer to <a genre> than to {ClipWords.Named(other)}|Rather than {ClipWords.Named(other)}, "
                    + $"this is <a genre>}}: it is <tempo> and <mood>, {{played by|with}} <some>.",
                $"{{I would say <a genre>, not {ClipWords.Named(other)}|It is <a genre>, not "
                    + $"{ClipWords.Named(other)}}}: <some> and a(n) <mood> feel {{speak for that|are what I hear}}."
            ]);
    }

    private static BenchRecord Pace(ClipTruth truth, Wording wording) => Record(
        wording,
        [$"Is this {Music} {{slow or fast|fast or slow}}, and what {{effect|influence}} does that have?",
            "How would you describe the pace in words?"],
        [$"It is <tempo>, {{which|and that}} {{makes it feel|gives it a feel that is}} <mood>.",
            $"{{The pace is|I would call the pace}} "
                + $"<tempo>{(truth.Drums ? "{, and the drums underline it|}" : "")}; that helps the <mood> mood."]);

    private static BenchRecord Dance(ClipTruth truth, Wording wording)
    {
        var isForDancing = truth.Moods.Contains("groovy")
            || truth.Genre is "waltz" or "polka" or "latin" or "electronic" or "funk";
        return Record(
            wording,
            [$"{{Could people dance to|Is it possible to dance to|Would you dance to}} this {Music}?",
                "Is this good for dancing?"],
            isForDancing
                ? ["Yes: it is <a genre> at a(n) <speed> pace, and <some> {invite to move|keep it moving}."]
                :
                [
                    "{It is rather for listening|Dancing is not what it is made for}: it is <tempo> and <mood>.",
                    "{One could|Perhaps}, but {its <tempo>, <mood> character|the <mood> mood} suits listening better."
                ]);
    }

    private static BenchRecord NotSure(Wording wording) => Record(
        wording,
        [
            "{Who|Which band|Which artist} {wrote|recorded|performs|plays|*composed} this{ music| song| piece|}?",
            $"What is the {{title|name}} of this {Music}?",
            $"{{When|In which year}} was this {Music} {{recorded|released|written}}?",
            $"{{Where|In which country|In which studio}} was this {Music} recorded?",
            $"How many {{copies|listeners|awards}} has this {Music} {{had|got}}?",
            $"Which {{label|film}} is this {Music} from?",
        ],
        [
            "{I am not sure|I'm not sure|Not sure}: {the music alone does not tell|I cannot hear that|nothing in the "
                + "recording says so|*that is not something one can hear}.",
            "{I am not sure|I cannot tell}. {What I hear is|I can only say that it is} a(n) "
                + "<tempo>, <mood> <piece> with <some>."
        ]);

    private static BenchRecord Record(Wording wording, string[] questions, string[] answers) =>
        new() { Task = BenchRecord.Reasoning, Instruction = wording.Say(questions), Output = wording.Say(answers) };
}
