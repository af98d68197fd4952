using CsCheck;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Tests.Dsp;

public class RowMathTests
{
    [Fact]
    public void Products_equal_their_sums() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[1, 5], Gen.Int[1, 3], Gen.Int[0, 1_000_000])
            .Sample((rows, fours, eights, seed) =>
            {
                int n = 4 * fours, m = 8 * eights;
                var random = new Random(seed);
                float[] x = Draw(random, rows * n), w = Draw(random, n * m), y = Draw(random, rows * m);
                var wantedY = (float[])y.Clone();
                for (var r = 0; r < rows; r++)
                {
                    for (var k = 0; k < n; k++)
                    {
                        for (var c = 0; c < m; c++) wantedY[r * m + c] += x[r * n + k] * w[k * m + c];
                    }
                }
                RowMath.MultiplyAdd(x, n, w, m, y, rows);
                Distance(y, wantedY).Should().BeLessThan(1e-4f);
            }, iter: 200);

    [Fact]
    public void Shapes_that_do_not_fit_are_refused() =>
        FluentActions.Invoking(() => RowMath.MultiplyAdd(new float[7], 4, new float[32], 8, new float[16], 2))
            .Should().Throw<ArgumentException>();

    private static float[] Draw(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static float Distance(float[] a, float[] b) => a.Zip(b, (p, q) => Math.Abs(p - q)).DefaultIfEmpty().Max();
}
