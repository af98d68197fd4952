using System.Text.RegularExpressions;

namespace OpenMU.Repository.Tests;

/// <summary>A file that README or docs name is there: they are read as directions.</summary>
public partial class DocumentedPathsTests
{
    public static TheoryData<string> Documents => [.. Checkout.Documents()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_that_a_document_names_exists(string document)
    {
        var named = Path().Matches(Checkout.Read(document)).Select(match => match.Groups["path"].Value).Distinct();

        named.Where(path => !Checkout.Exists(path)).Should().BeEmpty();
    }

    /// <summary>
    /// Paths in backquotes that begin with a folder of the repository; patterns with a star are not paths.
    /// </summary>
    [GeneratedRegex(@"`(?<path>(src|tests|infra|bicep|models|docs)/[\w./-]+)`")]
    private static partial Regex Path();
}
