using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>
/// Multiple choice in MuChoMusic's form (Weck et al., 2024): a question, four shuffled options, and the right one by
/// letter and text. Options are made so that the text alone does not give the answer away: each of the four could as
/// well have been the right one.
/// </summary>
internal static class Choices
{
    private const string Letters = "ABCD", Music = "{music|song|track|piece|clip|*recording}";
    private const int Questions = 4;

    // Genres that may be mistaken for each other, every one in one row.
    private static readonly string[][] Near =
    [
        ["pop", "ballad", "soul", "gospel", "orchestral"], ["rock", "metal", "blues", "country"],
        ["jazz", "latin", "funk", "electronic"], ["folk", "waltz", "march", "polka"]
    ];

    public static IEnumerable<BenchRecord> Write(ClipTruth truth, Wording wording, SeededRandom random)
    {
        Func<BenchRecord?>[] kinds =
        [
            () => Genre(truth, wording, random), () => Instrument(truth, wording, random),
            () => Absent(truth, wording, random), () => Mood(truth, wording, random),
            () => Description(truth, wording, random), () => Pair(truth, wording, random)
        ];
        return random.Shuffled(kinds).Select(kind => kind()).OfType<BenchRecord>().Take(Questions);
    }

    private static BenchRecord Genre(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var others = random.Chance(.5)
            ? Near.First(row => row.Contains(truth.Genre!))
            : [.. MusicVocabulary.Genres.Select(label => label.Name)];
        string[] questions =
        [
            $"{{What|Which}} genre {{best describes|fits}} this {Music}?",
            $"To {{what|which}} genre does this {Music} belong?", "Which style is {this|being played}?"
        ];
        return Record(random, wording.Say(questions), truth.Genre!, random.Shuffled(others));
    }

    private static BenchRecord? Instrument(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var sounding = Sounding(truth);
        string[] questions =
        [
            $"Which {{of these instruments|instrument}} {{can be heard|is playing|do you hear}} in this {Music}?",
            "Which instrument is part of the arrangement?"
        ];
        return sounding.Count == 0 ? null : Record(
            random, wording.Say(questions), random.Pick(sounding), DistractorWeights.MissingInstruments(truth, random));
    }

    private static BenchRecord? Absent(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var sounding = Sounding(truth);
        return sounding.Count < 3 ? null : Record(
            random,
            wording.Say($"Which {{of these instruments|instrument}} {{cannot be heard|is not "
                + $"playing|is missing}} in this {Music}?"),
            DistractorWeights.MissingInstruments(truth, random)[0], random.Shuffled(sounding));
    }

    private static BenchRecord Mood(ClipTruth truth, Wording wording, SeededRandom random) => Record(
        random,
        wording.Say(
            $"{{What|Which}} mood does this {Music} {{have|convey|*suggest}}?", "Which word describes the mood best?"),
        random.Pick(truth.Moods), DistractorWeights.OtherMoods(truth, random));

    // Two moods by two instruments: each option shares one with two others. Genre and tempo would not do, since nobody
    // believes in a slow polka.
    private static BenchRecord? Description(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var sounding = Sounding(truth);
        string[] questions =
        [
            $"Which description {{fits|matches}} this {Music} best?",
            $"{{How would you|How can one}} describe this {Music}?"
        ];
        return sounding.Count == 0 ? null : Square(
            random, wording.Say(questions), (mood, instrument) => $"{mood} music with {instrument}",
            (random.Pick(truth.Moods), DistractorWeights.OtherMoods(truth, random)[0]),
            (random.Pick(sounding), DistractorWeights.MissingInstruments(truth, random)[0]));
    }

    // Two instruments that sound, each of which another takes the place of.
    private static BenchRecord? Pair(ClipTruth truth, Wording wording, SeededRandom random)
    {
        var sounding = random.Shuffled(Sounding(truth));
        if (sounding.Count < 2) return null;
        var missing = DistractorWeights.MissingInstruments(truth, random);
        return Square(
            random, wording.Say($"Which instruments {{play together|are heard}} in this {Music}?"),
            (one, two) => ClipWords.List([.. new[] { one, two }.Order(StringComparer.Ordinal)]),
            (sounding[0], missing[0]), (sounding[1], missing[1]));
    }

    private static BenchRecord Square(
        SeededRandom random, string question, Func<string, string, string> option, (string Right, string Wrong) one,
        (string Right, string Wrong) two) =>
        Record(
            random, question, option(one.Right, two.Right),
            [option(one.Right, two.Wrong), option(one.Wrong, two.Right), option(one.Wrong, two.Wrong)]);

    private static List<string> Sounding(ClipTruth truth) => [.. truth.Instruments.Where(name => name != "bass")];

    private static BenchRecord Record(SeededRandom random, string question, string right, IEnumerable<string> wrong)
    {
        var options = random.Shuffled(wrong.Where(option => option != right).Take(3).Prepend(right));
        return new BenchRecord
        {
            Task = BenchRecord.Choice,
            Instruction = MuChoMusic.Prompt(question, options).TrimEnd(),
            // The words before the letter: what is heard is said first, and the letter only looked up.
            Output = $"{right} ({Letters[options.IndexOf(right)]})",
            Choices = options,
            Answer = right,
        };
    }
}
