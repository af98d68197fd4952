using OpenMU.Music;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

public class GrooveLibraryTests
{
    private static readonly GrooveLibrary Library = GrooveLibrary.Load(GrooveLibrary.DefaultFolder);

    [Fact]
    public void Every_genre_has_families_to_learn_from_and_others_to_be_measured_on()
    {
        var genres = MusicVocabulary.Genres.Select(label => label.Name);

        Library.ByGenre(GrooveLibrary.Train).Select(group => group.Key).Should().BeEquivalentTo(genres);
        Library.ByGenre(GrooveLibrary.HeldOut).Select(group => group.Key).Should().BeEquivalentTo(genres);
    }

    [Fact]
    public void No_groove_is_in_two_families()
    {
        Library.Families.Select(family => family.Name).Should().OnlyHaveUniqueItems();
        Library.Families.SelectMany(family => family.Files).Select(file => file.Name).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Namesakes_are_in_one_split()
    {
        // The name of a file without its number: casio/swing and stdlib/swing, casio/dance1 and casio/dance2.
        var splits = Library.Families
            .SelectMany(family => family.Files.Select(file => (
                Stem: file.Name[(file.Name.IndexOf('/') + 1)..].TrimEnd('0', '1', '2', '3').ToLowerInvariant(),
                family.Split)))
            .Where(pair => pair.Stem is not ("blues" or "rock" or "bald"));

        splits.GroupBy(pair => pair.Stem)
            .Should().OnlyContain(group => group.Select(pair => pair.Split).Distinct().Count() == 1);
    }

    [Fact]
    public void Moods_are_words_of_the_vocabulary() =>
        Library.Families.SelectMany(family => family.Moods).Distinct()
            .Should().BeSubsetOf(MusicVocabulary.Moods.Select(label => label.Name));

    [Fact]
    public void A_library_that_is_not_there_is_named()
    {
        FluentActions.Invoking(() => GrooveLibrary.Load("/nowhere"))
            .Should().Throw<InvalidOperationException>().WithMessage("*/nowhere*mma*");
    }

    [Fact]
    public void Clips_take_the_genres_in_turn_and_the_families_of_each_before_any_again()
    {
        var genres = Library.ByGenre(GrooveLibrary.HeldOut).ToDictionary(group => group.Key, group => group.Count());
        var plans = Enumerable.Range(0, 170)
            .Select(index => ClipPlan.Draw(7, GrooveLibrary.HeldOut, index, Library, ["f.sf2"], seconds: 4)).ToList();

        plans.CountBy(plan => plan.Family.Genre).Should().OnlyContain(pair => pair.Value == 10);
        plans.GroupBy(plan => plan.Family.Genre).Should().OnlyContain(group =>
            group.Select(plan => plan.Family.Name).Distinct().Count() == genres[group.Key]);
        plans.Should().OnlyContain(plan => plan.Tempo >= plan.Family.Slowest && plan.Tempo <= plan.Family.Fastest
            && plan.Family.Split == GrooveLibrary.HeldOut);
    }
}
