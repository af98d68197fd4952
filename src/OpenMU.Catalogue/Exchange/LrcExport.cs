namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Lyrics as LRC files in a zip file, named and placed as the music, so that players find them beside it. Plain text
/// where no line has a time.
/// </summary>
internal static class LrcExport
{
    public static Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel) =>
        ZipOfDocuments.WriteAsync(Files(tracks), output, cancel);

    private static async IAsyncEnumerable<(string Name, string Text)> Files(IAsyncEnumerable<ExportedTrack> tracks)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var track in tracks)
        {
            var song = track.Lyrics!.ToSong();
            var name = Path.ChangeExtension(ExchangeText.SafePath(track.FileName), null);
            // A song may be there as flac and as mp3.
            if (!taken.Add(name)) name = $"{name} {track.Id}";
            yield return ($"{name}.{(song.IsTimed ? "lrc" : "txt")}", song.ToLrc());
        }
    }
}
