using System.Text.Json;

namespace OpenMU.Web.Tests.Access;

/// <summary>The table of scopes in docs/access.md beside what the operations of the document demand.</summary>
public sealed class EndpointScopesTests(Site site)
{
    [Fact]
    public async Task The_table_of_scopes_names_every_part_of_the_document_that_needs_one_to_change_something()
    {
        var page = await File.ReadAllLinesAsync(
            Path.Combine(Repository.Root, "docs", "access.md"), TestContext.Current.CancellationToken);
        var told = page.SkipWhile(line => !line.StartsWith("| scope |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1], cells => cells[3]);

        var document = await site.GetJsonAsync("/openapi/v1.json");
        var demanded = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject())
            .Select(operation => (
                Tag: operation.Value.GetProperty("tags")[0].GetString()!, Scope: ScopeOf(operation.Value),
                IsGet: operation.Name == "get"))
            .ToList();

        told.Keys.Should().BeEquivalentTo(demanded.Select(one => one.Scope).Distinct());
        demanded.Where(one => one.IsGet).Should().OnlyContain(
            one => one.Scope == "Read" || (one.Scope == "Admin" && told["Admin"].Contains(one.Tag)));
        foreach (var scope in demanded.Where(one => one.Scope != "Read").GroupBy(one => one.Scope, one => one.Tag))
            told[scope.Key].Should().EndWith($"of {string.Join(", ", scope.Distinct().Order())}");
    }

    private static string ScopeOf(JsonElement operation) =>
        operation.GetProperty("security")[2].GetProperty("entra")[0].GetString()!;
}
