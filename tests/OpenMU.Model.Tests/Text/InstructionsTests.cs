using OpenMU.Model.Text;
using OpenMU.Music;

namespace OpenMU.Model.Tests.Text;

public sealed class InstructionsTests
{
    [Fact]
    public void Texts_name_a_genre_only_where_the_tags_are_sure_of_one()
    {
        Instructions.Texts(new MusicalFacts { Decisions = TagDecisions.Of([new("genre", "jazz", 0.6)]) })
            .Should().Equal(Instructions.Caption, Instructions.Description);
        Instructions.Texts(new MusicalFacts { Decisions = TagDecisions.Of([new("mood", "calm", 0.99)]) })
            .Should().Equal(Instructions.CaptionWithoutGenre, Instructions.DescriptionWithoutGenre);
    }

    [Fact]
    public void A_model_without_tags_may_name_a_genre()
        => Instructions.Texts(MusicalFacts.None).Should().Equal(Instructions.Caption, Instructions.Description);

    [Theory]
    [InlineData(152.3, "A minor", " Measured: tempo fast, mode minor.")]
    [InlineData(152.3, null, " Measured: tempo fast.")]
    [InlineData(null, "Eb major", " Measured: mode major.")]
    [InlineData(75.9, "C major", " Measured: tempo slow, mode major.")]
    [InlineData(75.96, null, " Measured: tempo medium.")]
    [InlineData(null, null, "")]
    public void The_model_is_told_what_the_tools_found(double? tempo, string? key, string measured)
        => Instructions.Texts(new MusicalFacts { Bpm = tempo, Key = MusicalKey.TryParse(key) })
            .Should().Equal(Instructions.Caption + measured, Instructions.Description + measured);
}
