using System.Diagnostics;

namespace OpenMU.Training.Data;

/// <summary>A clip as it sounds after it was encoded as MP3.</summary>
internal static class Mp3Sound
{
    /// <summary>True where ffmpeg is installed.</summary>
    public static bool IsAvailable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")));

    /// <summary>Encodes a file of our own making and reads the result: mono at 16 kHz.</summary>
    /// <exception cref="InvalidOperationException">ffmpeg did not encode it.</exception>
    public static float[] Read(string path, int kilobits)
    {
        var encoded = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.mp3");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", "-i", "file:" + path, "-b:a", $"{kilobits}k", encoded]) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException($"ffmpeg could not encode {path}: {errors.Trim()}");
            return ClipSound.Read(encoded);
        }
        finally
        {
            File.Delete(encoded);
        }
    }
}
