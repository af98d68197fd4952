using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Generation;

public sealed class SharedPrefixTests : IDisposable
{
    private const int Track = OpenMuConfig.MusicToken;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor a, b;

    public SharedPrefixTests() => (a, b) = (zeros(2, 3), zeros(2, 3));

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Questions_about_the_same_music_share_everything_up_to_it()
    {
        var families = SharedPrefix.Of([new([1, 2, Track, 3], [a]), new([1, 2, Track, 4, 5], [a])]);

        var family = families.Should().ContainSingle().Subject;
        family.Prefix.Ids.Should().Equal(1, 2, Track);
        family.Prefix.Music.Should().Equal(a);
        family.Members.Select(member => member.Place).Should().Equal(0, 1);
        family.Members[0].Ending.Ids.Should().Equal(3);
        family.Members[1].Ending.Ids.Should().Equal(4, 5);
        family.Members.Should().OnlyContain(member => member.Ending.Music.Count == 0);
    }

    [Fact]
    public void Several_tracks_are_shared_with_the_words_between_them()
        => SharedPrefix.Of([new([1, Track, 2, Track, 3], [a, b]), new([1, Track, 2, Track, 4], [a, b])]).Should().ContainSingle().Which.Prefix.Ids.Should().Equal(1, Track, 2, Track);

    [Fact]
    public void Other_music_other_words_before_it_and_another_order_of_tracks_are_other_families()
    {
        MusicPrompt[] prompts =
        [
            new([1, Track, 3], [a]), new([1, Track, 3], [b]), new([2, Track, 3], [a]),
            new([1, Track, 2, Track, 3], [a, b]), new([1, Track, 2, Track, 3], [b, a]),
        ];

        var families = SharedPrefix.Of([.. prompts, .. prompts]);

        families.Select(family => string.Join(',', family.Members.Select(member => member.Place))).Should().Equal("0,5", "1,6", "2,7", "3,8", "4,9");
    }

    [Fact]
    public void Prompts_that_share_nothing_worth_reading_apart_stay_whole()
    {
        MusicPrompt[] withoutMusic = [new([1, 2], []), new([1, 2], [])], endingInMusic = [new([1, Track], [a]), new([1, Track], [a])], alone = [new([1, Track, 2], [a])];

        var families = SharedPrefix.Of([.. withoutMusic, .. endingInMusic, .. alone]);

        var family = families.Should().ContainSingle().Subject;
        family.Prefix.Ids.Should().BeEmpty();
        family.Members.Select(member => member.Place).Should().Equal(0, 1, 2, 3, 4);
        family.Members.Select(member => member.Ending).Should().Equal([.. withoutMusic, .. endingInMusic, .. alone]);
    }
}
