using System.Diagnostics;
using System.Globalization;

namespace OpenMU.Benchmarks;

/// <summary>Music of any length that is made on the spot, full of all that is listed over time.</summary>
internal static class MadeMusic
{
    /// <summary>Four chords and a beat in stereo, over and over, as an MP3.</summary>
    /// <param name="file">Where to write it.</param>
    /// <param name="seconds">Its length.</param>
    /// <param name="bitRate">As ffmpeg has it.</param>
    /// <param name="semitones">Higher and faster by so much than C major at 120 BPM.</param>
    public static async Task WriteAsync(string file, int seconds, string bitRate, int semitones = 0)
    {
        var bar = Path.ChangeExtension(file, ".bar.wav");
        const string Beat = "0.4*sin(2*PI*90*t)*exp(-25*mod(t,0.5))";
        var chords = string.Join(
            '+', new[] { (60, 64, 67), (57, 60, 64), (65, 69, 72), (67, 71, 74) }.Select((chord, i) =>
                string.Create(CultureInfo.InvariantCulture, $"0.1*between(t,{2 * i},{(2 * i) + 1.999})*("
                    + $"{Tone(chord.Item1)}+{Tone(chord.Item2)}+{Tone(chord.Item3)})")));
        var rate = (int)(44_100 * Math.Pow(2, semitones / 12.0));
        await FfmpegAsync("-f", "lavfi", "-i", $"aevalsrc='{Beat}+{chords}|{Beat}+0.8*({chords})':d=8:s=44100",
            "-af", $"asetrate={rate},aresample=44100", bar);
        await FfmpegAsync("-stream_loop", "-1", "-i", bar, "-t", $"{seconds}", "-b:a", bitRate, file);
        File.Delete(bar);
    }

    private static string Tone(int midi) =>
        string.Create(CultureInfo.InvariantCulture, $"sin(2*PI*{440 * Math.Pow(2, (midi - 69) / 12.0):0.###}*t)");

    private static async Task FfmpegAsync(params string[] arguments)
    {
        using var ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);
        await ffmpeg.WaitForExitAsync();
        if (ffmpeg.ExitCode != 0) throw new InvalidOperationException("ffmpeg could not make the track.");
    }
}
