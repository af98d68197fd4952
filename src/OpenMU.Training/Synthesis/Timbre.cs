using OpenMU.Music;

namespace OpenMU.Training.Synthesis;

/// <summary>
/// Makes one soundfont sound like many, so that a model learns instruments and not a soundfont's samples: brightness,
/// attack, release, vibrato and level of every part differ, parts are doubled with another sound of the same
/// instrument, and drum kits are changed and retuned.
/// </summary>
internal static class Timbre
{
    private const int Drums = 9, NrpnMsb = 99, NrpnLsb = 98, DataMsb = 6, DataLsb = 38,
        SoundFontParameters = 120, Centre = 8192;

    // Room, power, electronic, TR-808, jazz and brush kits of General MIDI 2; a soundfont that lacks one
    // plays the standard kit.
    private static readonly int[] Kits = [8, 16, 24, 25, 32, 40];

    /// <summary>
    /// A generator of the SoundFont standard (2.04, section 8.1.2), changed by an offset in its own unit over the scale
    /// that its NRPN has (section 9.6.3).
    /// </summary>
    private sealed record Change(int Generator, double Probability, double Least, double Most, int Scale);

    private static readonly Change[] OfPitched =
    [
        new(8, .7, -3600, 600, 2),      // cutoff of the low-pass filter, cents
        new(9, .25, 0, 70, 1),          // its resonance, centibels
        new(34, .35, 0, 7200, 2),       // attack, timecents
        new(38, .4, -1800, 2400, 2),    // release, timecents
        new(6, .2, 4, 18, 2),           // vibrato, cents
        new(48, .6, 0, 60, 1),          // attenuation, centibels
    ];

    private static readonly Change[] OfDrums =
        [new(8, .5, -2400, 0, 2), new(38, .3, -1800, 1200, 2), new(48, .5, 0, 60, 1), new(52, .5, -180, 180, 1)];

    /// <summary>Events before the first note that change the sound of each channel.</summary>
    public static IReadOnlyList<MidiEvent> Changes(IEnumerable<int> channels, SeededRandom random)
    {
        List<MidiEvent> events = [];
        foreach (var channel in channels)
        {
            if (channel == Drums && random.Chance(.4)) events.Add(MidiEvent.Program(0, channel, random.Pick(Kits)));
            foreach (var change in channel == Drums ? OfDrums : OfPitched)
            {
                if (!random.Chance(change.Probability)) continue;
                var value = Math.Clamp(
                    Centre + (int)Math.Round(random.Uniform(change.Least, change.Most) / change.Scale), 0, 16383);
                (int Control, int Value)[] message =
                [
                    (NrpnMsb, SoundFontParameters), (NrpnLsb, change.Generator), (DataLsb, value & 127),
                    (DataMsb, value >> 7)
                ];
                events.AddRange(message.Select(part => MidiEvent.Control(0, channel, part.Control, part.Value)));
            }
        }

        return events;
    }

    /// <summary>
    /// A second track on a free channel that plays the same notes more softly with another sound
    /// of the same instrument.
    /// </summary>
    public static IReadOnlyList<MidiEvent> Doubled(
        IReadOnlyList<MidiEvent> track, int from, int to, string genre, SeededRandom random)
    {
        var softness = random.Uniform(.4, .8);
        return [.. track.Where(item => item.Channel == from).Select(item => Moved(item, to) switch
        {
            { StartsNote: true } note =>
                note with { Data = [note.Data[0], (byte)Math.Max(1, note.Data[1] * softness)] },
            { Kind: MidiEvent.ProgramKind } program
                when MusicVocabulary.InstrumentOf(program.Data[0]) is { } instrument =>
                program with { Data = [(byte)Palette.Any(instrument, genre, random)] },
            var other => other,
        })];
    }

    private static MidiEvent Moved(MidiEvent item, int channel) => item with { Status = (byte)(item.Kind | channel) };
}
