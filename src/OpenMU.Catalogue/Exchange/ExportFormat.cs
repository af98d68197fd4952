using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>What a writer is told besides the tracks.</summary>
/// <param name="Declared">The tenant's own fields.</param>
/// <param name="ByteOrderMark">Whether a table begins with one; null leaves it to the format.</param>
/// <param name="MusicFolder">Where the files are, for formats that name them; null writes relative paths.</param>
public sealed record ExportOptions(
    IReadOnlyList<CatalogueField> Declared, bool? ByteOrderMark = null, string? MusicFolder = null);

/// <summary>Writes tracks as they come, holding none of them.</summary>
public delegate Task ExportWriter(
    IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel);

/// <summary>A form in which tracks leave the catalogue.</summary>
/// <param name="Name">On the command line, and after <c>/v1/tracks.</c>.</param>
/// <param name="FileEnding">Of a file of it, without the first dot.</param>
/// <param name="ContentType">Of an answer of it.</param>
/// <param name="What">Is in it, for people.</param>
/// <param name="NeedsTimes">Whether it says something over time.</param>
/// <param name="Writer">Writes tracks of which it has something to say.</param>
/// <param name="Only">Which these are; null where all.</param>
public sealed record ExportFormat(
    string Name, string FileEnding, string ContentType, string What, bool NeedsTimes, ExportWriter Writer,
    Func<ExportedTrack, bool>? Only = null)
{
    /// <summary>Whether a track stands in it.</summary>
    public bool Takes(ExportedTrack track) => Only is null || Only(track);

    /// <summary>Writes those of the tracks that stand in it.</summary>
    public Task WriteAsync(
        IAsyncEnumerable<ExportedTrack> tracks, Stream output, ExportOptions options, CancellationToken cancel) =>
        Writer(tracks.Where(Takes), output, options, cancel);
}
