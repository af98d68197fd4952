using OpenMU.Testing;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Tests.Evaluation.Text;

public class MeteorTests
{
    private static readonly Dictionary<string, HashSet<string>> Synonyms =
        Golden.Json("metrics/wordnet_synonyms_in_use.json").AsObject()
            .ToDictionary(entry => entry.Key, entry => entry.Value.Texts().ToHashSet());

    private static readonly Meteor WithWordNet = new(word => Synonyms.GetValueOrDefault(word, []));
    private static readonly Meteor Without = new(null);

    [Fact]
    public void Stems_equal_those_of_nltk()
    {
        var stems = Golden.Json("metrics/porter_stems.json").AsObject();
        stems.Should().NotBeEmpty().And.AllSatisfy(entry => PorterStemmer.Stem(entry.Key)
            .Should().Be(entry.Value!.GetValue<string>(), entry.Key));
    }

    [Fact]
    public void Sentences_and_words_equal_those_of_nltk()
    {
        foreach (var item in TextGoldens.Items)
        {
            var candidate = item["candidate"]!.GetValue<string>();
            WordTokenizer.Sentences(candidate)
                .Should().Equal(item["candidate_sentences"].Texts().Where(sentence => sentence.Length > 0));
            WordTokenizer.Tokens(candidate).Should().Equal(item["tokens_word_tokenize"].Texts());
            item["references"].Texts().Zip(item["tokens_word_tokenize_refs"]!.AsArray())
                .Should().AllSatisfy(pair => WordTokenizer.Tokens(pair.First).Should().Equal(pair.Second.Texts()));
        }
    }

    [Fact]
    public void A_text_scores_as_with_nltk_with_and_without_synonyms()
    {
        foreach (var item in TextGoldens.Items)
        {
            var pair = TextGoldens.Pair(item);
            WithWordNet.Score(pair).ShouldBe(item["meteor_wordnet"], pair.Candidate);
            Without.Score(pair).ShouldBe(item["meteor_exact_stem"], pair.Candidate);
        }
    }

    [Fact]
    public void A_corpus_scores_the_mean_of_its_texts()
    {
        foreach (var (pairs, scores) in TextGoldens.Corpora)
        {
            pairs.Average(WithWordNet.Score).ShouldBe(scores["meteor_wordnet_mean"]);
            pairs.Average(Without.Score).ShouldBe(scores["meteor_exact_stem_mean"]);
        }
    }
}
