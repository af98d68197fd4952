using OpenMU.Testing;
using OpenMU.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Data;

public class ClipAudioTests
{
    [Theory]
    [MemberData(nameof(GoldenAudio.Clips), MemberType = typeof(GoldenAudio))]
    public void A_clip_becomes_the_reference_waveform(string clip, string file) =>
        ShouldBeReference(GoldenAudio.Wave(file), clip);

    /// <summary>
    /// The decoder works at 44.1 kHz, so files of that rate come out as if there were no decoder between.
    /// </summary>
    [Fact]
    public void What_training_reads_of_a_file_of_44100_Hz_is_the_reference_waveform()
    {
        foreach (var clip in Golden.Json("audio/manifest.json").AsArray())
        {
            if (clip!["sample_rate"]!.GetValue<int>() != 44_100) continue;
            foreach (var file in clip["files"]!.AsArray().Select(file => file!.GetValue<string>()))
            {
                if (file.EndsWith(".wav", StringComparison.Ordinal)) continue;
                ShouldBeReference(ClipAudio.Read(Golden.PathOf($"audio/{file}")), clip["name"]!.GetValue<string>());
            }
        }
    }

    private static void ShouldBeReference(float[] samples, string clip)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors($"audio/{clip}.golden.safetensors");
        var wave = tensor(samples);
        wave[..(int)golden["wave_head"].shape[0]].ShouldBeCloseTo(golden["wave_head"], 1e-6);
        wave[^(int)golden["wave_tail"].shape[0]..].ShouldBeCloseTo(golden["wave_tail"], 1e-6);
        var (name, some) = golden.Named("wave_stride");
        wave.RowsNamed(name).ShouldBeCloseTo(some, 1e-6);
        wave.mean().view(1).ShouldBeCloseTo(golden["wave_mean"], 1e-6);
        if (golden.TryGetValue("wave", out var whole)) wave.ShouldBeCloseTo(whole, 1e-6);
    }
}
