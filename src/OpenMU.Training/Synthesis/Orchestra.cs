namespace OpenMU.Training.Synthesis;

/// <summary>Orchestral and classical music, which MMA's library does not hold: each family has an orchestration of its own, played to the plan's chords without MMA.</summary>
internal static class Orchestra
{
    /// <summary>The genre, and the folder that stands for MMA's in the table of families.</summary>
    public const string Genre = "orchestral", Folder = "orchestra/";

    private const int TicksPerQuarter = 192;

    public static bool Plays(GrooveFamily family) => family.Genre == Genre;

    /// <summary>What MMA's part in other genres is: here a piece without notes.</summary>
    public static MidiFile Blank() => new(TicksPerQuarter, [[new MidiEvent(0, MidiEvent.Meta, [MidiEvent.TempoType, 0, 0, 0])]]);

    /// <summary>A program that carries the family's tunes.</summary>
    public static int Soloist(GrooveFamily family, SeededRandom dice) => dice.Pick(OrchestraScores.Soloists[family.Name]);

    /// <summary>Tracks of the orchestra.</summary>
    public static IEnumerable<IReadOnlyList<MidiEvent>> Play(ClipPlan plan, int ticksPerTap, Queue<int> channels)
    {
        var dice = plan.DiceFor("orchestra");
        var hall = dice.Number(40, 110);
        var swell = new Swell(dice.Between(-12, 8), dice.Between(0, 14), dice.Pick([4, 8]), dice.Roll());
        return [.. OrchestraScores.Parts[plan.Family.Name].Where(part => dice.Chance(part.Probability) && !(plan.DropsDrums && part.Voicing == OrchestraVoicing.Struck)).Select(part => part.Play(plan, ticksPerTap, channels, swell, hall, dice))];
    }
}
