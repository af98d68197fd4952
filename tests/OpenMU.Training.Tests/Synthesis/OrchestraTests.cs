using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

/// <summary>What holds for every orchestral family, over some pieces of each.</summary>
public class OrchestraTests
{
    private static readonly GrooveLibrary Library = GrooveLibrary.Load(GrooveLibrary.DefaultFolder);

    private static readonly IReadOnlyList<ClipPlan> Plans =
        [.. new[] { GrooveLibrary.Train, GrooveLibrary.HeldOut }.SelectMany(PlansOf)];

    [Fact]
    public void Every_orchestral_family_is_drawn_and_the_held_out_ones_are_others() =>
        Plans.Select(plan => plan.Family.Name).Distinct()
            .Should().BeEquivalentTo(Library.Families.Where(Orchestra.Plays).Select(family => family.Name))
            .And.HaveCountGreaterThan(15);

    [Fact]
    public void Something_that_has_a_name_sounds_in_every_piece_and_mostly_two_do()
    {
        var truths = Plans.Select(plan => TruthWriter.Write(plan, Piece(plan), sha256: null)).ToList();

        truths.Should().OnlyContain(truth => truth.Genre == Orchestra.Genre && truth.Instruments.Count > 0);
        truths.Count(truth => truth.Instruments.Count >= 2).Should().BeGreaterThan(truths.Count * 2 / 3);
    }

    [Fact]
    public void Only_music_that_fights_marches_or_dances_has_drums() =>
        Plans.Where(plan => TruthWriter.Write(plan, Piece(plan), sha256: null).Drums)
            .Select(plan => plan.Family.Name).Distinct()
            .Should().NotBeEmpty()
            .And.BeSubsetOf(["battle", "heroic", "parade", "voyage", "minstrel", "assault", "anthem"]);

    [Fact]
    public void The_orchestra_plays_the_chords_of_the_truth_and_leaves_each_in_time()
    {
        foreach (var plan in Plans.Select(plan => plan with { HasMelody = false }))
        {
            var piece = Piece(plan);
            foreach (var (start, end, pitch) in Notes(piece))
            {
                // A note may be three ticks early, and a held one may overlap the next by an eighth of a tap.
                var (chord, until) = ChordAt(plan, piece.TicksPerQuarter, start + 3);
                chord.Tones.Should().Contain(pitch % 12, $"{plan.Family.Name} plays {chord.Harte} at {start}");
                end.Should().BeLessThanOrEqualTo(until + (piece.TicksPerQuarter / 8) + 3, plan.Family.Name);
            }
        }
    }

    [Fact]
    public void Families_differ_in_what_plays_and_pieces_of_a_family_do_too()
    {
        var orchestras = Plans.Select(plan => (plan.Family.Name, Programs: string.Join(' ', Piece(plan).Tracks
            .SelectMany(track => track).Where(item => item.Status < 0xF0 && item.Kind == MidiEvent.ProgramKind)
            .Select(item => item.Data[0]).Order()))).ToList();

        orchestras.GroupBy(pair => pair.Name)
            .Should().OnlyContain(family => family.Select(pair => pair.Programs).Distinct().Count() > 1);
        orchestras.GroupBy(pair => pair.Programs).Should().OnlyContain(same =>
            same.Select(pair => pair.Name).Distinct().Count() == 1 || same.Key.Split(' ').Distinct().Count() <= 2);
    }

    [Fact]
    public void No_pitch_is_struck_on_a_channel_while_it_sounds_there()
    {
        foreach (var plan in Plans)
        {
            foreach (var track in Piece(plan).Tracks)
            {
                HashSet<(int, byte)> sounding = [];
                foreach (var item in track.Where(item => item.StartsNote || item.EndsNote))
                {
                    (item.StartsNote
                        ? sounding.Add((item.Channel, item.Data[0]))
                        : sounding.Remove((item.Channel, item.Data[0])))
                        .Should().BeTrue($"{plan.Family.Name} at {item.Tick}");
                }
            }
        }
    }

    private static IEnumerable<ClipPlan> PlansOf(string split)
    {
        var genres = Library.ByGenre(split);
        var place = genres.Select(genre => genre.Key).ToList().IndexOf(Orchestra.Genre);
        var rounds = genres[place].Count() * 4;
        return Enumerable.Range(0, rounds)
            .Select(round => ClipPlan.Draw(11, split, place + (round * genres.Count), Library, ["f.sf2"], seconds: 20));
    }

    private static MidiFile Piece(ClipPlan plan) => Arrangement.Make(Orchestra.Blank(), drums: null, plan);

    private static (Chord Chord, long Until) ChordAt(ClipPlan plan, int ticksPerTap, long tick)
    {
        long ticksPerBar = plan.Family.Metre.Beats * ticksPerTap;
        var chords = plan.Bars[(int)(tick / ticksPerBar)];
        var part = (int)(tick % ticksPerBar * chords.Count / ticksPerBar);
        return (chords[part], (tick / ticksPerBar * ticksPerBar) + ((part + 1) * ticksPerBar / chords.Count));
    }

    private static IEnumerable<(long Start, long End, int Pitch)> Notes(MidiFile piece)
    {
        foreach (var track in piece.Tracks)
        {
            Dictionary<byte, long> open = [];
            foreach (var item in track.Where(item => (item.StartsNote || item.EndsNote) && item.Channel != 9))
            {
                if (item.EndsNote && open.Remove(item.Data[0], out var start))
                    yield return (start, item.Tick, item.Data[0]);
                if (item.StartsNote) open[item.Data[0]] = item.Tick;
            }
        }
    }
}
