using FluentAssertions;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Tests.Lyrics;

public sealed class ExplicitWordsTests
{
    [Theory]
    [InlineData("What the FUCK do you want", "en", true)]
    [InlineData("fucking hell", null, true)]
    [InlineData("Scunthorpe, the shiitake and a cockpit of assassins", "en", false)]
    [InlineData("Dick went home with Roger", "en", false)]
    [InlineData("so ein Scheiß", "de", true)]
    [InlineData("der Scheitel des Berges", "de", false)]
    [InlineData("Quelle merde", "fr", true)]
    [InlineData("a pie with the moon", "es", false)]
    public void Strong_words_are_found_whole_in_their_language(string text, string? language, bool isExplicit) =>
        ExplicitWords.AreIn(text, language).Should().Be(isExplicit);

    [Fact]
    public void A_language_without_a_list_is_not_judged() => ExplicitWords.AreIn("夜の空", "ja").Should().BeNull();
}
