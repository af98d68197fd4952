using OpenMU.Model.Bench;

namespace OpenMU.Cli.Synthesis.Grammar;

/// <summary>Multiple choice in MuChoMusic's form (Weck et al., 2024): a question, four shuffled options, and the right one by letter and text.</summary>
internal static class Choices
{
    private const string Letters = "ABCD";
    private const string Music = "{music|song|track|piece|clip|*recording}";

    // Genres that are near enough to be mistaken for each other come first as distractors.
    private static readonly string[][] Near =
        [["pop", "rock", "ballad", "soul", "country"], ["jazz", "blues", "soul", "latin", "funk"], ["folk", "country", "ballad", "gospel", "waltz"], ["march", "polka", "waltz", "country"], ["electronic", "pop", "funk", "metal"], ["metal", "rock", "electronic", "blues"]];

    private static readonly (string One, string Other)[] Opposites = [("happy", "sad"), ("calm", "energetic"), ("dark", "playful"), ("groovy", "solemn"), ("romantic", "dramatic")];

    public static IEnumerable<BenchRecord> Write(SyntheticTruth truth, Wording wording, Dice dice)
    {
        Func<BenchRecord?>[] kinds = [() => Genre(truth, wording, dice), () => Instrument(truth, wording, dice), () => Absent(truth, wording, dice), () => Mood(truth, wording, dice), () => Description(truth, wording, dice), () => Band(truth, wording, dice)];
        return dice.Shuffled(kinds).Select(kind => kind()).OfType<BenchRecord>().Take(4);
    }

    private static BenchRecord Genre(SyntheticTruth truth, Wording wording, Dice dice) => Record(
        dice, wording.Say($"{{What|Which}} genre {{best describes|fits}} this {Music}?", $"To {{what|which}} genre does this {Music} belong?", "Which style is {this|being played}?"),
        truth.Genre, OtherGenres(truth.Genre, dice));

    private static BenchRecord? Instrument(SyntheticTruth truth, Wording wording, Dice dice) => truth.Instruments.Count == 0 ? null : Record(
        dice, wording.Say($"Which {{of these instruments|instrument}} {{can be heard|is playing|do you hear}} in this {Music}?", "Which instrument is part of the arrangement?"), dice.Pick(truth.Instruments), Missing(truth, dice));

    private static BenchRecord? Absent(SyntheticTruth truth, Wording wording, Dice dice)
    {
        var sounding = Sounding(truth);
        return sounding.Count < 3 ? null : Record(
            dice, wording.Say($"Which {{of these instruments|instrument}} {{cannot be heard|is not playing|is missing}} in this {Music}?"), dice.Pick(Missing(truth, dice)), dice.Shuffled(sounding));
    }

    private static BenchRecord Mood(SyntheticTruth truth, Wording wording, Dice dice)
    {
        // Words of the same mood, and moods that go with the clip's, are no fair distractors: opposites come first.
        var right = dice.Pick(truth.Moods);
        var opposite = Opposites.Where(pair => pair.One == right || pair.Other == right).Select(pair => pair.One == right ? pair.Other : pair.One);
        var others = opposite.Concat(dice.Shuffled(MusicVocabulary.Moods.Select(label => label.Name))).Where(name => !truth.Moods.Contains(name)).Distinct().ToList();
        return Record(dice, wording.Say($"{{What|Which}} mood does this {Music} {{have|convey|*suggest}}?", "Which word describes the mood best?"), right, others);
    }

    private static BenchRecord Description(SyntheticTruth truth, Wording wording, Dice dice)
    {
        var genres = OtherGenres(truth.Genre, dice);
        string Option(string genre, string tempo) => $"{tempo} {genre} with {ClipWords.List(dice.Shuffled(Sounding(truth)).Take(2).ToList())}";
        string wrongTempo = truth.TempoClass == "slow" ? "fast" : "slow";
        return Record(
            dice, wording.Say($"Which description {{fits|matches}} this {Music} best?", $"{{How would you|How can one}} describe this {Music}?"),
            Option(truth.Genre, truth.TempoClass), [Option(genres[0], truth.TempoClass), Option(truth.Genre, wrongTempo), Option(genres[1], wrongTempo)]);
    }

    private static BenchRecord? Band(SyntheticTruth truth, Wording wording, Dice dice)
    {
        var sounding = Sounding(truth);
        if (sounding.Count < 3) return null;
        var right = dice.Shuffled(sounding).Take(3).ToList();
        string[] wrong = [.. Enumerable.Range(0, 8).Select(_ => ClipWords.List([.. dice.Shuffled(right).Take(1).Concat(Missing(truth, dice).Take(2)).Order(StringComparer.Ordinal)]))];
        return Record(dice, wording.Say($"Which instruments {{play together|are heard}} in this {Music}?"), ClipWords.List([.. right.Order(StringComparer.Ordinal)]), wrong);
    }

    private static List<string> Sounding(SyntheticTruth truth) => [.. truth.Instruments, .. truth.Drums ? ["drums"] : Array.Empty<string>()];

    private static List<string> Missing(SyntheticTruth truth, Dice dice) => dice.Shuffled(MusicVocabulary.Instruments.Select(label => label.Name).Where(name => name != "drums" && !truth.Instruments.Contains(name)));

    private static List<string> OtherGenres(string genre, Dice dice)
    {
        var near = dice.Shuffled(Near.Where(row => row.Contains(genre)).SelectMany(row => row).Distinct());
        return [.. near.Concat(dice.Shuffled(MusicVocabulary.Genres.Select(label => label.Name))).Where(name => name != genre).Distinct()];
    }

    private static BenchRecord Record(Dice dice, string question, string right, IReadOnlyList<string> wrong)
    {
        var options = dice.Shuffled(wrong.Distinct().Where(option => option != right).Take(3).Prepend(right));
        return new BenchRecord
        {
            Task = BenchRecord.Choice,
            Instruction = $"Question: {question}\n Options: {string.Concat(options.Select((option, i) => $"({Letters[i]}) {option} "))}\n The correct answer is:",
            Output = $"({Letters[options.IndexOf(right)]}) {right}",
            Choices = options,
            Answer = right,
        };
    }
}
