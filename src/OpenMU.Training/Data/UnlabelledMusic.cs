using Microsoft.Extensions.Logging;
using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>
/// A user's own recordings, for training that needs no labels: files of any format that ffmpeg reads.
/// </summary>
internal static class UnlabelledMusic
{
    /// <summary>
    /// The recordings below folders, or single files. Each is named by the place of its folder among
    /// <paramref name="paths"/> and its path below it, so that the same command finds the same recordings wherever the
    /// folder lies. One that cannot be read when its time comes is silent.
    /// </summary>
    /// <param name="paths">Folders, which are searched recursively, and files.</param>
    /// <param name="log">Receives each recording that cannot be read and why; used from several threads.</param>
    /// <param name="cancel">Ends the decoder.</param>
    /// <exception cref="DirectoryNotFoundException">There is neither a folder nor a file of such a name.</exception>
    public static IReadOnlyList<Recording> Find(IReadOnlyList<string> paths, ILogger log, CancellationToken cancel)
        => [.. paths.SelectMany((path, place) => Files(path).Select(file =>
            new Recording($"unlabelled/{place + 1}/{file.RelativePath}", () => Read(file, log, cancel))))];

    private static IReadOnlyList<MusicFile> Files(string path)
        => File.Exists(path)
            ? [new(Path.GetFullPath(path), Path.GetFileName(path), 0, default, Problem: null)]
            : MusicFolder.Find(path);

    private static float[] Read(MusicFile file, ILogger log, CancellationToken cancel)
    {
        try
        {
            if (file.Problem is { } problem) throw new UnreadableAudioException(problem);
            var samples = AudioFile.ReadMonoAsync(
                file.FullPath, Fbank.SampleRate, FeatureCache.SecondsHeard, DecodeLimits.Default,
                cancel).GetAwaiter().GetResult().Samples;
            return Fbank.Frames(samples.Length) > 0
                ? samples
                : throw new UnreadableAudioException("The recording is too short.");
        }
        catch (UnreadableAudioException unreadable)
        {
            log.LogWarning("left out: {Path}: {Reason}", MusicFolder.Printable(file.FullPath), unreadable.Message);
            return [];
        }
    }
}
