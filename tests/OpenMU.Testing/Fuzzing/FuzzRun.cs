using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenMU.Testing.Fuzzing;

/// <summary>
/// Sends made-up requests to the sites of two libraries, turn by turn, and judges every answer: no fault of the
/// server, nothing of its inside, an end, a kind for every refusal, and no word of the other library.
/// </summary>
/// <param name="fuzzer">Makes the requests.</param>
/// <param name="sites">The address of each library's site, and the word that must never occur in its answers.</param>
public sealed partial class FuzzRun(ApiFuzzer fuzzer, IReadOnlyList<(Uri Site, string Foreign)> sites) : IDisposable
{
    private const int AtOnce = 6, MaxAnswerBytes = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    private readonly List<string> findings = [];
    private readonly Dictionary<int, int> statuses = [];
    private readonly HashSet<string> answered = [];

    /// <summary>What was wrong, a line each.</summary>
    public IReadOnlyList<string> Findings => findings;

    /// <summary>Answers by status.</summary>
    public IReadOnlyDictionary<int, int> Statuses => statuses;

    /// <summary>Operations that answered with 2xx at least once.</summary>
    public IReadOnlyCollection<string> Answered => answered;

    /// <summary>The most memory that the process had resident, bytes, at looks between requests.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Sends requests.</summary>
    /// <param name="first">Number of the first.</param>
    /// <param name="count">How many.</param>
    /// <param name="between">What is done after each 500, such as putting back what was deleted.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task SendAsync(int first, int count, Func<Task>? between, CancellationToken cancel)
    {
        const int batch = 500;
        for (var from = first; from < first + count; from += batch)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(from, Math.Min(batch, first + count - from)),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
                async (number, _) => await SendAsync(number, cancel));
            using (var process = Process.GetCurrentProcess()) PeakBytes = Math.Max(PeakBytes, process.WorkingSet64);
            if (between is not null) await between();
        }
    }

    public void Dispose() => client.Dispose();

    private async Task SendAsync(int number, CancellationToken cancel)
    {
        var request = fuzzer.Make(number);
        // Not by the number's own parity: each operation comes to each library.
        var (site, foreign) = sites[number / Math.Max(1, fuzzer.Operations) % sites.Count];
        try
        {
            using var message = request.ToMessage(site);
            using var answer = await client.SendAsync(message, cancel);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
            Judge(request, answer, bytes, foreign);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Find(request, $"no answer within {Patience}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded
            or HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            Find(request, $"no whole answer: {e.HttpRequestError}");
        }
        catch (Exception e) when (e is HttpRequestException or FormatException or NotSupportedException)
        {
            // The client itself does not send such a thing.
            lock (findings) statuses[0] = statuses.GetValueOrDefault(0) + 1;
        }
    }

    private void Judge(FuzzRequest request, HttpResponseMessage answer, byte[] bytes, string foreign)
    {
        var status = (int)answer.StatusCode;
        lock (findings)
        {
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            if (status is >= 200 and < 300) answered.Add(request.Operation);
        }

        var text = Encoding.UTF8.GetString(bytes);
        // A machine under load may be too slow for a request, and says so.
        var isSlow = status == 503 && text.Contains("urn:openmu:problem:unavailable", StringComparison.Ordinal);
        if (status >= 500 && !isSlow) Find(request, $"{status} {Begin(text)}");
        if (Inside().Match(text) is { Success: true } inside)
            Find(request, $"{status} shows its inside: {inside.Value}");
        if (text.Contains(OurFiles, StringComparison.Ordinal)) Find(request, $"{status} shows where our files are");
        if (text.Contains(foreign, StringComparison.OrdinalIgnoreCase)
            || answer.Headers.ToString().Contains(foreign, StringComparison.OrdinalIgnoreCase))
        {
            Find(request, $"{status} has the other library's {foreign}");
        }

        // What the server refuses before there is a request that could be answered has no such header.
        var isOurs = answer.Headers.Contains("Content-Security-Policy");
        if (status >= 400 && isOurs && answer.RequestMessage!.Method != HttpMethod.Head
            && !text.Contains("\"type\":\"urn:openmu:problem:", StringComparison.Ordinal))
        {
            Find(request, $"{status} without a kind: {Begin(text)}");
        }
    }

    private void Find(FuzzRequest request, string what)
    {
        lock (findings) findings.Add($"{what}\n  {request}");
    }

    private static string Begin(string text) => text[..Math.Min(200, text.Length)];

    // How the paths of what we write for a while begin.
    private static readonly string OurFiles = Path.Combine(Path.GetTempPath(), "openmu-");

    // Lines of a stack, names of our types, texts of the database's driver.
    [GeneratedRegex(@"\s+at [A-Z]\w+(\.\w+)+\(|OpenMU\.(Web|Catalogue)\.\w|SQLite Error|Microsoft\.\w+\.\w+"
        + @"|System\.\w+Exception")]
    private static partial Regex Inside();
}
