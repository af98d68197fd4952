using OpenMU.Music;
using OpenMU.Training.Synthesis.Beats;

namespace OpenMU.Training.Tests.Synthesis.Beats;

public class SongFormsTests
{
    public static TheoryData<string> Names => [.. SongForms.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Sections_of_every_form_follow_one_another_on_downbeats(string name)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var song = SongForms.Draw(name, new SeededRandom($"test/{seed}"));

            song.Beats.Should().BeInAscendingOrder();
            song.Sections[0].Start.Should().Be(0);
            song.Sections.Zip(song.Sections.Skip(1)).Should().OnlyContain(pair => pair.First.End == pair.Second.Start);
            song.Sections.Skip(1).Select(part => part.Start).Should().BeSubsetOf(song.Downbeats);
            song.Sections.Where(part => part.Function is not null).Select(part => part.Function!)
                .Should().BeSubsetOf(Section.Functions);
            song.Sections.Should().OnlyContain(part =>
                song.Notes.Exists(note => note.Start >= part.Start && note.Start < part.End));
            song.Notes.Should().OnlyContain(note => note.Start >= 0 && note.End > note.Start && note.Velocity > 0);
        }
    }

    [Fact]
    public void A_song_of_verse_and_chorus_repeats_both()
    {
        var song = SongForms.Draw("verse and chorus", new SeededRandom("one"));

        song.Sections.GroupBy(part => part.Label).Count(kind => kind.Count() > 1).Should().BeGreaterThan(1);
        song.Sections.GroupBy(part => part.Label).Should().OnlyContain(kind =>
            kind.Select(part => part.Function).Distinct().Count() == 1);
    }

    [Fact]
    public void Where_nothing_comes_again_every_section_has_a_letter_of_its_own() =>
        SongForms.Draw("nothing again", new SeededRandom("one")).Sections.Select(part => part.Label)
            .Should().OnlyHaveUniqueItems();

    [Fact]
    public void The_same_seed_plays_the_same() =>
        SongForms.Draw(new SeededRandom("one")).Notes.Should().Equal(SongForms.Draw(new SeededRandom("one")).Notes);
}
