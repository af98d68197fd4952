using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class BleuTests
{
    [Fact]
    public void Tokens_equal_those_of_the_reference()
    {
        foreach (var item in TextGoldens.Items)
        {
            Mteval13a.Tokens(item["candidate"]!.GetValue<string>()).Should().Equal(item["tokens_13a"].Texts());
            item["references"].Texts().Zip(item["tokens_13a_refs"]!.AsArray())
                .Should().AllSatisfy(pair => Mteval13a.Tokens(pair.First).Should().Equal(pair.Second.Texts()));
        }
    }

    [Fact]
    public void A_text_scores_as_with_the_reference()
    {
        foreach (var item in TextGoldens.Items)
        {
            // Where there is no text the reference divides by zero; it counts nothing here.
            var expected = item["bleu"].Numbers();
            for (var order = 1; order <= 4; order++)
            {
                Bleu.Score([TextGoldens.Pair(item)], order).Score
                    .Should().BeApproximately(expected[order - 1], 1e-9, item["candidate"]!.ToString());
            }
        }
    }

    [Fact]
    public void A_corpus_scores_as_with_the_reference_in_all_its_parts()
    {
        foreach (var (pairs, scores) in TextGoldens.Corpora)
        {
            for (var order = 1; order <= 4; order++)
            {
                var expected = scores["bleu"]![$"{order}"]!;
                var actual = Bleu.Score(pairs, order);
                actual.Score.ShouldBe(expected["bleu"]);
                actual.BrevityPenalty.ShouldBe(expected["brevity_penalty"]);
                actual.Precisions.Zip(expected["precisions"].Numbers())
                    .Should().AllSatisfy(pair => pair.First.Should().BeApproximately(pair.Second, 1e-9));
                (actual.CandidateLength, actual.ReferenceLength).Should().Be(
                    (expected["translation_length"]!.GetValue<int>(), expected["reference_length"]!.GetValue<int>()));
            }
            Bleu.Score(pairs, smooth: true).Score.ShouldBe(scores["bleu4_smooth_true"]);
        }
    }

    [Fact]
    public void Sacrebleu_and_chrF_score_texts_and_corpora_as_the_reference()
    {
        foreach (var item in TextGoldens.Items)
        {
            SacreBleu.Sentence(TextGoldens.Pair(item)).Score.ShouldBe(item["sacrebleu_sentence"]);
            ChrF.Score([TextGoldens.Pair(item)]).ShouldBe(item["chrf_sentence"]);
        }
        foreach (var (pairs, scores) in TextGoldens.Corpora.Where(corpus => corpus.Scores["sacrebleu"] is not null))
        {
            var actual = SacreBleu.Corpus(pairs);
            actual.Score.ShouldBe(scores["sacrebleu"]!["score"]);
            actual.BrevityPenalty.ShouldBe(scores["sacrebleu"]!["bp"]);
            ChrF.Score(pairs).ShouldBe(scores["chrf"]);
        }
    }

    [Fact]
    public void Nothing_written_scores_nothing()
    {
        Bleu.Score([new("", ["Calm strings."])]).Score.Should().Be(0);
        SacreBleu.Corpus([new("", ["Calm strings."])]).Score.Should().Be(0);
        ChrF.Score([new("", ["Calm strings."])]).Should().Be(0);
    }
}
