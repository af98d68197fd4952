using OpenMU.Model.Text;
using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>Captions: genre, tempo feel, moods and instruments in one sentence or in several. Figures are left to the tools.</summary>
internal static class Captions
{
    private const string AskShort = "{Give|Write|Provide|Offer} {|me }{a(n) {short|brief|concise|one-sentence} {caption|description|summary} {of|for} {this|the} {music|clip|song|track|piece|recording|*audio}.|{this|the} {clip|track|music} a {short|brief} caption.}"
        + "|{Summarise|Describe|*Characterise|Sum up} {this|the} {music|clip|song|track|piece} {briefly|in a few words|in one sentence|concisely}.|What {is this music like|does this {clip|track|song} sound like|kind of music is this}{, in {short|brief|one sentence}|}?|*Caption this.";

    private const string AskLong = "{Describe|Explain} {this|the} {music|clip|song|track|piece|recording} {in detail|at length|in full|thoroughly|in a few sentences}.|{Give|Write|Provide} {|me }a {detailed|full|long|thorough|rich} {description|account} of {this|the|what you hear in the} {music|clip|song|track|piece}.|What {can you hear|do you hear|is going on|happens} in this {music|clip|track|song}?{ Describe it in detail.| Tell me everything you notice.|}|*Walk me through this music.";

    private static readonly string[] Short =
    [
        "{a(n) <tempo>, <mood> <piece>|a(n) <mood>, <tempo> <piece>|a(n) <tempo> <piece> with a(n) <mood> {mood|feel|character}} {with|featuring|built on|played by|carried by|*scored for} <some>.",
        "{this is|here is|we hear} a(n) <mood> <piece> at a(n) <speed> pace, {with|featuring|played on|built around} <some>.",
        "<moods>, this <tempo> <piece> {features|is carried by|brings together|rests on} <some>.",
        "<some> {carry|shape|play|make up} a(n) <tempo>, <mood> <piece>.",
        "{instrumental <genre> music|<genre> music|music in a <genre> style} {at a(n) <speed> pace|with a(n) <speed> pulse|*with a(n) <speed> beat}, <moods>, {with|featuring} <some>.",
        "{the {clip|track|music} is|it is} a(n) <tempo> <piece> that {feels|sounds} <moods>; <some> {are heard|can be heard|play}.",
    ];

    private static readonly string[] Opening =
    [
        "{this is|the recording is|what we hear is|the clip presents|here is} a(n) <tempo> <piece> {with|that has} a(n) <mood> {mood|feel|character|atmosphere|*tone}.",
        "{this|the} {music|track|clip|recording} {is|can be described as} a(n) <mood> <piece> {played|moving|taken} at a(n) <speed> pace.",
        "a(n) <mood>, <tempo> <piece> {unfolds|is heard here|*greets the listener}.",
        "{in style,|stylistically,} the {music|piece} is <a genre>; {in mood,|its mood is} <moods>; {in pace,|its pace is} <tempo>.",
    ];

    private static readonly string[] Instruments =
    [
        "the {arrangement|sound|texture|band|instrumentation} {is built from|features|combines|rests on|consists of|is made up of} <band>.",
        "{we hear|one can hear|the listener hears|it is played by} <band>.",
        "{on the instruments:|the instruments are} <band>.",
    ];

    private static readonly string[] WithDrums = ["{the drums {keep|hold}|a drum kit {keeps|holds}} {a steady beat|the beat|the pulse|everything together}.", "{drums|the drums} {drive the music on|mark the beat clearly|give it its beat}."];

    private static readonly string[] WithoutDrums = ["{there are no drums|no drums are heard|it gets by without drums|*drums are absent}{, so the pulse comes from the other instruments|, which leaves room for the other instruments|}."];

    private static readonly string[] Feeling =
    [
        "{the <speed> {pace|beat}|its <speed> pace} {{gives|lends} it a(n) <mood2> {feel|character|tone|*colour}|adds to its <mood2> {feel|character}}.",
        "{overall,|as a whole,|all in all,} {it feels|the music feels|the mood is|it sounds} <mood2>.",
        "{the harmony|the playing|the interplay of the instruments} {sounds|feels|comes across as} <mood2>.",
    ];

    private static readonly string[] Use =
        ["{it|the music|this} {would suit|would fit|could accompany|would work well for|could be used for|*brings to mind} <scene>.", "{one can imagine it|it is easy to picture it} {in|with|during} <scene>."];

    public static IEnumerable<BenchRecord> Write(SyntheticTruth truth, Wording wording, SeededRandom random)
    {
        yield return Record(Instructions.Caption, wording.Say(Short));
        yield return Record(Instructions.Description, Long(truth, wording, random));
        yield return Record(Ask(wording, AskShort), wording.Say(Short));
        yield return Record(Ask(wording, AskLong), Long(truth, wording, random));
    }

    /// <summary>Captions to train on: with a genre and without, most of them told tempo and mode as the product tells them.</summary>
    public static IEnumerable<BenchRecord> Redraw(SyntheticTruth truth, Wording wording, SeededRandom random)
    {
        foreach (var record in Write(truth, wording, random).Concat(WithoutGenre(truth, random)))
        {
            var (tempo, mode) = (random.Chance(.6) ? truth.TempoClass : null, random.Chance(.6) ? truth.Key.Split(' ')[^1] : null);
            yield return record with { Instruction = record.Instruction + Instructions.Measured(tempo, mode) };
        }
    }

    /// <summary>The same with the genre left open, as it is asked for where a listener is not sure of it.</summary>
    private static IEnumerable<BenchRecord> WithoutGenre(SyntheticTruth truth, SeededRandom random)
    {
        var wording = ClipWords.Of(new Wording(random, truth.Split == GrooveLibrary.HeldOut), truth, random).With("piece", () => ClipWords.AnyPiece);
        static string[] Open(string[] templates) => [.. templates.Where(template => !template.Contains("genre>", StringComparison.Ordinal))];
        yield return Record(Instructions.CaptionWithoutGenre, wording.Say(Open(Short)));
        yield return Record(Instructions.DescriptionWithoutGenre, Long(truth, wording, random, Open(Opening)));
    }

    private static string Long(SyntheticTruth truth, Wording wording, SeededRandom random, string[]? openings = null)
    {
        List<string> sentences = [wording.Say(openings ?? Opening), wording.Say(Instruments)];
        if (random.Chance(.7)) sentences.Add(wording.Say(truth.Drums ? WithDrums : WithoutDrums));
        if (random.Chance(.75)) sentences.Add(wording.Say(Feeling));
        if (random.Chance(.6)) sentences.Add(wording.Say(Use));
        return string.Join(' ', sentences);
    }

    private static string Ask(Wording wording, string forms) => wording.Say($"{{{forms}}}");

    private static BenchRecord Record(string instruction, string output) => new() { Task = BenchRecord.Captioning, Instruction = instruction, Output = output };
}
