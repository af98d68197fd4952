using System.Diagnostics;

namespace OpenMU.Benchmarks;

/// <summary>
/// Times other programs on the file that the measuring tools were timed on, each as a process of its own; says how to
/// install what is missing.
/// </summary>
internal static class MirPeers
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Peers");

    /// <summary>Prints a row for each program, one run each.</summary>
    /// <param name="file">Any audio file.</param>
    /// <param name="duration">Its seconds.</param>
    public static async Task RunAsync(string file, double duration)
    {
        var folder = Directory.CreateTempSubdirectory("openmu-peers-");
        try
        {
            // Who cannot decode gets samples; turning the file into them is not counted.
            var (wav, raw) = (Path.Combine(folder.FullName, "a.wav"), Path.Combine(folder.FullName, "a.f32"));
            await RunAsync(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", file, "-map", "0:a:0", "-ac", "1", "-ar",
                "44100", wav, "-map", "0:a:0", "-ac", "1", "-ar", "44100", "-f", "f32le", raw]);
            foreach (var peer in Peers(file, wav, raw, Path.Combine(folder.FullName, "qm_dsp")))
                await TimeAsync(peer, duration);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<Peer> Peers(string file, string wav, string raw, string qm)
    {
        yield return new(
            "ffmpeg, decode only", "apt-get install ffmpeg",
            ["ffmpeg", "-v", "quiet", "-nostdin", "-threads", "1", "-i", file, "-map", "0:a:0", "-f", "null", "-"]);
        yield return new("ffmpeg, ebur128 with true peak", "apt-get install ffmpeg",
            ["ffmpeg", "-v", "quiet", "-nostdin", "-threads", "1", "-i", file, "-map", "0:a:0", "-af",
                "ebur128=peak=true", "-f", "null", "-"]);
        yield return new("aubio, tempo and beats", "apt-get install aubio-tools", ["aubiotrack", "-i", wav]);
        yield return new("qm-dsp, beats, bars and key", "apt-get install libqm-dsp-dev g++", [qm, raw])
        {
            Build = ["g++", "-O2", "-I/usr/include/qm-dsp", Path.Combine(Folder, "qm_dsp.cpp"), "-o", qm, "-lqm-dsp"],
        };
        const string install = "npm install essentia.js music-tempo, then NODE_PATH=FOLDER/node_modules";
        foreach (var job in (string[])["rhythm", "key", "chords"])
            yield return new($"essentia.js, {job}", install, ["node", Path.Combine(Folder, "essentia.js"), raw, job]);
        yield return new(
            "music-tempo, tempo and beats", install, ["node", Path.Combine(Folder, "essentia.js"), raw, "music-tempo"]);
    }

    private static async Task TimeAsync(Peer peer, double duration)
    {
        if (peer.Build is null || await RunAsync(peer.Build) == 0)
        {
            var code = -1;
            var timing = await Timing.OfAsync(repetitions: 1, async () => code = await RunAsync(peer.Command));
            if (code == 0)
            {
                timing.Print(peer.Name, duration);
                return;
            }
        }

        Console.WriteLine($"{peer.Name,-34}  not installed, or failed; to install: {peer.Install}");
    }

    private static async Task<int> RunAsync(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    /// <summary>Another program.</summary>
    private sealed record Peer(string Name, string Install, string[] Command)
    {
        /// <summary>What makes it, if it has to be built.</summary>
        public string[]? Build { get; init; }
    }
}
