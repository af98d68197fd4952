using CsCheck;
using OpenMU.Catalogue.Similarity;

namespace OpenMU.Catalogue.Tests.Similarity;

public sealed class TrackEmbeddingTests
{
    [Fact]
    public void A_vector_is_stored_in_two_bytes_a_number_and_comes_back_with_its_direction_and_length_1() =>
        Gen.Float[-1e30f, 1e30f].Array[1, 900].Sample(vector =>
        {
            var length = Math.Sqrt(vector.Sum(x => (double)x * x));
            var stored = TrackEmbedding.Of("m", vector);
            if (length == 0)
            {
                stored.Should().BeNull();
                return;
            }

            stored!.Vector.Should().HaveCount(2 * vector.Length);
            stored.Dimensions.Should().Be(vector.Length);
            var back = stored.ToArray();
            Math.Sqrt(back.Sum(x => (double)x * x)).Should().BeApproximately(1, 1e-4);
            vector.Zip(back, (x, y) => x / length * y).Sum().Should().BeApproximately(1, 1e-4);
        });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(0f)]
    public void What_has_no_direction_is_not_stored(float number) =>
        TrackEmbedding.Of("m", [number, number]).Should().BeNull();
}
