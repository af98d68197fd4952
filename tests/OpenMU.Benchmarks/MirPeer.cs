using System.Diagnostics;

namespace OpenMU.Benchmarks;

/// <summary>A file as samples, mono at 44,100 Hz, for programs that cannot decode.</summary>
/// <param name="Folder">Where all of it lies; deleted with this.</param>
internal sealed record PeerSamples(DirectoryInfo Folder) : IDisposable
{
    public string Wav => Path.Combine(Folder.FullName, "a.wav");

    /// <summary>float32 without a header.</summary>
    public string Raw => Path.Combine(Folder.FullName, "a.f32");

    public void Dispose() => Folder.Delete(recursive: true);
}

/// <summary>Another program that measures music.</summary>
/// <param name="Name">With what it measures.</param>
/// <param name="Install">How it gets here.</param>
/// <param name="Command">Its command line for a file.</param>
internal sealed record MirPeer(string Name, string Install, Func<PeerSamples, string[]> Command)
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "Peers");

    private static readonly string QmDsp = Path.Combine(Path.GetTempPath(), $"openmu-qm-dsp-{Environment.ProcessId}");

    /// <summary>What makes it, if it has to be built.</summary>
    public string[]? Build { get; init; }

    /// <summary>All that can be had as packages of Debian or npm.</summary>
    public static IEnumerable<MirPeer> All
    {
        get
        {
            yield return new(
                "aubio, tempo and beats", "apt-get install aubio-tools", samples => ["aubiotrack", "-i", samples.Wav]);
            yield return new("qm-dsp, beats, bars and key", "apt-get install libqm-dsp-dev g++", samples => [QmDsp, samples.Raw])
            {
                Build = ["g++", "-O2", "-I/usr/include/qm-dsp", Path.Combine(Sources, "qm_dsp.cpp"), "-o", QmDsp, "-lqm-dsp"],
            };
            const string install = "npm install essentia.js music-tempo, then NODE_PATH=FOLDER/node_modules";
            foreach (var job in (string[])["rhythm", "degara", "key", "chords", "music-tempo"])
            {
                yield return new(
                    job == "music-tempo" ? "music-tempo, tempo and beats" : $"essentia.js, {job}", install,
                    samples => ["node", Path.Combine(Sources, "essentia.js"), samples.Raw, job]);
            }
        }
    }

    /// <summary>A file as samples. Turning it into them counts for no program.</summary>
    public static async Task<PeerSamples> SamplesAsync(string file)
    {
        var samples = new PeerSamples(Directory.CreateTempSubdirectory("openmu-peers-"));
        await RunAsync(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", file, "-map", "0:a:0", "-ac", "1", "-ar",
            "44100", samples.Wav, "-map", "0:a:0", "-ac", "1", "-ar", "44100", "-f", "f32le", samples.Raw]);
        return samples;
    }

    /// <summary>Makes it, where that has not been done.</summary>
    /// <returns>Whether it can be started.</returns>
    public async Task<bool> BuildAsync(PeerSamples samples) =>
        Build is null || File.Exists(Command(samples)[0]) || await RunAsync(Build) is not null;

    /// <summary>What it says of a file; null where it fails or is not here.</summary>
    public Task<string?> RunAsync(PeerSamples samples) => RunAsync(Command(samples));

    private static async Task<string?> RunAsync(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
            var said = process.StandardOutput.ReadToEndAsync();
            await Task.WhenAll(said, process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? await said : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
