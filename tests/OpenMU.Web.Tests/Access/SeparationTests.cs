using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Tests.Access;

/// <summary>
/// One tenant asks for all that is another's: every operation of the document, with the other's numbers and names in
/// every place that takes one.
/// </summary>
public sealed class SeparationTests(Site site)
{
    // Stands in all that the other tenant has, and in nothing else.
    private const string Mark = "Zanzibar";
    private const string Victim = "victim", Intruder = "intruder";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_operation_shows_or_changes_what_is_another_tenants()
    {
        using var victim = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync(Victim, ApiScopes.All));
        using var intruder = Site.ClientOf(site.Client.BaseAddress!, await site.KeyAsync(Intruder, ApiScopes.All));
        await site.AddHeardAsync("Of the intruder", Intruder);
        var theirs = await FillAsync(victim);
        var components = (await Operations.DocumentAsync(site.Client, Cancel)).GetProperty("components");
        var operations = await Operations.ReadAsync(site.Client, Cancel);
        var before = await RowsAsync();

        foreach (var operation in operations)
        {
            foreach (var request in Requests(operation, theirs, components))
            {
                using (request)
                {
                    var asked = $"{operation.Name}: {request.RequestUri} {await BodyAsync(request)}";
                    using var answer = await intruder.SendAsync(request, Cancel);
                    ((int)answer.StatusCode).Should().BeLessThan(500, asked);
                    (await answer.Content.ReadAsStringAsync(Cancel)).Should().NotContain(Mark, asked);
                    if (IsAboutOne(operation)) ((int)answer.StatusCode).Should().BeInRange(400, 499, asked);
                }
            }
        }

        (await RowsAsync()).Should().Be(before);
        await ShowsToItsOwnerAsync(victim, theirs, components, operations);
    }

    // What is asked for is there, and the same requests of its owner show it: else nothing was tried.
    private static async Task ShowsToItsOwnerAsync(
        HttpClient victim, Theirs theirs, JsonElement components, IReadOnlyList<Operation> operations)
    {
        var shown = 0;
        foreach (var operation in operations.Where(one => one.Method == HttpMethod.Get))
        {
            foreach (var request in Requests(operation, theirs, components))
            {
                using (request)
                {
                    using var answer = await victim.SendAsync(request, Cancel);
                    var content = await answer.Content.ReadAsStringAsync(Cancel);
                    if (content.Contains(Mark, StringComparison.Ordinal)) shown++;
                }
            }
        }

        shown.Should().BeGreaterThan(15);
    }

    private static bool IsAboutOne(Operation operation) =>
        operation.Parameters.Any(parameter => parameter.In == "path");

    private static IEnumerable<HttpRequestMessage> Requests(
        Operation operation, Theirs theirs, JsonElement components)
    {
        foreach (var number in theirs.Numbers)
        {
            foreach (var text in theirs.Texts)
            {
                // What it uploads itself is its own, and is said to it.
                string Text(string name) =>
                    name == "fileName" && operation.Method != HttpMethod.Get ? "own.wav" : text;

                if (operation.Body?.Contains("json", StringComparison.Ordinal) != true)
                {
                    yield return operation.Request(_ => number, Text);
                    continue;
                }

                foreach (var body in Bodies(operation.Example(_ => number, components)))
                    yield return operation.Request(_ => number, Text, body);
            }
        }
    }

    // All fields, each alone, and each pair: some exclude each other.
    private static IEnumerable<string> Bodies(string whole)
    {
        yield return whole;
        if (JsonSerializer.Deserialize<JsonElement>(whole) is not { ValueKind: JsonValueKind.Object } body) yield break;
        var fields = body.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        foreach (var one in fields.Keys)
        {
            foreach (var other in fields.Keys)
            {
                yield return JsonSerializer.Serialize(fields.Where(field => field.Key == one || field.Key == other)
                    .ToDictionary(field => field.Key, field => field.Value));
            }
        }
    }

    private static async Task<string> BodyAsync(HttpRequestMessage request) =>
        request.Content is null ? "" : await request.Content.ReadAsStringAsync(Cancel);

    private async Task<Theirs> FillAsync(HttpClient victim)
    {
        var track = await site.AddHeardAsync($"{Mark} song", Victim);
        using var change = new HttpRequestMessage(HttpMethod.Patch, $"/v1/tracks/{track}");
        change.Content = JsonContent.Create(new { title = $"{Mark} put right" });
        change.Headers.TryAddWithoutValidation("If-Match", "*");
        using var changed = await victim.SendAsync(change, Cancel);
        changed.EnsureSuccessStatusCode();
        using var lyrics = await victim.PutAsJsonAsync($"/v1/tracks/{track}/lyrics", new { text = $"{Mark} la la" }, Cancel);
        using var asked = await victim.PostAsJsonAsync(
            $"/v1/tracks/{track}/questions", new { text = $"Is it {Mark}?" }, Cancel);
        using var key = await victim.PostAsJsonAsync(
            "/v1/keys", new { label = $"{Mark} key", scopes = (string[])["Read"] }, Cancel);
        key.EnsureSuccessStatusCode();
        await using var db = site.Catalogue.CreateDbContext();
        var question = await db.Questions.Where(q => q.Tenant == Victim).Select(q => (long?)q.Id)
            .FirstOrDefaultAsync(Cancel);
        return new Theirs(
            [track, question ?? track],
            [
                $"{Mark} song.wav",
                await db.CorrectionChanges.Where(c => c.Tenant == Victim).Select(c => c.Batch).FirstAsync(Cancel),
                await db.ApiKeys.Where(k => k.Tenant == Victim).OrderByDescending(k => k.Id).Select(k => k.PublicId)
                    .FirstAsync(Cancel),
            ]);
    }

    private async Task<string> RowsAsync()
    {
        await using var db = site.Catalogue.CreateDbContext();
        return JsonSerializer.Serialize(new
        {
            Tracks = await db.Tracks.AsNoTracking().Where(t => t.Tenant == Victim).ToListAsync(Cancel),
            Jobs = await db.Jobs.AsNoTracking().Where(j => j.Tenant == Victim).OrderBy(j => j.Id)
                .Select(j => new { j.Id, j.State, j.Reason, j.HeldSince, j.Fence, j.RestartedAt }).ToListAsync(Cancel),
            Corrections = await db.Corrections.AsNoTracking().Where(c => c.Tenant == Victim)
                .Select(c => new { c.ContentId, c.Version, c.LockedBy, c.ApprovedBy, c.Title }).ToListAsync(Cancel),
            Questions = await db.Questions.AsNoTracking().Where(q => q.Tenant == Victim)
                .Select(q => new { q.Id, q.Text }).ToListAsync(Cancel),
            Lyrics = await db.TrackLyrics.AsNoTracking()
                .Where(l => db.Tracks.Any(t => t.Id == l.TrackId && t.Tenant == Victim))
                .Select(l => new { l.TrackId, l.Text, l.Version }).ToListAsync(Cancel),
            Keys = await db.ApiKeys.AsNoTracking().Where(k => k.Tenant == Victim)
                .Select(k => new { k.PublicId, k.RevokedAt, k.ExpiresAt }).ToListAsync(Cancel),
        });
    }

    private sealed record Theirs(IReadOnlyList<long> Numbers, IReadOnlyList<string> Texts);
}
