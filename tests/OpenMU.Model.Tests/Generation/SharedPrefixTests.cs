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
        var groups = SharedPrefix.Group([new([1, 2, Track, 3], [a]), new([1, 2, Track, 4, 5], [a])]);

        var group = groups.Should().ContainSingle().Subject;
        group.Prefix.Ids.Should().Equal(1, 2, Track);
        group.Prefix.Music.Should().Equal(a);
        group.Members.Select(member => member.Index).Should().Equal(0, 1);
        group.Members[0].Suffix.Ids.Should().Equal(3);
        group.Members[1].Suffix.Ids.Should().Equal(4, 5);
        group.Members.Should().OnlyContain(member => member.Suffix.Music.Count == 0);
    }

    [Fact]
    public void Several_tracks_are_shared_with_the_words_between_them()
        => SharedPrefix.Group([new([1, Track, 2, Track, 3], [a, b]), new([1, Track, 2, Track, 4], [a, b])])
            .Should().ContainSingle().Which.Prefix.Ids.Should().Equal(1, Track, 2, Track);

    [Fact]
    public void Other_music_other_words_before_it_and_another_order_of_tracks_are_other_families()
    {
        MusicPrompt[] prompts =
        [
            new([1, Track, 3], [a]), new([1, Track, 3], [b]), new([2, Track, 3], [a]),
            new([1, Track, 2, Track, 3], [a, b]), new([1, Track, 2, Track, 3], [b, a]),
        ];

        var groups = SharedPrefix.Group([.. prompts, .. prompts]);

        groups.Select(group => string.Join(',', group.Members.Select(member => member.Index)))
            .Should().Equal("0,5", "1,6", "2,7", "3,8", "4,9");
    }

    [Fact]
    public void Prompts_that_share_nothing_worth_reading_apart_stay_whole()
    {
        MusicPrompt[] withoutMusic = [new([1, 2], []), new([1, 2], [])],
            endingInMusic = [new([1, Track], [a]), new([1, Track], [a])], alone = [new([1, Track, 2], [a])];

        var groups = SharedPrefix.Group([.. withoutMusic, .. endingInMusic, .. alone]);

        var group = groups.Should().ContainSingle().Subject;
        group.Prefix.Ids.Should().BeEmpty();
        group.Members.Select(member => member.Index).Should().Equal(0, 1, 2, 3, 4);
        group.Members.Select(member => member.Suffix).Should().Equal([.. withoutMusic, .. endingInMusic, .. alone]);
    }
}
