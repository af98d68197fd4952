namespace OpenMU.Model.Tests;

public sealed class InstructionsTests
{
    [Fact]
    public void Texts_name_a_genre_only_where_the_tags_are_sure_of_one()
    {
        TagScore[] Tags(double genre) => [new("genre", "jazz", genre), new("genre", "rock", genre / 2), new("mood", "calm", 0.99)];
        Instructions.Texts(Tags(0.6)).Should().Equal(Instructions.Caption, Instructions.Description);
        Instructions.Texts(Tags(0.2)).Should().Equal(Instructions.CaptionWithoutGenre, Instructions.DescriptionWithoutGenre);
    }

    [Fact]
    public void A_model_without_tags_is_asked_in_the_published_way()
        => Instructions.Texts([]).Should().Equal(Instructions.Caption, Instructions.Description);
}
