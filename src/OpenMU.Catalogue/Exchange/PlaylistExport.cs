using System.Globalization;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// An extended M3U in UTF-8: seconds, artist and title of each track, and its path within the music's folder. A file
/// whose name has line breaks cannot be named in one, and is left out.
/// </summary>
internal static class PlaylistExport
{
    /// <summary>Whether a playlist can name a track.</summary>
    public static bool Takes(ExportedTrack track) =>
        track.IsPlayable && !track.FileName.AsSpan().ContainsAny('\r', '\n');

    public static async Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel)
    {
        await using var writer = ExchangeText.Writer(output);
        await writer.WriteAsync("#EXTM3U\n#EXTENC:UTF-8\n");
        await foreach (var track in tracks.WithCancellation(cancel))
        {
            var seconds = track.Duration > 0 ? (long)Math.Round(track.Duration) : -1;
            var name = track.Artist is { } artist ? $"{artist} - {track.Name}" : track.Name;
            var path = options.MusicFolder is { } folder ? Path.Combine(folder, track.FileName) : track.FileName;
            // A path that begins like a comment is one no more.
            if (path.StartsWith('#')) path = "./" + path;
            await writer.WriteAsync(string.Create(
                CultureInfo.InvariantCulture, $"#EXTINF:{seconds},{ExchangeText.OneLine(name)}\n{path}\n"));
        }
    }
}
