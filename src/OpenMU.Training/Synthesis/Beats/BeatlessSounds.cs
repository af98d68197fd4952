using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Training.Synthesis.Beats;

/// <summary>
/// What has no tempo: read speech in several languages (espeak-ng), noise of several colours, rain, wind. To learn that
/// it has no beat, and to measure that none is claimed.
/// </summary>
internal static class BeatlessSounds
{
    /// <summary>The tempo of a clip that has none, as truth.jsonl has it.</summary>
    public const double NoTempo = 0;

    private const int Rate = OnsetStrength.SampleRate;

    // Languages and speakers to learn from and others to judge by.
    private static readonly string[] Learnt = ["en-us", "de", "es", "pl", "sv", "tr", "ro", "id"],
        HeldOut = ["fr-fr", "it", "pt", "cs", "hu", "fi", "nl", "en-gb"];

    private static readonly string[] LearntSpeakers = ["m1", "m3", "f2", "f4"],
        HeldOutSpeakers = ["m2", "m7", "f1", "f5"];

    private static readonly string[] Onsets =
        ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "pr", "kl", "tr", ""];
    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "a", "e"],
        Codas = ["", "", "", "n", "r", "s", "l"];

    /// <summary>"speech" (every other time), "noise", "rain" or "wind".</summary>
    public static string Draw(SeededRandom random) =>
        random.Pick<string>(["speech", "speech", "speech", "noise", "rain", "wind"]);

    /// <summary>Makes a clip and writes it.</summary>
    /// <param name="kind">As <see cref="Draw"/> names them.</param>
    /// <param name="path">The wav file.</param>
    /// <param name="seconds">Length.</param>
    /// <param name="isHeldOut">With voices that are not learnt from.</param>
    /// <param name="random">Draws everything.</param>
    /// <param name="cancel">Ends espeak-ng.</param>
    /// <exception cref="InvalidOperationException">espeak-ng is not installed or failed.</exception>
    public static async Task MakeAsync(
        string kind, string path, double seconds, bool isHeldOut, SeededRandom random, CancellationToken cancel)
    {
        var samples = kind switch
        {
            "speech" => await SpeechAsync(path, seconds, isHeldOut, random, cancel),
            "noise" => Noise(seconds, random.Uniform(0, 1), _ => 1, random),
            "wind" => Wind(seconds, random),
            _ => Rain(seconds, random),
        };
        if (kind == "speech" && random.Chance(.3)) Mix(samples, Noise(seconds, random.Uniform(0, 1), _ => 1, random));
        var gain = random.Uniform(.1, .8) * short.MaxValue / Math.Max(1e-6, samples.Max(Math.Abs));
        await File.WriteAllBytesAsync(
            path, WaveWriter.Bytes([.. samples.Select(sample => (short)(gain * sample))], Rate), cancel);
    }

    // Words of no language, read as those of one: its sounds and the melody of its sentences.
    private static async Task<float[]> SpeechAsync(
        string path, double seconds, bool isHeldOut, SeededRandom random, CancellationToken cancel)
    {
        var (languages, speakers) = isHeldOut ? (HeldOut, HeldOutSpeakers) : (Learnt, LearntSpeakers);
        var text = string.Join(' ', Enumerable.Range(0, (int)(seconds / 2) + 4).Select(_ => Sentence(random)));
        var (code, said) = await ExternalProgram.RunAsync(
            "espeak-ng",
            [
                "-v", $"{random.Pick(languages)}+{random.Pick(speakers)}", "-s", $"{random.Next(115, 200)}",
                "-p", $"{random.Next(30, 70)}", "-g", $"{random.Next(0, 12)}", "-w", path, text,
            ], cancel);
        if (code != 0) throw new InvalidOperationException($"espeak-ng ended with {code}: {said}");
        var speech = await AudioFile.ReadMonoAsync(path, Rate, null, DecodeLimits.Default, cancel);
        var from = random.Next(0, Rate);
        var samples = new float[(int)(seconds * Rate)];
        speech.Samples.AsSpan(from, Math.Min(samples.Length, speech.Samples.Length - from)).CopyTo(samples);
        return samples;
    }

    private static string Sentence(SeededRandom random)
    {
        var words = Enumerable.Range(0, random.Next(3, 15)).Select(_ =>
            string.Concat(Enumerable.Range(0, random.Pick<int>([1, 1, 2, 2, 3, 4]))
                .Select(_ => random.Pick(Onsets) + random.Pick(Vowels) + random.Pick(Codas)))
            + (random.Chance(.12) ? "," : ""));
        return string.Join(' ', words) + random.Pick<string>([".", ".", "?", "!"]);
    }

    // Between white (0) and brown (1), as loud from moment to moment as a function of seconds says.
    private static float[] Noise(double seconds, double colour, Func<double, double> loudness, SeededRandom random)
    {
        var samples = new float[(int)(seconds * Rate)];
        double last = 0, keep = colour * .995;
        for (var i = 0; i < samples.Length; i++)
        {
            last = (keep * last) + ((1 - keep) * random.Uniform(-1, 1));
            samples[i] = (float)(last * loudness(i / (double)Rate));
        }

        return samples;
    }

    private static float[] Wind(double seconds, SeededRandom random)
    {
        (double Period, double Phase, double Depth)[] gusts =
        [
            .. Enumerable.Range(0, 5).Select(_ =>
                (random.Uniform(.7, 9), random.Uniform(0, 6.3), random.Uniform(.1, .6)))
        ];
        return Noise(
            seconds, random.Uniform(.9, 1),
            at => Math.Exp(gusts.Sum(gust => gust.Depth * Math.Sin((at * 6.283 / gust.Period) + gust.Phase))), random);
    }

    // Drops that fall independently of each other over the hiss of many that are far away.
    private static float[] Rain(double seconds, SeededRandom random)
    {
        var samples = Noise(seconds, random.Uniform(0, .8), _ => .02, random);
        double perSecond = Math.Exp(random.Uniform(Math.Log(3), Math.Log(150))), at = 0;
        while ((at -= Math.Log(1 - random.Uniform(0, .999999)) / perSecond) < seconds)
        {
            double decay = random.Uniform(.001, .02), gain = Math.Pow(random.Uniform(.1, 1), 3),
                hertz = random.Uniform(400, 6000), ringing = random.Uniform(0, 1);
            for (int i = 0, start = (int)(at * Rate); i < 5 * decay * Rate && start + i < samples.Length; i++)
            {
                samples[start + i] += (float)(gain * Math.Exp(-i / (decay * Rate))
                    * ((ringing * Math.Sin(6.283 * hertz * i / Rate)) + ((1 - ringing) * random.Uniform(-1, 1))));
            }
        }

        return samples;
    }

    private static void Mix(float[] samples, float[] other)
    {
        for (var i = 0; i < samples.Length; i++) samples[i] += .1f * other[i];
    }
}
