using Microsoft.Win32.SafeHandles;

namespace OpenMU.Mir.Audio;

/// <summary>
/// Random access to a hostile file within a budget: whatever its lengths claim, reading its tags comes to an end.
/// </summary>
internal sealed class TagBytes(string fullPath) : IDisposable
{
    /// <summary>Longest piece in memory at once: enough for a tag with large pictures.</summary>
    public const int MaxPiece = 24 << 20;

    // Each look costs a block at least, so that a chain of tiny boxes ends as well.
    private const int Block = 512;

    private readonly SafeFileHandle file =
        File.OpenHandle(fullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    private long budget = 4L * MaxPiece;

    public long Length => RandomAccess.GetLength(file);

    /// <summary>Nothing more can be read.</summary>
    public bool IsSpent => budget <= 0;

    public void Dispose() => file.Dispose();

    /// <summary>
    /// The bytes at a place: fewer at the end of the file, beyond <see cref="MaxPiece"/> and when the budget is spent.
    /// </summary>
    public byte[] Read(long offset, long count)
    {
        var wanted = Math.Min(Math.Min(count, MaxPiece), Math.Min(Length - offset, budget));
        budget -= Math.Max(Block, Math.Max(0, wanted));
        if (offset < 0 || wanted <= 0) return [];
        var piece = new byte[wanted];
        var filled = 0;
        while (filled < piece.Length)
        {
            var read = RandomAccess.Read(file, piece.AsSpan(filled), offset + filled);
            if (read == 0) return piece[..filled];
            filled += read;
        }

        return piece;
    }
}
