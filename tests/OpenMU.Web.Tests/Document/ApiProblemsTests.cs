using System.Net;
using System.Text;
using System.Text.Json;
using OpenMU.Catalogue.Access;
using OpenMU.Web.Tests.Access;

namespace OpenMU.Web.Tests.Document;

/// <summary>Every operation is made to fail in many ways, and answers as the document says.</summary>
public sealed class ApiProblemsTests(Site site)
{
    private const string Tenant = "problems", Nowhere = "999999999";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_answered_to_a_wrong_request_stands_in_the_document_with_all_its_fields()
    {
        using var client = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync(Tenant, ApiScopes.All));
        using var stranger = new HttpClient { BaseAddress = await site.StartAsync(Tenant, "--Site:Url=http://0.0.0.0:0") };
        using var reader = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync(Tenant, ApiScopes.Read));
        using var keeper = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync(Tenant, ApiScopes.Admin));
        await SetQuotaAsync();
        var document = await Operations.DocumentAsync(client, Cancel);
        var (met, wrong) = (new HashSet<int>(), new List<string>());

        foreach (var operation in await Operations.ReadAsync(client, Cancel))
        {
            foreach (var request in Wrong(operation, document))
                await CheckAsync(client, operation, request);
            foreach (var refused in (HttpClient[])[stranger, reader, keeper])
                await CheckAsync(refused, operation, operation.Request(_ => 1));
        }

        wrong.Should().BeEmpty();
        met.Should().Contain([400, 401, 403, 404, 415, 428, 429]);

        async Task CheckAsync(HttpClient from, Operation operation, HttpRequestMessage request)
        {
            using var _ = request;
            using var answer = await from.SendAsync(request, Cancel);
            if ((int)answer.StatusCode < 400) return;
            met.Add((int)answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            var mistake = Mistake(document, operation, (int)answer.StatusCode, JsonDocument.Parse(text).RootElement);
            if (mistake is not null) wrong.Add($"{operation.Name}: {mistake}: {text}");
        }
    }

    [Fact]
    public async Task A_parameter_that_is_needed_and_not_given_is_named()
    {
        var operations = (await Operations.ReadAsync(site.Client, Cancel))
            .Where(one => one.Parameters.Any(parameter => parameter.In == "query")).ToList();
        operations.Select(one => one.Path).Should().Contain("/v1/taxonomy/diff").And.Contain("/v1/path");

        foreach (var operation in operations)
        {
            using var request = Without(operation);
            using var answer = await site.Client.SendAsync(request, Cancel);

            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, operation.Name);
            var errors = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement
                .GetProperty("errors");
            errors.EnumerateObject().Select(error => error.Name).Should().Equal(
                operation.Parameters.Where(parameter => parameter.In == "query").Select(parameter => parameter.Name),
                operation.Name);
        }
    }

    // Nobody may ask anything.
    private async Task SetQuotaAsync()
    {
        await using var db = site.Catalogue.CreateDbContext();
        if (await db.TenantLimits.FindAsync([Tenant], Cancel) is not null) return;
        db.Add(new TenantLimits { Tenant = Tenant, QuestionsADay = 0, TracksADay = 0 });
        await db.SaveChangesAsync(Cancel);
    }

    private static IEnumerable<HttpRequestMessage> Wrong(Operation operation, JsonElement document)
    {
        var example = operation.Body is null || operation.Schema.ValueKind == JsonValueKind.Undefined
            ? null
            : operation.Example(_ => long.Parse(Nowhere), document.GetProperty("components"));
        var unknown = operation.Request(_ => 1);
        var sign = unknown.RequestUri!.OriginalString.Contains('?') ? '&' : '?';
        unknown.RequestUri = new Uri($"{unknown.RequestUri}{sign}nothing=1", UriKind.Relative);
        yield return unknown;
        yield return Without(operation);
        yield return operation.Request(_ => long.Parse(Nowhere), _ => "nothing", example);
        var unconditional = operation.Request(_ => 1, _ => "nothing", example);
        unconditional.Headers.Remove("If-Match");
        yield return unconditional;
        if (operation.Body is null) yield break;
        yield return operation.Request(_ => 1, body: "[");
        yield return operation.Request(_ => 1, body: """{"nothing": 1}""");
        var other = operation.Request(_ => 1);
        other.Content = new StringContent("x", Encoding.UTF8, "text/x-nothing");
        yield return other;
    }

    private static HttpRequestMessage Without(Operation operation) => (operation with
    {
        Parameters = [.. operation.Parameters.Where(parameter => parameter.In != "query")],
    }).Request(_ => 1);

    private static string? Mistake(JsonElement document, Operation operation, int status, JsonElement problem)
    {
        var responses = document.GetProperty("paths").GetProperty(operation.Path)
            .GetProperty(operation.Method.Method.ToLowerInvariant()).GetProperty("responses");
        if (!responses.TryGetProperty($"{status}", out var response)) return $"{status} is not in the document";
        var name = response.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema")
            .GetProperty("$ref").GetString()!.Split('/')[^1];
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty(name);
        if (schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False)
            return $"{name} takes nothing else";
        var unknown = problem.EnumerateObject().Select(field => field.Name)
            .FirstOrDefault(field => !schema.GetProperty("properties").TryGetProperty(field, out _));
        return unknown is null ? null : $"{unknown} is not in {name}";
    }
}
