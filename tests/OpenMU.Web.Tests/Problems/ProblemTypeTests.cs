using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpenMU.Web.Problems;

namespace OpenMU.Web.Tests.Problems;

public sealed class ProblemTypeTests(Site site)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void No_kind_has_another_ones_name_and_each_says_what_to_do()
    {
        ProblemType.All.Select(type => type.Name).Should().OnlyHaveUniqueItems();
        ProblemType.All.Should().OnlyContain(type => type.Status >= 400 && type.Status < 600
            && type.Title.Length > 3 && type.Description.EndsWith('.')
            && Uri.IsWellFormedUriString(type.Address, UriKind.Absolute));
    }

    // The addresses are a promise: one that a program compares with is neither renamed nor taken away.
    [Fact]
    public void The_kinds_are_those_that_programs_know() => ProblemType.All.Select(type => $"{type.Status} {type.Name}")
        .Should().BeEquivalentTo(
            "400 invalid-request", "401 unauthenticated", "403 forbidden", "403 cross-site", "404 not-found",
            "405 method-not-allowed", "409 conflict", "409 already-exists", "409 not-ready", "409 not-comparable",
            "410 gone", "412 precondition-failed", "413 too-large", "415 unsupported-media-type",
            "416 range-not-satisfiable", "422 unprocessable", "428 precondition-required", "429 rate-limited",
            "429 busy", "429 quota-exceeded", "431 headers-too-large", "500 internal", "503 unavailable");

    [Fact]
    public void The_partners_page_lists_every_kind()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "partners.md"));

        ProblemType.All.Should().OnlyContain(type => page.Contains($"| `{type.Name}` | {type.Status} |"));
    }

    public static TheoryData<string, string, int, string> Failures => new()
    {
        { "GET", "/v1/tracks?pageSize=0", 400, "invalid-request" },
        { "GET", "/v1/tracks?nothing=1", 400, "invalid-request" },
        { "GET", "/v1/nothing", 404, "not-found" },
        { "GET", "/v1/tracks/999999999", 404, "not-found" },
        { "GET", "/v1/tracks/x", 404, "not-found" },
        { "GET", "/v1/uploads/none.wav", 404, "not-found" },
        { "GET", "/v1/tracks/999999999/history", 404, "not-found" },
        { "TRACE", "/v1/tracks", 405, "method-not-allowed" },
        { "DELETE", "/v1/tracks", 405, "method-not-allowed" },
        { "PATCH", "/v1/tracks/999999999", 428, "precondition-required" },
        { "POST", "/v1/questions", 400, "invalid-request" },
        { "POST", "/v1/questions text/plain", 415, "unsupported-media-type" },
        { "POST", "/v1/tracks?fileName=a.wav", 415, "unsupported-media-type" },
        { "POST", "/v1/questions large", 413, "too-large" },
        { "GET", "/v1/tracks/{track}/audio bytes=99999999-", 416, "range-not-satisfiable" },
        { "GET", "/v1/tracks/{track}/similar", 409, "not-comparable" },
        { "POST", "/v1/tracks/{failed}/questions", 409, "not-ready" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_failure_has_its_kind_whatever_the_client_says_it_takes(
        string method, string what, int status, string name)
    {
        var (path, how) = what.Split(' ') is [var first, var second] ? (first, second) : (what, "");
        path = path.Replace("{track}", $"{site.Ids["Quiet River"]}").Replace("{failed}", $"{site.Ids["Hard Case"]}");
        foreach (var accept in (string[])["application/json", "text/html", "image/png"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Accept.ParseAdd(accept);
            if (how.StartsWith("bytes=", StringComparison.Ordinal)) request.Headers.Range = RangeHeaderValue.Parse(how);
            if (method is "POST" or "PATCH")
            {
                var text = how == "large" ? new string('x', 20_000) : """{"text":"Which key?"}""";
                request.Content = new StringContent(
                    text, Encoding.UTF8, how.Contains('/') ? how : "application/json");
            }

            using var answer = await site.Client.SendAsync(request, Cancel);

            ((int)answer.StatusCode).Should().Be(status);
            answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
            var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
            problem.GetProperty("type").GetString().Should().Be($"urn:openmu:problem:{name}");
            problem.GetProperty("status").GetInt32().Should().Be(status);
            problem.GetProperty("title").GetString()
                .Should().Be(ProblemType.All.Single(type => type.Name == name).Title);
            problem.GetProperty("traceId").GetString().Should().NotBeEmpty();
        }
    }

    // What programs trip over: a charset that does not exist, half a character.
    [Theory]
    [InlineData("POST", "/v1/questions", "application/json; charset=zzz", "{}", 415)]
    [InlineData("POST", "/v1/corrections", "application/json; charset=\"UTF-8\"", "{}", 400)]
    [InlineData("PATCH", "/v1/tracks/1", "application/json", """{"title":"\ud800"}""", 400)]
    [InlineData("PATCH", "/v1/tracks/1", "application/json", """{"\ud800":"x"}""", 400)]
    [InlineData("POST", "/v1/corrections", "application/json", """{"ids":[1],"add":{"genres":["\udfff"]}}""", 400)]
    public async Task What_no_text_can_be_is_the_requests_fault(
        string method, string path, string type, string body, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var answer = await site.Client.SendAsync(request, Cancel);

        ((int)answer.StatusCode).Should().Be(status);
        (await answer.Content.ReadAsStringAsync(Cancel)).Should().Contain("\"type\":\"urn:openmu:problem:");
    }

    [Fact]
    public async Task The_document_lists_every_kind_and_shows_one_for_every_status_that_an_operation_answers()
    {
        var document = await site.GetJsonAsync("/openapi/v1.json");

        document.GetProperty("x-problem-types").EnumerateArray().Select(type => type.GetProperty("type").GetString())
            .Should().Equal(ProblemType.All.Select(type => type.Address));
        var problems = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject())
            .SelectMany(operation => operation.Value.GetProperty("responses").EnumerateObject()
                .Where(response => response.Name[0] is '4' or '5')
                .Select(response => (Operation: operation.Value.GetProperty("operationId").GetString(), response)))
            .ToList();
        problems.Should().NotBeEmpty().And.OnlyContain(problem =>
            problem.response.Value.GetProperty("content").GetProperty("application/problem+json")
                .GetProperty("examples").EnumerateObject().Any());
    }
}
