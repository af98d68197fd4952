using System.Diagnostics;
using OpenMU.Testing;

namespace OpenMU.Pipeline.Tests;

/// <summary>The site as its container runs it: the program itself, in a process of its own on a free port.</summary>
internal sealed class WebProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process process;

    private WebProcess(Process process, Uri address) => (this.process, Address, Client) =
        (process, address, new HttpClient { BaseAddress = address });

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Comes back when it listens.</summary>
    public static async Task<WebProcess> StartAsync(Stage stage, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", ProgramFile.Of("OpenMU.Web")) { RedirectStandardOutput = true };
        start.Environment["Storage__connectionString"] = stage.ConnectionString;
        start.Environment["Catalogue__connectionString"] = $"Data Source={stage.CataloguePath}";
        start.Environment["Site__url"] = "http://127.0.0.1:0";
        start.Environment["Site__answerSeconds"] = "120";
        var process = Process.Start(start)!;
        var log = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
        {
            log.Add(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            {
                // What it says later is read, so that it never waits for a full pipe.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new WebProcess(process, new Uri(line[(at + Listening.Length)..].Trim()));
            }
        }

        throw new InvalidOperationException($"The site ended: {string.Join('\n', log)}");
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
