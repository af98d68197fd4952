using System.Text.RegularExpressions;
using OpenMU.Music;
using OpenMU.Music.Grounding;
using OpenMU.Training.Data;

namespace OpenMU.Training.Evaluation.Text;

/// <summary>
/// Scores one answer by all measures that its task has, 0 to 1. Measures of a whole corpus are
/// <see cref="CorpusScores"/>.
/// </summary>
/// <param name="meteor">With or without WordNet.</param>
public sealed partial class AnswerScores(Meteor meteor)
{
    /// <summary>Names of measures that others than this class ask for.</summary>
    public const string Facts = "facts F1", RightTool = "right tool", Theme = "theme", Accuracy = "accuracy",
        FirstCapital = "accuracy, first capital A to D", OwnWords = "accuracy, the options' own words",
        Answered = "answered (IFR)", Grounded = "numbers grounded";

    /// <summary>Measures and scores of a text; only what its record and the truth allow.</summary>
    /// <param name="record">What was asked.</param>
    /// <param name="text">The answer.</param>
    /// <param name="truth">Of the clip; null leaves out what needs it.</param>
    /// <param name="withTextMeasures">Compare the words with the reference's too.</param>
    /// <param name="bertScore">BERTScore's F1, which is computed for many texts at once; null leaves it out.</param>
    public IReadOnlyList<(string Measure, double Score)> Of(
        BenchRecord record, string text, ClipTruth? truth, bool withTextMeasures = true, double? bertScore = null)
    {
        if (record.Task == BenchRecord.Choice && record.Choices is { } choices) return Choice(record, choices, text);
        var scores = new List<(string, double)>();
        if (record.Task == BenchRecord.Tools)
            scores.Add((RightTool, Calls(record.Output).SetEquals(Calls(text)) ? 1 : 0));
        else if (truth is not null && record.Task != BenchRecord.Lyrics)
            scores.AddRange(FactScores(record, text, truth));
        if (record is { Task: BenchRecord.Lyrics, Answer: { } theme })
            scores.Add((Theme, TextFacts.First(MusicVocabulary.Themes, text) == theme ? 1 : 0));
        if (!withTextMeasures) return scores;
        var pair = new TextPair(text, [record.Output]);
        var rouge = Rouge.Score(pair);
        scores.Add((meteor.Name, meteor.Score(pair)));
        if (bertScore is { } f) scores.Add((BertScore.Name, f));
        return [.. scores, ("ROUGE-1", rouge.One.F), ("ROUGE-2", rouge.Two.F), ("ROUGE-L", rouge.L.F)];
    }

    /// <summary>Tools that a text calls, by their long names.</summary>
    public static IReadOnlySet<string> Calls(string text)
        => Call().Matches(text).Select(match => match.Groups[1].Value)
            .Select(name => MusicalFacts.Tools.GetValueOrDefault(name, name)).ToHashSet();

    /// <summary>True if every tempo in beats a minute, key and metre that a text names is a tool's result.</summary>
    public static bool IsGrounded(string text)
    {
        var said = Call().Replace(text, " ");
        var counts =
            ClaimFinder.Find(said).Any(claim => claim is FigureClaim { HasUnit: true } or MetreClaim { Unit: null });
        return !counts && !TextFacts.In(said).Any(fact => fact.Aspect is Fact.Key or Fact.Metre);
    }

    private static (string, double)[] Choice(BenchRecord record, IReadOnlyList<string> choices, string text)
    {
        double Right(int? chosen) => chosen is { } i && choices[i] == record.Answer ? 1 : 0;
        var chosen = MuChoMusic.Choice(text, choices);
        return
        [
            (Accuracy, Right(chosen)), (FirstCapital, Right(MuChoMusic.FirstCapital(text, choices.Count))),
            (OwnWords, Right(MuChoMusic.OwnWords(text, choices))), (Answered, chosen is null ? 0 : 1)
        ];
    }

    private static IEnumerable<(string, double)> FactScores(BenchRecord record, string text, ClipTruth clip)
    {
        var (stated, expected, truth) = (TextFacts.In(text), TextFacts.In(record.Output), clip.Facts());
        if (FactScore.Of(stated, expected, truth) is { } all)
        {
            yield return (Facts, all.F);
            yield return ("facts precision", all.Precision);
            yield return ("facts recall", all.Recall);
        }
        foreach (var aspect in Fact.Aspects)
        {
            if (FactScore.Of(aspect, stated, expected, truth) is { } score) yield return (aspect, score.F);
        }
        yield return (Grounded, IsGrounded(text) ? 1 : 0);
    }

    [GeneratedRegex(@"\[(\w+)\([^)\]]*\)[^\]]*\]")]
    private static partial Regex Call();
}

/// <summary>The measures that are defined over a corpus, each in its published scale.</summary>
public static class CorpusScores
{
    /// <summary>BLEU-1 to 4 (0 to 1), SacreBLEU and chrF (0 to 100).</summary>
    public static IReadOnlyList<(string Measure, double Score)> Of(IReadOnlyList<TextPair> pairs)
        =>
        [
            .. Bleu.Scores(pairs).Select((bleu, i) => ($"BLEU-{i + 1}", bleu.Score)),
            ("SacreBLEU", SacreBleu.Corpus(pairs).Score), ("chrF", ChrF.Score(pairs))
        ];
}
