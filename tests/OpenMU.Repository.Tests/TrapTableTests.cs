using System.Text.RegularExpressions;

namespace OpenMU.Repository.Tests;

/// <summary>
/// docs/model.md says which test watches over each place where the published code differs from what the paper suggests.
/// </summary>
public partial class TrapTableTests
{
    private static readonly (int Number, string[] Tests)[] Rows =
        [.. Checkout.ReadLines("docs/model.md").Select(line => Row().Match(line))
            .Where(row => row.Success)
            .Select(row =>
                (int.Parse(row.Groups["number"].Value), TestName().Matches(row.Groups["tests"].Value)
                    .Select(test => test.Groups["name"].Value)
                    .ToArray()))];

    [Fact]
    public void All_44_places_are_listed_and_none_is_without_a_test()
    {
        Rows.Select(row => row.Number).Should().Equal(Enumerable.Range(1, 44));
        Rows.Should().OnlyContain(row => row.Tests.Length > 0);
    }

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var files = Checkout.Sources("tests").ToLookup(file => Path.GetFileNameWithoutExtension(file));
        var missing = Rows.SelectMany(row => row.Tests).Distinct().Where(test =>
        {
            var (type, method) = (test.Split('.')[0], test.Split('.')[1]);
            return !files[type].Any(file =>
                Regex.IsMatch(Checkout.Read(file), $@"public (async )?(void|Task) {method}\("));
        });

        missing.Should().BeEmpty();
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \|[^|]*\|(?<tests>[^|]*)\|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>\w+\.\w+)`")]
    private static partial Regex TestName();
}
