using CsCheck;
using OpenMU.Mir.Dsp;

namespace OpenMU.Mir.Tests.Dsp;

public class RealFftTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(1024)]
    [InlineData(2048)]
    public void The_transform_equals_the_sum_that_defines_it(int size)
    {
        var fft = new RealFft(size);
        float[] re = new float[fft.Bins], im = new float[fft.Bins], power = new float[fft.Bins];
        Gen.Float[-1, 1].Array[size].Sample(x =>
        {
            fft.Forward(x, re, im);
            fft.Power(x, power);
            for (var k = 0; k < fft.Bins; k++)
            {
                var (wantRe, wantIm) = Naive(x, k);
                Math.Abs(re[k] - wantRe).Should().BeLessThan(1e-6 * size + 1e-5);
                Math.Abs(im[k] - wantIm).Should().BeLessThan(1e-6 * size + 1e-5);
                Math.Abs(power[k] - (wantRe * wantRe + wantIm * wantIm)).Should().BeLessThan(1e-4 * size);
            }
        }, iter: 3, threads: 1);
    }

    [Fact]
    public void A_large_transform_keeps_the_energy_of_its_block()
    {
        const int size = 1 << 15;
        var fft = new RealFft(size);
        var x = new float[size];
        for (var i = 0; i < size; i++) x[i] = MathF.Sin(0.37f * i) + 0.5f * MathF.Cos(1.9f * i);
        var power = new float[fft.Bins];
        fft.Power(x, power);
        var spectrum = (2.0 * power.Sum(p => (double)p) - power[0] - power[^1]) / size;
        spectrum.Should().BeApproximately(x.Sum(v => (double)v * v), 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(1000)]
    public void A_size_that_is_no_power_of_two_is_refused(int size) =>
        FluentActions.Invoking(() => new RealFft(size)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void A_short_span_is_refused()
    {
        var fft = new RealFft(16);
        FluentActions.Invoking(() => fft.Forward(new float[15], new float[9], new float[9]))
            .Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => fft.Power(new float[16], new float[8])).Should().Throw<ArgumentException>();
    }

    private static (double Re, double Im) Naive(float[] x, int k)
    {
        double re = 0, im = 0;
        for (var n = 0; n < x.Length; n++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * ((long)k * n % x.Length) / x.Length);
            re += x[n] * cos;
            im += x[n] * sin;
        }
        return (re, im);
    }
}
