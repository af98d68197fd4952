using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OpenMU.Mir.Audio;

namespace OpenMU.Training.Synthesis;

/// <summary>
/// Renders a MIDI piece with FluidSynth and cuts the clip out of it: mono, 16 bits, 22,050 Hz, in a
/// room and a mix of its own.
/// </summary>
internal static class ClipRenderer
{
    public const int SampleRate = 22_050;

    private const int FadeSamples = SampleRate / 100;

    /// <summary>Writes the clip.</summary>
    /// <returns>SHA-256 of the file in hexadecimal digits.</returns>
    /// <exception cref="InvalidDataException">FluidSynth failed, or the clip is silent.</exception>
    public static async Task<string> RenderAsync(
        RenderPlan plan, MidiFile piece, string folder, string output, CancellationToken cancel)
    {
        string midi = Path.Combine(folder, "piece.mid"), raw = Path.Combine(folder, "piece.raw");
        piece.Write(midi);
        var random = plan.RandomFor("render");
        string[] room = random.Chance(.75)
            ? ["-R", "1", "-o", Setting("synth.reverb.room-size", random.Uniform(.1, .8)), "-o",
                Setting("synth.reverb.level", random.Uniform(.1, .6)), "-o",
                Setting("synth.reverb.width", random.Uniform(.2, 1))]
            : ["-R", "0"];
        var (code, said) = await ExternalProgram.RunAsync(
            "fluidsynth",
            ["-ni", "-q", "-C", random.Chance(.5) ? "1" : "0", .. room, "-g", "0.4", "-r", $"{SampleRate}", "-o",
                "synth.cpu-cores=1", "-o", "synth.dynamic-sample-loading=1", "-O", "s16", "-T", "raw", "-F", raw,
                plan.Soundfont, midi],
            cancel);
        if (code != 0 || !File.Exists(raw))
            throw new InvalidDataException($"FluidSynth did not render {plan.Id}: {said.Trim()}");
        var stereo = await File.ReadAllBytesAsync(raw, cancel);
        var wave = WaveWriter.Bytes(Cut(MemoryMarshal.Cast<byte, short>(stereo.AsSpan()), plan, random), SampleRate);
        await File.WriteAllBytesAsync(output, wave, cancel);
        return Convert.ToHexStringLower(SHA256.HashData(wave));
    }

    private static string Setting(string name, double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}={value:F3}");

    // Mono of the stretch, with bass and treble a little up or down, the peak at a level of chance and ends faded.
    private static short[] Cut(ReadOnlySpan<short> stereo, RenderPlan plan, SeededRandom random)
    {
        var first = (int)Math.Round(plan.CropStart * SampleRate);
        var mono = new double[(int)(plan.Seconds * SampleRate)];
        double low = 0, bass = Math.Pow(10, random.Uniform(-5, 5) / 20),
            treble = Math.Pow(10, random.Uniform(-6, 4) / 20), peak = 0;
        var smoothing = 1 - Math.Exp(-2 * Math.PI * random.Uniform(400, 1200) / SampleRate);
        for (var i = 0; i < mono.Length && 2 * (first + i) + 1 < stereo.Length; i++)
        {
            var sample = (stereo[2 * (first + i)] + stereo[2 * (first + i) + 1]) / 2.0;
            low += smoothing * (sample - low);
            mono[i] = (bass * low) + (treble * (sample - low));
            peak = Math.Max(peak, Math.Abs(mono[i]));
        }

        if (peak < 100) throw new InvalidDataException($"{plan.Id} is silent: {plan.Content}.");
        if (plan.IsVaried)
        {
            Mastering.Apply(mono, SampleRate, plan.RandomFor("mastering"));
            peak = mono.Max(Math.Abs);
        }

        var gain = Math.Pow(10, random.Uniform(-9, -1) / 20) * short.MaxValue / peak;
        return [.. mono.Select((sample, i) =>
            (short)Math.Round(sample * gain * Math.Min(1, Math.Min(i, mono.Length - 1 - i) / (double)FadeSamples)))];
    }
}

/// <summary>How a piece is rendered, and which part of it becomes the clip.</summary>
/// <param name="Id">Name of the clip.</param>
/// <param name="Seed">Of the room and the mix.</param>
/// <param name="Soundfont">File to play with.</param>
/// <param name="CropStart">Seconds from the start of the piece to the start of the clip.</param>
/// <param name="Seconds">Length of the clip.</param>
/// <param name="IsVaried">Through an equaliser and saturation: see <see cref="Mastering"/>.</param>
/// <param name="Content">What is played, for messages.</param>
internal sealed record RenderPlan(
    string Id, string Seed, string Soundfont, double CropStart, double Seconds, bool IsVaried, string Content)
{
    /// <summary>The rendering of a clip of grooves.</summary>
    public static RenderPlan Of(ClipPlan plan) => new(
        plan.Id, plan.Seed, plan.Soundfont, plan.CropStart, plan.Seconds, plan.IsVaried,
        string.Join(", ", plan.Grooves));

    /// <summary>Choices of one stage of the work, apart from those of the others.</summary>
    public SeededRandom RandomFor(string stage) => new($"{Seed}/{stage}");
}
