using OpenMU.Model.Audio;
using OpenMU.Model.Kernels;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Audio;

public class FbankTests
{
    [Theory]
    [MemberData(nameof(GoldenAudio.Clips), MemberType = typeof(GoldenAudio))]
    public void Log_mel_energies_are_those_of_the_reference(string clip, string file)
    {
        using var scope = NewDisposeScope();
        using var fbank = new Fbank();
        var golden = Golden.Tensors($"audio/{clip}.golden.safetensors");
        var wave = tensor(GoldenAudio.Wave(file));
        var energies = fbank.Compute((wave - wave.mean()).data<float>().ToArray());

        var (name, rows) = golden.Named("fbank_rows_");
        ShouldBeEnergies(energies.RowsNamed(name), rows);
        ShouldBeEnergies(energies[^1..], golden["fbank_last"]);
        energies.mean([0]).ShouldBeCloseTo(golden["fbank_mean_per_bin"], 2e-3);
        energies.std(0, unbiased: false).ShouldBeCloseTo(golden["fbank_std_per_bin"], 2e-3);
        if (golden.TryGetValue("fbank", out var whole)) ShouldBeEnergies(energies, whole);
    }

    /// <summary>Numbers computed once in float64 from the published formulas for a linear congruential noise.</summary>
    [Fact]
    public void Congruential_noise_has_the_energies_of_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fbank = new Fbank();
        var state = 1u;
        var noise = new float[48000];
        for (var i = 0; i < noise.Length; i++)
        {
            state = 1664525 * state + 1013904223;
            noise[i] = (float)(0.5 * (state / 4294967296.0 - 0.5));
        }
        noise[0].Should().BeApproximately(-0.13177224f, 1e-7f);
        var mean = (float)noise.Average(sample => (double)sample);
        var energies = fbank.Compute(noise.Select(sample => sample - mean).ToArray());

        energies.shape.Should().Equal(298, 128);
        energies[100, tensor(new long[] { 0, 1, 2, 3, 4, 10, 31, 64, 100, 127 })]
            .ShouldBeCloseTo(tensor(new[]
            {
                -7.0922f, -9.8993f, -6.4559f, -15.9424f, -5.0833f, -5.6925f, -3.1920f, 0.2794f, 3.6149f, 4.5374f
            }), 2e-3);
        energies.mean().item<float>().Should().BeApproximately(-0.170918f, 1e-3f);
    }

    [Fact]
    public void Mel_bin_3_holds_no_frequency_and_always_lies_at_the_floor()
    {
        using var scope = NewDisposeScope();
        using var fbank = new Fbank();
        var bin = fbank.Compute([.. Enumerable.Range(0, 16000).Select(i => (float)Math.Sin(i * 0.04))])[.., 3];
        bin.ShouldBeCloseTo(full_like(bin, Scalars.Of(-15.942385)), 1e-5);
    }

    [Theory]
    [InlineData(399, 0)]
    [InlineData(400, 1)]
    [InlineData(559, 1)]
    [InlineData(560, 2)]
    [InlineData(480000, 2998)]
    [InlineData(491760, 3072)]
    public void Only_whole_frames_count(int samples, int frames) => Fbank.Frames(samples).Should().Be(frames);

    [Fact]
    public void Less_than_one_frame_is_an_error()
    {
        using var fbank = new Fbank();
        fbank.Invoking(f => f.Compute(new float[399])).Should().Throw<ArgumentException>().WithMessage("*399 samples*");
    }

    /// <summary>
    /// A frame is transformed as a whole, so each of its amplitudes is off by float32's rounding of the loudest:
    /// the logarithm of a quiet bin is known the less, the farther it lies below that. At the floor the logarithm
    /// is cut off.
    /// </summary>
    private static void ShouldBeEnergies(Tensor actual, Tensor expected)
    {
        var below = expected.amax([1], keepdim: true) - expected;
        var rounding = (below / Scalars.Of(2)).exp() * Scalars.Of(Math.Pow(2, -16));
        var allowed = rounding.add_scalar(2e-4).clamp_max(Scalars.Of(1e-2));
        ((actual - expected) / allowed).ShouldBeCloseTo(zeros_like(expected), 1);
    }
}
