using CsCheck;
using OpenMU.Catalogue.Access;

namespace OpenMU.Catalogue.Tests.Access;

public sealed class ApiKeyTextTests
{
    [Fact]
    public void A_key_is_read_as_it_was_written_and_no_two_are_alike()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKeyText.New()).ToList();

        foreach (var key in keys)
        {
            key.ToString().Should().MatchRegex("^omu_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$");
            ApiKeyText.TryParse(key.ToString(), out var read).Should().BeTrue();
            read.Should().Be(key);
        }

        keys.Select(key => key.Secret).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_key_in_which_one_character_is_another_is_none()
    {
        var key = ApiKeyText.New().ToString();

        Gen.Select(Gen.Int[0, key.Length - 1], Gen.Char[' ', '~']).Sample(
            (at, other) => key[at] == other
                || !ApiKeyText.TryParse(string.Concat(key.AsSpan(0, at), [other], key.AsSpan(at + 1)), out _));
    }

    [Fact]
    public void What_is_no_key_is_refused_without_an_error() =>
        Gen.String.Sample(text => !ApiKeyText.TryParse(text, out _));
}
