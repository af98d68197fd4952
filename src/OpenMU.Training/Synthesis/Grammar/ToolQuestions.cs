using OpenMU.Training.Evaluation;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// Questions that a measurement answers. The answer holds the call, a space before its bracket, where the value
/// belongs; it is put in when the answer is read out.
/// </summary>
internal static class ToolQuestions
{
    private const string Tempo = " [GetAudioTempo()]", Key = " [GetAudioKey()]", Chords = " [GetAudioChords()]",
        Downbeat = " [GetAudioDownbeat()]";
    private const string Music = "{music|song|track|piece|clip|recording}";

    private sealed record Kind(string[] Questions, string[] Answers);

    private static readonly Kind[] One =
    [
        new(
            [
                $"{{What is|What's|Can you tell me}} the {{tempo|BPM|speed in beats per minute|exact tempo}} "
                    + $"of this {Music}{{?|, please?}}",
                $"{{Tell me|Please state|*Determine}} the {{tempo|BPM|exact tempo}} of this {Music}.",
                $"How {{many beats per minute does this {Music} have|fast, in BPM, is this {Music}}}?",
                "{Measure|Find|Estimate|Detect} the {tempo|BPM}.",
                "What BPM should I {set|choose} {to mix this|for my metronome}?"
            ],
            [$"{{The tempo|The measured tempo|Its tempo}} {{is|comes to|*stands at}}{Tempo} {{BPM|beats per minute}}.",
                $"{{This {Music} runs at|It runs at|The beat goes at}}{Tempo} {{BPM|beats per minute}}.",
                $"I {{measure|find}} a tempo of{Tempo} BPM{{, which feels <tempo>|}}."]),
        new(
            [$"{{What|Which}} key is this {Music} in?",
                $"{{What is|What's}} the {{key|musical key|tonality}} of this {Music}{{?|, please?}}",
                $"{{Tell me|Please name|*Determine}} the {{key|musical key|tonality}} of this {Music}.",
                "{Find|Detect|Identify} the key.", "In which key should I {play|improvise} {along|over this}?",
                "Is {it|this} in major or minor, and on which note?"],
            [$"{{The {Music} is|It is|This is}} in{Key}.",
                $"{{The key|Its key|The tonality}} {{is|appears to be|*turns out to be}}{Key}.",
                $"{{I hear|The measurement gives}} a key of{Key}."]),
        new(
            [$"{{What|Which}} {{chords are played|chords occur|chords do you hear}} in this {Music}?",
                $"{{Give|List|Show|Tell}} me the {{chords|chord progression|harmony}} of this {Music}.",
                "{Transcribe|Detect|Extract} the {chords|chord sequence}.", "{What is|What's} the chord progression?"],
            [$"{{The chords are|The chord progression is|These chords are played:|The harmony goes}}{Chords}.",
                $"{{Over time|In order}}, the chords are{Chords}.",
                $"{{I find|The measurement finds}} these chords:{Chords}."]),
        new(
            [$"{{Where are|What are}} the {{downbeats|beats and downbeats}} of this {Music}?",
                $"{{Give me|List}} the {{downbeats|beats and downbeats}} of this {Music}.",
                "{Find|Track|Detect|Mark} the {downbeats|bars|beats of each bar}.",
                "{How many beats are in a bar|What is the metre|Where does each bar start}?",
                "When does each {bar|measure} begin?"],
            [
                $"{{The beats, counted within each bar, are|The beats and their place in the bar "
                    + $"are|Counting the beats gives}}{Downbeat}.",
                $"{{The downbeats are the entries numbered 1 in|Each bar starts where the number is 1 in}}{Downbeat}."
            ]),
    ];

    private static readonly Kind[] Two =
    [
        new(
            [$"What are the {{tempo and the key|tempo and key|key and BPM}} of this {Music}{{?|, please?}}",
                $"{{Tell|Give}} me the {{tempo and the key|tempo and key|key and BPM}} of this {Music}.",
                $"{{How fast is|What BPM is}} this {Music}, and {{which|what}} key is it in?"],
            [$"{{The tempo is|It runs at}}{Tempo} BPM, and {{the key is|it is in}}{Key}.",
                $"{{It is in|The key is}}{Key}, {{at a tempo of|with a tempo of}}{Tempo} BPM."]),
        new(
            ["{Which|What} key is it in, and which chords {are used|does it use}?",
                $"{{Analyse|Describe}} the {{harmony|key and chords}} of this {Music}."],
            [$"{{The key is|It is in}}{Key}, and {{the chords are|its chords are}}{Chords}."]),
        new(
            ["{How fast is it|What is the tempo}, and where are the {downbeats|bars}?",
                "I want to {mix|beat-match|edit} this: give me {the BPM and the downbeats|tempo and downbeats}."],
            [$"{{The tempo is|It runs at}}{Tempo} BPM, and the beats, counted within each bar, are{Downbeat}."]),
        new(
            ["{Give|Tell} me the tempo and the chords{, please|}.",
                "{I want to play along|I'd like to cover this}: "
                    + "{how fast is it and which chords are played|tempo and chords, please}?"],
            [$"{{The tempo is|It runs at}}{Tempo} BPM, and the chords are{Chords}."]),
    ];

    // Answered by ear: a call here would be wrong.
    private static readonly Kind[] None =
    [
        new(
            ["{Which|What} instruments {are playing|do you hear|can be heard}?", "Name the instruments."],
            ["{I hear|The instruments are|It is played by} <band>."]),
        new(
            [$"{{What|Which}} genre {{is this {Music}|does this {Music} belong to}}?", "What style of music is it?"],
            ["{It is|This is|I would call it} <a genre>.", "{The genre is|The style is} <genre>."]),
        new(
            ["{How does it feel|What is the mood}?", $"What mood does this {Music} have?"],
            ["{It feels|The mood is|It sounds} <moods>."]),
        new(
            ["Is it {slow or fast|a slow or a fast piece}, roughly?", "Does it feel slow, medium or fast?"],
            ["{It feels|I would call it} <tempo>."]),
    ];

    public static IEnumerable<BenchRecord> Write(Wording wording, SeededRandom random)
    {
        foreach (var kind in random.Shuffled(One).Take(3)) yield return Record(kind, wording);
        yield return Record(random.Pick(Two), wording);
        yield return Record(random.Pick(None), wording);
    }

    private static BenchRecord Record(Kind kind, Wording wording) => new()
    {
        Task = BenchRecord.Tools,
        Instruction = wording.Say(kind.Questions),
        Output = wording.Say(kind.Answers)
    };
}
