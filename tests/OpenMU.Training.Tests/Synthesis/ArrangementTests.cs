using OpenMU.Music;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

public class ArrangementTests
{
    private static readonly GrooveLibrary Library = GrooveLibrary.Load(GrooveLibrary.DefaultFolder);

    [Fact]
    public void About_half_of_the_clips_to_train_on_have_a_drummer_from_another_family_of_the_same_genre_and_metre()
    {
        var plans = Plans(GrooveLibrary.Train, 320);
        var families = Library.Families.ToLookup(family => family.Name);
        var drummed = plans.Where(plan => plan.Drummer is not null).ToList();

        drummed.Count.Should().BeInRange(90, 200);
        foreach (var plan in drummed)
        {
            plan.Drummer!.Value.Family.Should().NotBe(plan.Family.Name);
            families[plan.Drummer.Value.Family].Should().Contain(family => family.Genre == plan.Family.Genre
                && family.Metre == plan.Family.Metre && family.Split == GrooveLibrary.Train);
        }
    }

    [Fact]
    public void Held_out_clips_are_played_as_their_families_are()
        => Plans(GrooveLibrary.HeldOut, 160).Should().OnlyContain(plan => plan.Drummer == null && !plan.IsVaried);

    [Fact]
    public void A_drummer_replaces_the_drums_and_nothing_else()
    {
        var plan = Plans(GrooveLibrary.Train, 320)
            .First(plan => plan is { Drummer: not null, DropsDrums: false, HasMelody: false, NeedsBand: false }) with
        {
            TuningCents = 0
        };
        var piece = Arrangement.Make(Piece((0, 60), (9, 36)), Piece((0, 72), (9, 42)), plan);

        var notes = piece.Tracks.SelectMany(track => track)
            .Where(item => item.StartsNote).Select(item => (item.Channel, Pitch: item.Data[0])).ToList();
        notes.Should().Contain((9, (byte)42)).And.NotContain((9, (byte)36));
        notes.Where(note => note.Channel != 9).Select(note => note.Pitch).Should().OnlyContain(pitch => pitch == 60);
    }

    [Fact]
    public void A_doubled_part_plays_the_same_notes_more_softly_on_its_own_channel()
    {
        IReadOnlyList<MidiEvent> track =
        [
            MidiEvent.Program(0, 2, 0), MidiEvent.NoteOn(0, 2, 60, 100), MidiEvent.NoteOff(96, 2, 60),
            MidiEvent.NoteOn(0, 3, 50, 100)
        ];

        var doubled = Timbre.Doubled(track, from: 2, to: 7, "pop", new SeededRandom("x"));

        doubled.Should().HaveCount(3).And.OnlyContain(item => item.Channel == 7);
        doubled.Single(item => item.StartsNote).Data[1].Should().BeLessThan(100).And.BeGreaterThan(0);
        OpenMU.Music.MusicVocabulary.InstrumentOf(doubled[0].Data[0]).Should().Be("piano");
    }

    [Fact]
    public void Timbres_differ_from_clip_to_clip_and_start_no_note()
    {
        var changes = Enumerable.Range(0, 20).Select(clip => Timbre.Changes([0, 1, 9], new SeededRandom($"{clip}")))
            .ToList();

        changes.SelectMany(events => events)
            .Should().OnlyContain(item => item.Tick == 0 && !item.StartsNote && item.Data.All(value => value < 128));
        changes.Select(events => string.Join(' ', events.SelectMany(item => item.Data))).Distinct()
            .Should().HaveCount(20);
    }

    [Fact]
    public void Mastering_leaves_silence_silent_and_peaks_finite()
    {
        var silence = new double[4096];
        var music = Enumerable.Range(0, 4096).Select(i => 9000 * Math.Sin(i * .05) + 4000 * Math.Sin(i * .7)).ToArray();
        var before = music.ToArray();
        for (var clip = 0; clip < 20; clip++)
        {
            Mastering.Apply(silence, 22_050, new SeededRandom($"{clip}"));
            var mastered = before.ToArray();
            Mastering.Apply(mastered, 22_050, new SeededRandom($"{clip}"));
            mastered.Should().OnlyContain(sample => double.IsFinite(sample)).And.NotEqual(before);
        }

        silence.Should().OnlyContain(sample => sample == 0);
    }

    private static List<ClipPlan> Plans(string split, int count)
        => [.. Enumerable.Range(0, count).Select(index => ClipPlan.Draw(11, split, index, Library, ["x.sf2"], 8))];

    private static MidiFile Piece(params (int Channel, int Pitch)[] notes)
        => new(192, [[],
            .. notes.Select(note => (IReadOnlyList<MidiEvent>)[MidiEvent.NoteOn(0, note.Channel, note.Pitch, 90),
                MidiEvent.NoteOff(192, note.Channel, note.Pitch)])]);
}
