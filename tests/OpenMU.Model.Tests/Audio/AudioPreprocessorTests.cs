using OpenMU.Model.Audio;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Audio;

public class AudioPreprocessorTests
{
    [Theory]
    [MemberData(nameof(GoldenAudio.Clips), MemberType = typeof(GoldenAudio))]
    public void A_clip_becomes_the_reference_model_input(string clip, string file)
    {
        using var scope = NewDisposeScope();
        using var preprocessor = new AudioPreprocessor(OpenMuConfig.Full.Audio);
        var golden = Golden.Tensors($"audio/{clip}.golden.safetensors");
        var input = preprocessor.ModelInput(GoldenAudio.Wave(file))[0];

        var (name, rows) = golden.Named("model_input_rows_");
        ShouldBeInput(input.RowsNamed(name), rows);
        var firsts = golden.Where(entry => entry.Key.StartsWith("model_input_first", StringComparison.Ordinal));
        foreach (var (_, first) in firsts)
            ShouldBeInput(input[..(int)first.shape[0]], first);
    }

    [Fact]
    public void Several_recordings_make_one_batch_of_the_same_pictures()
    {
        using var scope = NewDisposeScope();
        using var preprocessor = new AudioPreprocessor(OpenMuConfig.Full.Audio);
        float[] low = Tone(220, 8000), high = Tone(880, 24000);
        var batch = preprocessor.ModelInput([low, high]);
        batch.shape.Should().Equal(2, 1, 3072, 128);
        batch[1].ShouldBeCloseTo(preprocessor.ModelInput(high), 0);
    }

    [Fact]
    public void The_mean_is_taken_over_the_whole_recording_and_not_over_the_part_that_is_heard()
    {
        using var scope = NewDisposeScope();
        using var preprocessor = new AudioPreprocessor(OpenMuConfig.Full.Audio);
        var heard = Tone(440, 3100 * 160);
        float[] longer = [.. heard, .. Enumerable.Repeat(0.5f, heard.Length)];
        var mean = longer.Average();
        float[] shifted = [.. heard.Select(sample => sample - mean)];
        using var fbank = new Fbank();
        var expected = fbank.Compute(shifted)[..3072].add_scalar(4.2677393f) / Scalars.Of(2 * 4.5689974f);
        preprocessor.ModelInput(longer)[0].ShouldBeCloseTo(expected, 1e-4);
    }

    [Fact]
    public void A_short_recording_is_padded_as_published_or_heard_again_and_again_where_the_model_asks_for_that()
    {
        using var scope = NewDisposeScope();
        float[] samples =
            [.. Enumerable.Range(0, Fbank.SampleRate).Select(i => MathF.Sin(i * 0.05f) * (i % 4000) / 4000)];
        using var published = new AudioPreprocessor(OpenMuConfig.Full.Audio);
        using var repeating = new AudioPreprocessor(OpenMuConfig.Full.Audio with { RepeatsShort = true });
        var (padded, repeated) = (published.ModelInput(samples)[0], repeating.ModelInput(samples)[0]);
        var real = 1 + (samples.Length - Fbank.FrameSamples) / Fbank.ShiftSamples;

        repeated[..real].ShouldBeCloseTo(padded[..real], 0);
        repeated[real..(2 * real)].ShouldBeCloseTo(padded[..real], 0);
        repeated[^(3072 % real)..].ShouldBeCloseTo(padded[..(3072 % real)], 0);
        padded[real..].ShouldBeCloseTo(full_like(padded[real..], Scalars.Of(AudioPreprocessor.Padding)), 0);
    }

    [Fact]
    public void A_tenth_of_a_second_is_refused_with_a_clear_error()
    {
        using var preprocessor = new AudioPreprocessor(OpenMuConfig.Full.Audio);
        preprocessor.Invoking(p => p.ModelInput(new float[1600]))
            .Should().Throw<ArgumentException>().WithMessage("*1600 samples*quarter of a second*");
    }

    [Fact]
    public void Samples_that_are_not_numbers_are_refused()
    {
        using var preprocessor = new AudioPreprocessor(OpenMuConfig.Full.Audio);
        var samples = Tone(440, 16000);
        samples[777] = float.NaN;
        preprocessor.Invoking(p => p.ModelInput(samples))
            .Should().Throw<ArgumentException>().WithMessage("*not numbers*");
    }

    private static float[] Tone(double hertz, int samples) =>
        [.. Enumerable.Range(0, samples).Select(i => 0.3f * (float)Math.Sin(2 * Math.PI * hertz * i / 16000))];

    /// <summary>3e-4, and 1e-3 where the log energy is below -12.</summary>
    private static void ShouldBeInput(Tensor actual, Tensor expected)
    {
        var nearFloor = expected < Scalars.Of((-12 + 4.2677393) / (2 * 4.5689974));
        actual.where(nearFloor, expected).ShouldBeCloseTo(expected, 1e-3);
        where(nearFloor, expected, actual).ShouldBeCloseTo(expected, 3e-4);
    }
}
