namespace OpenMU.Training.Evaluation.Text;

/// <summary>The measures that are defined over a corpus, each in its published scale.</summary>
public static class CorpusScores
{
    /// <summary>BLEU-1 to 4 (0 to 1), SacreBLEU and chrF (0 to 100).</summary>
    public static IReadOnlyList<(string Measure, double Score)> Of(IReadOnlyList<TextPair> pairs)
        => [.. Bleu.Scores(pairs).Select((bleu, i) => ($"BLEU-{i + 1}", bleu.Score)), ("SacreBLEU", SacreBleu.Corpus(pairs).Score), ("chrF", ChrF.Score(pairs))];
}
