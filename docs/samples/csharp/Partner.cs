// A partner's round by the client that NSwag generates from the site's document: uploads a file, asks about it, waits
// for the answer, exports.   dotnet run -- SITE FILE [KEY]
using System.Net;
using System.Text.Json;
using OpenMU.Client;

internal static class Partner
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static async Task<int> Main(string[] args)
    {
        using var http = new HttpClient(new SendAgain()) { BaseAddress = new Uri(args[0]) };
        if (args.Length > 2) http.DefaultRequestHeaders.Authorization = new("Bearer", args[2]);
        var client = new CatalogueClient(http);
        try
        {
            var id = await UploadAsync(client, args[1]);
            Console.WriteLine($"answer: {await AskAsync(client, id, "Which key is it in?")}");
            using var export = await client.ExportTracksAsJsonLinesAsync(ids: $"{id}");
            using var line = await JsonDocument.ParseAsync(export.Stream);
            Console.WriteLine($"export: {line.RootElement.GetProperty("fileName")}");
            return 0;
        }
        catch (ApiException<ProblemDetails> refused)
        {
            Console.Error.WriteLine($"{refused.StatusCode} {refused.Result.Type}: {refused.Result.Detail}");
            return 1;
        }
    }

    private static async Task<long> UploadAsync(CatalogueClient client, string file)
    {
        var fileName = $"partner/{Path.GetFileName(file)}";
        await using (var bytes = File.OpenRead(file)) await client.UploadTrackAsync(fileName, bytes, replace: true);
        long? id;
        while ((id = (await client.GetUploadAsync(fileName)).TrackId) is null) await Task.Delay(Pause);

        TrackView track;
        while (true)
        {
            track = await client.GetTrackAsync(id.Value);
            if (track.Summary.State is not (TrackState.Queued or TrackState.Analysing)) break;
            await Task.Delay(Pause);
        }

        Console.WriteLine($"track: {track.Summary.State}, {track.Analysis?.Bpm} BPM, {track.Analysis?.Key}");
        return id.Value;
    }

    private static async Task<string?> AskAsync(CatalogueClient client, long track, string text)
    {
        var question = await client.AskQuestionAsync(track, new NewQuestion { Text = text });
        while (question.State is JobState.Queued or JobState.Analysing)
        {
            await Task.Delay(Pause);
            question = await client.GetQuestionAsync(question.Id);
        }

        return question.Answer?.Text ?? question.Reason;
    }

    /// <summary>Sends again what the site had no room for, when it says so.</summary>
    private sealed class SendAgain() : DelegatingHandler(new HttpClientHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            while (true)
            {
                var answer = await base.SendAsync(request, cancellationToken);
                if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                    || answer.Headers.RetryAfter?.Delta is not { } wait)
                {
                    return answer;
                }

                answer.Dispose();
                await Task.Delay(wait, cancellationToken);
            }
        }
    }
}
