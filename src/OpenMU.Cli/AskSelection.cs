using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using OpenMU.Catalogue.Questions;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

namespace OpenMU.Cli;

/// <summary>A question about several tracks: files, which are heard here, or tracks of a running catalogue.</summary>
internal static class AskSelection
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(
        IReadOnlyList<string> tracks, string question, Uri site, Func<WorkerOptions> options,
        Action<IReadOnlyList<Ask.Asked>> print, TextWriter error, CancellationToken cancel)
    {
        long?[] ids = [.. tracks.Select(track =>
            !File.Exists(track) && long.TryParse(track, CultureInfo.InvariantCulture, out var id) ? id : (long?)null)];
        if (ids.All(id => id is not null))
            return await AskSiteAsync([.. ids.Select(id => id!.Value)], question, site, print, error, cancel);
        if (tracks.FirstOrDefault(track => !File.Exists(track)) is { } missing)
        {
            throw new UsageException(ids.Any(id => id is not null)
                ? $"{missing}: name files with --track, or ids of a catalogue, not both."
                : $"There is no file {missing}.");
        }
        using var listener = ModelSession.Open(options())
            ?? throw new UsageException("There is no model: name a model folder with --model DIR.");
        await WorkingDecoder.RequireAsync(cancel);
        try
        {
            var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
            var reply = await Ask.WithProgressAsync(
                error, progress => analyser.AskSelectionAsync(tracks, question, progress, cancel));
            return Ask.Print([question], [reply], listener, print);
        }
        catch (UnreadableAudioException e)
        {
            await error.WriteLineAsync($"openmu: {e.Message}");
            return ExitCode.NotDone;
        }
    }

    /// <summary>Asks a catalogue and waits for its worker's answer.</summary>
    private static async Task<int> AskSiteAsync(
        IReadOnlyList<long> ids, string question, Uri site, Action<IReadOnlyList<Ask.Asked>> print,
        TextWriter error, CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = site };
        try
        {
            using var asked = await client.PostAsJsonAsync(
                "/v1/questions", new { text = question, trackIds = ids }, cancel);
            if (!asked.IsSuccessStatusCode)
            {
                await error.WriteLineAsync($"openmu: {await ReasonAsync(asked, cancel)}");
                return ExitCode.NotDone;
            }
            while (true)
            {
                var now = await client.GetFromJsonAsync<JsonElement>(asked.Headers.Location, cancel);
                switch (now.GetProperty("state").GetString())
                {
                    case "Ready":
                        print([new(question, now.GetProperty("answer").Deserialize<Answer>(Ask.Json), null)]);
                        return ExitCode.Done;
                    case "Failed" or "Rejected":
                        await error.WriteLineAsync($"openmu: {now.GetProperty("reason").GetString()}");
                        return ExitCode.NotDone;
                }
                await Task.Delay(BetweenLooks, cancel);
            }
        }
        catch (HttpRequestException e)
        {
            await error.WriteLineAsync($"openmu: The catalogue at {site} does not answer: {e.Message}");
            return ExitCode.NotDone;
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage refused, CancellationToken cancel)
    {
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(cancel);
        return problem.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String
            ? detail.GetString()!
            : problem.TryGetProperty("errors", out var errors)
                ? string.Join(' ', errors.EnumerateObject()
                    .SelectMany(field => field.Value.EnumerateArray().Select(mistake => mistake.GetString())))
                : $"{(int)refused.StatusCode}";
    }
}
