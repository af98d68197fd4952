namespace OpenMU.Music.Tests;

public sealed class MusicTermsTests
{
    private static readonly (string Group, IReadOnlyList<Label> Labels)[] Groups =
    [
        (MusicTerms.Genre, MusicVocabulary.Genres), (MusicTerms.Instrument, MusicVocabulary.Instruments),
        (MusicTerms.Mood, MusicVocabulary.Moods), (MusicTerms.Tempo, MusicVocabulary.TempoClasses),
    ];

    [Fact]
    public void Every_label_is_a_term_of_its_group_and_each_of_its_spellings_finds_it_or_what_it_is_related_to()
    {
        foreach (var (group, labels) in Groups)
        {
            foreach (var label in labels)
            {
                var term = MusicTerms.Find(label.Name)!;
                (term.Group, term.Name).Should().Be((group, label.Name));
                label.Words.Select(word => MusicTerms.Find(word.Replace('-', ' '))!).Should().OnlyContain(found =>
                    found == term || MusicTerms.IsKindOf(found, term) || MusicTerms.IsKindOf(term, found));
            }
        }
    }

    [Fact]
    public void No_spelling_means_two_things() => MusicTerms.All
        .SelectMany(term => term.Words.Prepend(term.Name).Select(word => word.Replace('-', ' ')).Distinct())
        .Should().OnlyHaveUniqueItems();

    [Fact]
    public void Every_parent_is_a_term_and_none_is_longer_than_is_looked_for()
    {
        MusicTerms.All.SelectMany(term => term.Parents).Should().BeSubsetOf(MusicTerms.All.Select(term => term.Name));
        MusicTerms.All.SelectMany(term => term.Words.Prepend(term.Name))
            .Should().OnlyContain(word => word.Replace('-', ' ').Split(' ').Length <= MusicTerms.LongestWords);
    }

    [Theory]
    [InlineData("guitars", "guitar")]
    [InlineData("marches", "march")]
    [InlineData("waltzes", "waltz")]
    [InlineData("basses", "bass")]
    [InlineData("drummer", "drums")]
    [InlineData("choirs", "choir")]
    [InlineData("symphonies", "orchestral")]
    [InlineData("uptempo", "fast")]
    [InlineData("mid tempo", "medium")]
    [InlineData("sings", "voice")]
    [InlineData("strings", "strings")]
    [InlineData("string", "strings")]
    [InlineData("organic", null)]
    public void Plurals_and_other_forms_are_found(string word, string? name) =>
        MusicTerms.Find(word)?.Name.Should().Be(name);

    [Theory]
    [InlineData("violin", "strings", true)]
    [InlineData("acoustic guitar", "plucked strings", true)]
    [InlineData("choir", "voice", true)]
    [InlineData("strings", "violin", false)]
    [InlineData("piano", "piano", false)]
    public void A_term_is_a_kind_of_what_stands_above_it(string term, string other, bool isKind) =>
        MusicTerms.IsKindOf(MusicTerms.Find(term)!, MusicTerms.Find(other)!).Should().Be(isKind);
}
