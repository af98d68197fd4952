using OpenMU.Training.Synthesis.Beats;

namespace OpenMU.Training.Tests.Synthesis.Beats;

public sealed class AnnotatedSongTests : IDisposable
{
    private readonly SongFolder songs = new();

    public void Dispose() => songs.Dispose();

    [Fact]
    public void Notes_lie_on_the_beats_in_seconds()
    {
        var song = AnnotatedSong.Read(songs.Add("001", bpm: 75))!;

        song.Tempo.Should().BeApproximately(75, 0.01);
        song.BeatsPerBar.Should().Be(4);
        song.Tracks.Should().Be(3);
        song.Bars.Should().StartWith([0, 4, 8]);
        song.Notes.Where(note => note.Channel == 2).Select(note => note.Start).Take(3)
            .Should().Equal(song.Beats.Take(3), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [InlineData(150, 0, true)]                                  // two for one: a slow song heard fast
    [InlineData(112.5, 0, false)]                               // three for two
    [InlineData(37.5, 0, false)]                                // one for two
    [InlineData(75, 2, false)]                                  // bars from another beat
    public void A_song_is_used_where_two_annotations_agree(double heardBpm, int heardBar, bool isUsed) =>
        (AnnotatedSong.Read(songs.Add("002", 75, heardBpm, heardBar)) is not null).Should().Be(isUsed);

    [Fact]
    public void What_is_no_number_is_named()
    {
        var folder = songs.Add("003", 100);
        File.WriteAllText(Path.Combine(folder, "beat_midi.txt"), "0.1 one 1.0\n");

        FluentActions.Invoking(() => AnnotatedSong.Read(folder))
            .Should().Throw<InvalidDataException>().WithMessage("*beat_midi.txt: 'one' is no number.");
    }

    [Theory]
    [InlineData("008", true)]
    [InlineData("904", true)]
    [InlineData("001", false)]
    [InlineData("song", false)]
    public void One_song_in_eight_is_held_out(string name, bool isHeldOut) =>
        AnnotatedSong.IsHeldOut(name).Should().Be(isHeldOut);
}
