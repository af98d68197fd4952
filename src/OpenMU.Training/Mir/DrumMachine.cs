using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Training.Mir;

/// <summary>
/// Metronomes and plain drum patterns in every metre: the bare cases that arranged music does not hold; and noise and
/// syllables without any beat.
/// </summary>
internal static class DrumMachine
{
    private const int Rate = OnsetStrength.SampleRate;
    private const double Seconds = 24;

    public static BeatClip Play(int index, Random random)
    {
        if (index % 4 == 3) return Babble(index, random);
        var metronome = index % 3 == 0;
        var length = new[] { 4, 3, 4, 5, 4, 3, 2 }[random.Next(7)];
        var bpm = metronome ? 48 * Math.Pow(2, 2.1 * random.NextDouble())
            : length == 2 ? 50 + 60 * random.NextDouble()
            : 66 * Math.Pow(2, 1.4 * random.NextDouble());
        double beat = 60 / bpm, first = random.NextDouble() * 2 * beat;
        var count = (int)((Seconds - first) / beat);
        var samples = new float[(int)(Seconds * Rate)];
        if (metronome) Metronome(samples, first, beat, count, length, random);
        else Pattern(samples, first, beat, count, length, random);
        var beats = Enumerable.Range(0, count).Select(k => first + k * beat).ToArray();
        var onsets = OnsetStrength.Of(new Waveform(samples, Rate));
        return new(
            $"drums{index}", onsets.Levels, onsets.Changes, beats, [.. beats.Where((_, k) => k % length == 0)], bpm,
            length, "drum machine");
    }

    // What has no beat: noise that swells and fades, and in most clips bursts and gliding tones at intervals of chance,
    // as in speech.
    private static BeatClip Babble(int index, Random random)
    {
        var samples = new float[(int)(Seconds * Rate)];
        double level = 0.05 * random.NextDouble() * random.NextDouble(), swell = 0.2 + 3 * random.NextDouble();
        for (var i = 0; i < samples.Length; i++)
        {
            var loud = level * (1 + 0.6 * Math.Sin(i * swell / Rate) * Math.Sin(i * 0.37 * swell / Rate));
            samples[i] = (float)(loud * (2 * random.NextDouble() - 1));
        }

        if (random.NextDouble() < 0.75) Syllables(samples, random);
        var onsets = OnsetStrength.Of(new Waveform(samples, Rate));
        return new($"babble{index}", onsets.Levels, onsets.Changes, [], [], 0, 0, "drum machine");
    }

    private static void Syllables(float[] samples, Random random)
    {
        double pitch = 80 * Math.Pow(2, 2 * random.NextDouble()), usual = 0.12 + 0.3 * random.NextDouble();
        for (var at = random.NextDouble(); at < Seconds; at += usual * (0.35 - 0.9 * Math.Log(1 - random.NextDouble())))
        {
            if (random.NextDouble() < 0.15) at += random.NextDouble();                  // a breath
            var gain = 0.1 + 0.4 * random.NextDouble();
            if (random.NextDouble() < 0.35)
            {
                Noise(samples, at, 0.01 + 0.04 * random.NextDouble(), 0.5 * gain, random);
                continue;
            }

            var hertz = pitch * Math.Pow(2, random.NextDouble() - 0.5);
            for (var partial = 1; partial <= 5; partial++)
                Tone(samples, at, partial * hertz, 0.03 + 0.06 * random.NextDouble(), gain * random.NextDouble());
        }
    }

    private static void Metronome(float[] samples, double first, double beat, int count, int length, Random random)
    {
        double hertz = 150 * Math.Pow(2, 5 * random.NextDouble()), decay = 0.004 + 0.04 * random.NextDouble();
        var accent = random.NextDouble() < 0.7 ? 1.2 + random.NextDouble() : 1;
        for (var k = 0; k < count; k++)
        {
            var strong = k % length == 0 ? accent : 1;
            Tone(samples, first + k * beat, hertz * strong, decay, 0.2 * strong * strong);
        }
    }

    private static void Pattern(float[] samples, double first, double beat, int count, int length, Random random)
    {
        var parts = length == 2 ? 3 : random.NextDouble() < 0.25 ? 3 : 2;
        double kick = 45 + 60 * random.NextDouble(), snareDecay = 0.03 + 0.1 * random.NextDouble(),
            hat = random.NextDouble() < 0.3 ? 0 : 0.03 + 0.1 * random.NextDouble();
        bool second = length >= 4 && random.NextDouble() < 0.7, pickup = random.NextDouble() < 0.4;
        for (var k = 0; k < count; k++)
        {
            var place = k % length;
            var at = first + k * beat;
            var low = place == 0 || (second && place == (length == 5 ? 3 : 2));
            if (low) Tone(samples, at, kick, 0.08, 0.6);
            else Noise(samples, at, snareDecay, 0.35, random);
            if (pickup && place == length - 1) Tone(samples, at + beat * (parts - 1) / parts, kick, 0.06, 0.35);
            for (var part = 0; part < parts; part++)
                Noise(samples, at + beat * part / parts, 0.012, hat * (part == 0 ? 1.3 : 1), random);
        }
    }

    private static void Tone(float[] samples, double at, double hertz, double decay, double gain)
    {
        var start = (int)Math.Round(at * Rate);
        for (var i = 0; i < 8 * decay * Rate && start + i < samples.Length; i++)
        {
            samples[start + i] +=
                (float)(gain * Math.Exp(-i / (decay * Rate)) * Math.Sin(2 * Math.PI * hertz * i / Rate));
        }
    }

    private static void Noise(float[] samples, double at, double decay, double gain, Random random)
    {
        var start = (int)Math.Round(at * Rate);
        for (var i = 0; i < 8 * decay * Rate && start + i < samples.Length; i++)
        {
            samples[start + i] += (float)(gain * Math.Exp(-i / (decay * Rate)) * (2 * random.NextDouble() - 1));
        }
    }
}
