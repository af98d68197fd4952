namespace OpenMU.Training.Synthesis;

/// <summary>
/// Turns what MMA played into the piece of the plan: exact tempo, other drums, other instruments, parts left out, a
/// band or a tune added, tuning, timbre and mix.
/// </summary>
internal static class Arrangement
{
    private const int Drums = 9;

    /// <param name="played">What MMA played.</param>
    /// <param name="drums">The same chart played by the family that the drums are taken from; null
    /// keeps the drums.</param>
    /// <param name="plan">The plan.</param>
    public static MidiFile Make(MidiFile played, MidiFile? drums, ClipPlan plan)
    {
        var random = plan.RandomFor("arrangement");
        if (drums is not null) played = WithDrumsOf(drums, played);
        List<IReadOnlyList<MidiEvent>> tracks = [.. played.Tracks.Select(track => WithTempo(track, plan))];
        var channels = Channels(tracks);
        var left = Left(channels, plan, random);
        var standIns = StandIns(tracks, plan, random);
        tracks = [.. tracks.Select(track => (IReadOnlyList<MidiEvent>)[.. track
            .Where(item => !(item.StartsNote || item.EndsNote) || left.Contains(item.Channel))
            .Select(item => Recast(item, standIns))])];
        var free = new Queue<int>(
            Enumerable.Range(0, 16).Where(channel => channel != Drums && !channels.Contains(channel)));
        var ticksPerTap = played.TicksPerQuarter * plan.MmaBeatsPerTap;
        if (plan.NeedsBand) tracks.AddRange(Band.Play(plan, ticksPerTap, free));
        if (Orchestra.Plays(plan.Family)) tracks.AddRange(Orchestra.Play(plan, ticksPerTap, free));
        if (plan.HasMelody && free.Count > 0) tracks.Add(Melody.Play(plan, ticksPerTap, free.Dequeue()));
        if (plan.IsVaried) tracks = Varied(tracks, free, plan);
        tracks.Insert(1, Tuning(plan.TuningCents));
        return played with { Tracks = [.. tracks.Select(track => Mixed(track, random.Uniform(.8, 1.2)))] };
    }

    private static MidiFile WithDrumsOf(MidiFile other, MidiFile played)
    {
        if (other.TicksPerQuarter != played.TicksPerQuarter)
            throw new InvalidDataException("MMA counts the ticks of two grooves differently.");
        return played with
        {
            Tracks =
            [
                .. played.Tracks.Select(track => Only(track, isDrums: false)),
                .. other.Tracks.Select(track => Only(track, isDrums: true)).Where(track => track.Count > 0)
            ]
        };

        IReadOnlyList<MidiEvent> Only(IReadOnlyList<MidiEvent> track, bool isDrums) =>
            [.. track.Where(item => item.Channel == Drums == isDrums && (item.Channel >= 0 || !isDrums))];
    }

    // Some parts doubled on channels that are left, and the sound of every channel changed.
    private static List<IReadOnlyList<MidiEvent>> Varied(
        List<IReadOnlyList<MidiEvent>> tracks, Queue<int> free, ClipPlan plan)
    {
        var random = plan.RandomFor("timbre");
        List<IReadOnlyList<MidiEvent>> all = [.. tracks];
        foreach (var channel in Channels(tracks).Where(channel => channel != Drums))
        {
            if (!random.Chance(.3) || free.Count == 0) continue;
            var to = free.Dequeue();
            all.AddRange(tracks.Where(track => track.Any(item => item.Channel == channel))
                .Select(track => Timbre.Doubled(track, channel, to, plan.Family.Genre, random)));
        }

        // Last, so that no program change of MMA's at the same tick undoes it.
        all.Add(Timbre.Changes(Channels(all), random));
        return all;
    }

    private static List<int> Channels(IEnumerable<IReadOnlyList<MidiEvent>> tracks) => [.. tracks
        .SelectMany(track => track).Where(item => item.StartsNote).Select(item => item.Channel).Distinct().Order()];

    /// <summary>Microseconds of one of MMA's beats, as a MIDI file can say it.</summary>
    public static int MicrosecondsPerMmaBeat(ClipPlan plan) =>
        (int)Math.Round(6e7 / (plan.Tempo * plan.MmaBeatsPerTap));

    // MMA cuts the tempo to a whole number; the exact one is put back.
    private static IReadOnlyList<MidiEvent> WithTempo(IReadOnlyList<MidiEvent> track, ClipPlan plan)
    {
        var micros = MicrosecondsPerMmaBeat(plan);
        return [.. track.Select(item => item.IsMeta(MidiEvent.TempoType)
            ? item with { Data = [MidiEvent.TempoType, (byte)(micros >> 16), (byte)(micros >> 8), (byte)micros] }
            : item)];
    }

    // Channels that play on: a part or two may be left out as long as two with pitch remain; where a band plays, all
    // of them but the drums.
    private static HashSet<int> Left(List<int> channels, ClipPlan plan, SeededRandom random)
    {
        if (plan.NeedsBand) return [.. channels.Where(channel => channel == Drums && !plan.DropsDrums)];
        var pitched = random.Shuffled(channels.Where(channel => channel != Drums));
        var leftOut = random.Chance(.35) ? Math.Max(0, Math.Min(random.Next(1, 3), pitched.Count - 2)) : 0;
        return [.. pitched.Skip(leftOut), .. channels.Where(channel => channel == Drums && !plan.DropsDrums)];
    }

    private static Dictionary<int, int> StandIns(
        List<IReadOnlyList<MidiEvent>> tracks, ClipPlan plan, SeededRandom random)
    {
        var programs = tracks.SelectMany(track => track)
            .Where(item => item.Status < 0xF0 && item.Kind == MidiEvent.ProgramKind && item.Channel != Drums)
            .Select(item => (int)item.Data[0])
            .Distinct()
            .Order();
        return programs.ToDictionary(
            program => program, program => random.Chance(plan.Family.Genre == "metal" ? .9 : .45)
                ? Palette.StandIn(program, plan.Family.Genre, random)
                : program);
    }

    private static MidiEvent Recast(MidiEvent item, Dictionary<int, int> standIns) =>
        item.Status < 0xF0 && item.Kind == MidiEvent.ProgramKind && item.Channel != Drums
            ? item with { Data = [(byte)standIns[item.Data[0]]] }
            : item;

    // The velocities of a track as a whole, a little louder or softer than MMA has them.
    private static IReadOnlyList<MidiEvent> Mixed(IReadOnlyList<MidiEvent> track, double level) =>
        [.. track.Select(item => item.StartsNote
            ? item with { Data = [item.Data[0], (byte)Math.Clamp(Math.Round(item.Data[1] * level), 1, 127)] }
            : item)];

    // Master tuning: registered parameter 1 in 8192 steps a semitone, on every channel with pitch.
    private static List<MidiEvent> Tuning(double cents)
    {
        if (cents == 0) return [];
        var value = 8192 + (int)Math.Round(cents / 100 * 8192);
        (int Control, int Value)[] message =
            [(101, 0), (100, 1), (6, value >> 7), (38, value & 127), (101, 127), (100, 127)];
        return [.. Enumerable.Range(0, 16).Where(channel => channel != Drums)
            .SelectMany(channel => message.Select(part => MidiEvent.Control(0, channel, part.Control, part.Value)))];
    }
}
