using System.Security.Cryptography;
using System.Text;
using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Exchange;

/// <summary>
/// A file of an owner's data: CSV after RFC 4180 with commas, semicolons, tabs or bars between its fields, or JSON
/// Lines; in UTF-8, UTF-16 or Windows-1252, with or without a byte order mark. One pass over it finds out which.
/// </summary>
public sealed class ImportFile
{
    private const int ChunkBytes = 1 << 16;

    private readonly byte[]? content;

    private ImportFile(string path, ImportFormat format, Encoding encoding, string digest, byte[]? content = null) =>
        (Path, Format, Encoding, Digest, this.content) = (path, format, encoding, digest, content);

    public string Path { get; }

    /// <summary>By its first character.</summary>
    public ImportFormat Format { get; }

    public Encoding Encoding { get; }

    /// <summary>SHA-256 of its bytes, 64 hex digits: a file that was changed is another import.</summary>
    public string Digest { get; }

    /// <summary>Looks at a file.</summary>
    /// <exception cref="InvalidDataException">It is empty, or no text.</exception>
    public static async Task<ImportFile> OpenAsync(string path, CancellationToken cancel)
    {
        await using var bytes = Bytes(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var looks = new EncodingLooks();
        var chunk = new byte[ChunkBytes];
        for (int read; (read = await bytes.ReadAsync(chunk, cancel)) > 0;)
        {
            hash.AppendData(chunk, 0, read);
            looks.Add(chunk.AsSpan(0, read));
        }

        var encoding = looks.Encoding() ?? throw new InvalidDataException($"{path} is no text.");
        using var reader = new StreamReader(Bytes(path), encoding);
        int first;
        do
        {
            first = reader.Read();
        }
        while (first >= 0 && char.IsWhiteSpace((char)first));
        if (first < 0) throw new InvalidDataException($"{path} is empty.");
        return new ImportFile(
            path, first == '{' ? ImportFormat.JsonLines : ImportFormat.Csv, encoding,
            Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>A table that is in memory.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="text">With a header.</param>
    internal static ImportFile OfText(string name, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new ImportFile(
            name, ImportFormat.Csv, Encoding.UTF8, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }

    /// <summary>The names of the columns; none where each row brings its own.</summary>
    /// <exception cref="InvalidDataException">The first row is no header.</exception>
    public IReadOnlyList<string> Columns() => Format == ImportFormat.Csv ? CsvRows.Columns(this) : [];

    /// <summary>The rows one after the other, those included that cannot be read.</summary>
    /// <param name="skip">So many are passed over.</param>
    /// <param name="side">Whose words are read of a track that this program wrote as JSON Lines, where all sides stand
    /// beside each other.</param>
    /// <param name="cancel">Ends the reading.</param>
    internal IAsyncEnumerable<ImportRow> RowsAsync(long skip, FieldOrigin side, CancellationToken cancel) =>
        Format == ImportFormat.Csv
            ? CsvRows.ReadAsync(this, skip, cancel)
            : JsonLinesRows.ReadAsync(this, skip, side, cancel);

    internal StreamReader Open() => new(content is null ? Bytes(Path) : new MemoryStream(content), Encoding);

    private static FileStream Bytes(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, ChunkBytes, FileOptions.Asynchronous);

    /// <summary>What the bytes so far may be.</summary>
    private sealed class EncodingLooks
    {
        private readonly Decoder utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
        private readonly List<byte> mark = [];
        private bool isUtf8 = true;
        private long even, odd, count;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (mark.Count < 2) mark.AddRange(bytes[..Math.Min(bytes.Length, 2 - mark.Count)]);
            for (var at = bytes.IndexOf((byte)0); at >= 0; at = Next(bytes, at))
            {
                if ((count + at) % 2 == 0) even++;
                else odd++;
            }

            count += bytes.Length;
            try
            {
                if (isUtf8) utf8.GetCharCount(bytes, flush: false);
            }
            catch (DecoderFallbackException)
            {
                isUtf8 = false;
            }
        }

        // Text of 8 bits has no zeros. The line ends and commas of any language have one in UTF-16, on the side that
        // tells the order. Null where it is neither.
        public Encoding? Encoding()
        {
            if (mark is [0xFF, 0xFE]) return System.Text.Encoding.Unicode;
            if (mark is [0xFE, 0xFF]) return System.Text.Encoding.BigEndianUnicode;
            if (even + odd > 0)
            {
                return count % 2 != 0 ? null
                    : even > odd ? System.Text.Encoding.BigEndianUnicode : System.Text.Encoding.Unicode;
            }

            return isUtf8 ? System.Text.Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        }

        private static int Next(ReadOnlySpan<byte> bytes, int at)
        {
            var next = bytes[(at + 1)..].IndexOf((byte)0);
            return next < 0 ? -1 : at + 1 + next;
        }
    }
}

/// <summary>How a file of an owner's data is written.</summary>
public enum ImportFormat
{
    /// <summary>A header, then a row a track.</summary>
    Csv,

    /// <summary>A JSON object a line.</summary>
    JsonLines,
}

/// <summary>A row as it came.</summary>
/// <param name="Number">As an editor counts it: of a table the header is row 1, of JSON Lines the line.</param>
/// <param name="Cells">What it says; empty cells say nothing and are left out.</param>
/// <param name="Original">To be given back: the fields of a table, or the one line.</param>
/// <param name="Problem">Why it cannot be read; null if it can.</param>
internal sealed record ImportRow(
    long Number, IReadOnlyList<ImportCell> Cells, IReadOnlyList<string> Original, string? Problem = null)
{
    /// <summary>A track as this program writes it: its file and content say which it is, nothing else need.</summary>
    public bool IsWholeTrack { get; init; }
}

/// <summary>What a row says in one column.</summary>
/// <param name="Column">As the owner named it.</param>
/// <param name="Texts">One of a table, which may hold several values with separators; of JSON each value apart, and
/// none where it says that there is none.</param>
/// <param name="IsSplit">The texts are single values.</param>
internal readonly record struct ImportCell(string Column, IReadOnlyList<string> Texts, bool IsSplit);
