using OpenMU.Training.Synthesis.Grammar;

namespace OpenMU.Training.Tests.Synthesis.Grammar;

public class WordingTests
{
    private static HashSet<string> All(string template, bool isHeldOut = false)
    {
        var wording = new Wording(new SeededRandom("all"), isHeldOut).With("who", () => "{you|we}");
        return [.. Enumerable.Range(0, 200).Select(_ => wording.Say(template))];
    }

    [Fact]
    public void Alternatives_nest_and_may_be_empty() =>
        All("{one|two {three|four}|}.").Should().BeEquivalentTo("One.", "Two three.", "Two four.", ".");

    [Fact]
    public void An_asterisk_keeps_a_wording_for_held_out_data()
    {
        All("{seen|*unseen}").Should().BeEquivalentTo("Seen");
        All("{seen|*unseen}", isHeldOut: true).Should().BeEquivalentTo("Seen", "Unseen");
    }

    [Fact]
    public void Words_have_templates_of_their_own() =>
        All("<who> sing <else>").Should().BeEquivalentTo("You sing <else>", "We sing <else>");

    [Theory]
    [InlineData("a(n) organ. a(n) piano.", "An organ. A piano.")]
    [InlineData("{it is|} a(n) {*x|one-sentence} caption", null)]
    public void The_article_fits_what_follows(string template, string? text)
    {
        if (text != null) All(template).Should().BeEquivalentTo(text);
        else All(template).Should().BeEquivalentTo("It is a one-sentence caption", "A one-sentence caption");
    }
}
