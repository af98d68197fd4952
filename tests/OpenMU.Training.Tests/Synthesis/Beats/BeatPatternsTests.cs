using OpenMU.Training.Synthesis.Beats;

namespace OpenMU.Training.Tests.Synthesis.Beats;

public class BeatPatternsTests
{
    public static TheoryData<string> Names => [.. BeatPatterns.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_kind_plays_on_its_beats_for_as_long_as_is_asked(string name)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var piece = BeatPatterns.Draw(name, 20, new SeededRandom($"test/{seed}"));

            piece.Beats.Should().BeInAscendingOrder();
            piece.Beats[^1].Should().BeGreaterThan(20);
            piece.Notes.Should().OnlyContain(note => note.Start >= 0 && note.End > note.Start && note.Velocity > 0);
            piece.Notes.Where(note => note.Channel != BeatPiece.Drums).Select(note => note.Channel).Distinct()
                .Should().BeSubsetOf(piece.Programs.Keys);
            piece.Beats.SkipLast(1).Count(beat => piece.Notes.Any(note => Math.Abs(note.Start - beat) < 0.03))
                .Should().BeGreaterThan(piece.Beats.Count / 3, "some part plays on many a beat");
            piece.Tempo.Should().BeApproximately(
                60 / piece.Beats.Zip(piece.Beats.Skip(1), (a, b) => b - a).Order().ElementAt(piece.Beats.Count / 2),
                0.06 * piece.Tempo, "the tempo sways by a few per cent");
        }
    }

    [Fact]
    public void The_same_seed_plays_the_same() =>
        BeatPatterns.Draw(10, new SeededRandom("one")).Notes.Should()
            .Equal(BeatPatterns.Draw(10, new SeededRandom("one")).Notes);

    [Fact]
    public void A_piece_becomes_a_midi_file_in_milliseconds()
    {
        var piece = BeatPatterns.Draw("fast waltz", 10, new SeededRandom("midi"));

        var midi = piece.ToMidi(_ => []);

        midi.Tracks[1].Select(item => item.Tick).Should().BeInAscendingOrder();
        midi.Tracks[1].Where(item => item.StartsNote).Select(item => item.Tick / 1000.0)
            .Should().Equal(piece.Notes.Select(note => note.Start).Order(), (a, b) => Math.Abs(a - b) <= 0.001);
    }
}
