using System.Diagnostics;

namespace OpenMU.Benchmarks;

/// <summary>
/// Times other programs on the file that the measuring tools were timed on, each as a process of its own; says how to
/// install what is missing.
/// </summary>
internal static class MirPeers
{
    /// <summary>Prints a row for each program, one run each.</summary>
    /// <param name="file">Any audio file.</param>
    /// <param name="duration">Its seconds.</param>
    public static async Task RunAsync(string file, double duration)
    {
        using var samples = await MirPeer.SamplesAsync(file);
        foreach (var peer in Decoders(file).Concat(MirPeer.All))
            await TimeAsync(peer, samples, duration);
    }

    private static IEnumerable<MirPeer> Decoders(string file)
    {
        yield return new(
            "ffmpeg, decode only", "apt-get install ffmpeg",
            _ => ["ffmpeg", "-v", "quiet", "-nostdin", "-threads", "1", "-i", file, "-map", "0:a:0", "-f", "null", "-"]);
        yield return new("ffmpeg, ebur128 with true peak", "apt-get install ffmpeg",
            _ => ["ffmpeg", "-v", "quiet", "-nostdin", "-threads", "1", "-i", file, "-map", "0:a:0", "-af",
                "ebur128=peak=true", "-f", "null", "-"]);
    }

    private static async Task TimeAsync(MirPeer peer, PeerSamples samples, double duration)
    {
        if (await peer.BuildAsync(samples))
        {
            string? said = null;
            var timing = await Timing.OfAsync(repetitions: 1, async () => said = await peer.RunAsync(samples));
            if (said is not null)
            {
                timing.Print(peer.Name, duration);
                return;
            }
        }

        Console.WriteLine($"{peer.Name,-34}  not installed, or failed; to install: {peer.Install}");
    }
}
