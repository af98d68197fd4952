namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// Text that waits on the disk until what comes before it is known, such as the number of tracks in a collection. It is
/// gone when disposed.
/// </summary>
internal sealed class Spool : IAsyncDisposable
{
    private readonly FileStream file = new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
        FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    private readonly StreamWriter writer;

    public Spool() => writer = ExchangeText.Writer(file);

    /// <summary>Pieces so far.</summary>
    public int Count { get; private set; }

    public async Task AddAsync(string piece)
    {
        Count++;
        await writer.WriteAsync(piece);
        await writer.WriteAsync('\n');
    }

    public async Task CopyToAsync(Stream output, CancellationToken cancel)
    {
        await writer.FlushAsync(cancel);
        file.Position = 0;
        await file.CopyToAsync(output, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        await file.DisposeAsync();
    }
}
