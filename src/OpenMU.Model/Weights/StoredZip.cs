using System.Text;

namespace OpenMU.Model.Weights;

/// <summary>The position of a zip entry's data, in bytes of the file.</summary>
internal readonly record struct ZipEntry(long Offset, long Length);

/// <summary>
/// The central directory of a zip file with stored, uncompressed entries, as PyTorch writes them (zip64 above 4 GB).
/// Nothing is ever inflated, so no entry is larger than the file; duplicates and overlaps are refused, so all entries
/// together are not either.
/// </summary>
internal static class StoredZip
{
    private const int MaximumDirectoryBytes = 64 << 20;
    private const int EndBytes = 22, LocatorBytes = 20, EntryBytes = 46, LocalBytes = 30;
    private const uint InZip64 = uint.MaxValue;

    /// <exception cref="InvalidDataException">The directory is damaged, or an entry is compressed, encrypted, a
    /// duplicate, outside the file or overlapping.</exception>
    public static IReadOnlyDictionary<string, ZipEntry> Read(string path, Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            return ReadEntries(path, reader);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or IOException)
        {
            throw Error(path, "is cut off or damaged");
        }
    }

    private static Dictionary<string, ZipEntry> ReadEntries(string path, BinaryReader reader)
    {
        var (offset, length) = FindDirectory(path, reader);
        if (length > MaximumDirectoryBytes || offset < 0 || length < 0 || offset > reader.BaseStream.Length - length)
            throw Error(path, "has a directory that lies outside the file or is too large");
        reader.BaseStream.Position = offset;
        var directory = reader.ReadBytes((int)length);
        var entries = new Dictionary<string, ZipEntry>();
        for (var at = 0; at + EntryBytes <= directory.Length;)
        {
            if (BitConverter.ToUInt32(directory, at) != 0x02014b50) throw Error(path, "has a damaged directory");
            int nameLength = BitConverter.ToUInt16(directory, at + 28),
                extraLength = BitConverter.ToUInt16(directory, at + 30),
                commentLength = BitConverter.ToUInt16(directory, at + 32);
            if (at + EntryBytes + nameLength + extraLength + commentLength > directory.Length)
                throw Error(path, "has a damaged directory");
            var name = Encoding.UTF8.GetString(directory, at + EntryBytes, nameLength);
            var (stored, local) = Sizes(path, name, directory.AsSpan(at, EntryBytes), directory.AsSpan(
                at + EntryBytes + nameLength, extraLength));
            var entry = Locate(path, reader, name, local, stored, offset);
            if (!entries.TryAdd(name, entry)) throw Error(path, $"has two entries '{name}'");
            at += EntryBytes + nameLength + extraLength + commentLength;
        }
        RequireDisjoint(path, entries);
        return entries;
    }

    /// <summary>
    /// The end record is the last one, followed by a comment of at most 64 KB. Values that do not fit it
    /// are in a zip64 record.
    /// </summary>
    private static (long Offset, long Length) FindDirectory(string path, BinaryReader reader)
    {
        var stream = reader.BaseStream;
        var tail = (int)Math.Min(stream.Length, EndBytes + ushort.MaxValue);
        stream.Position = stream.Length - tail;
        var bytes = reader.ReadBytes(tail);
        for (var at = tail - EndBytes; at >= 0; at--)
        {
            if (BitConverter.ToUInt32(bytes, at) != 0x06054b50
                || at + EndBytes + BitConverter.ToUInt16(bytes, at + 20) != tail)
            {
                continue;
            }
            var locator = at - LocatorBytes;
            if (locator < 0 || BitConverter.ToUInt32(bytes, locator) != 0x07064b50)
                return (BitConverter.ToUInt32(bytes, at + 16), BitConverter.ToUInt32(bytes, at + 12));
            stream.Position = BitConverter.ToInt64(bytes, locator + 8);
            var end = reader.ReadBytes(56);
            if (end.Length < 56 || BitConverter.ToUInt32(end, 0) != 0x06064b50)
                throw Error(path, "has a damaged directory");
            return (BitConverter.ToInt64(end, 48), BitConverter.ToInt64(end, 40));
        }
        throw Error(path, "has no directory");
    }

    /// <summary>The stored size of an entry and the offset of its local header.</summary>
    private static (long Stored, long Local) Sizes(
        string path, string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        if ((BitConverter.ToUInt16(entry[8..]) & 1) != 0) throw Error(path, $"has the encrypted entry '{name}'");
        if (BitConverter.ToUInt16(entry[10..]) != 0)
            throw Error(path, $"has the compressed entry '{name}'; PyTorch stores its entries as they are");
        long stored = BitConverter.ToUInt32(entry[20..]), size = BitConverter.ToUInt32(entry[24..]),
            local = BitConverter.ToUInt32(entry[42..]);
        while (extra.Length >= 4)
        {
            int kind = BitConverter.ToUInt16(extra), length = BitConverter.ToUInt16(extra[2..]);
            if (length > extra.Length - 4) throw Error(path, $"has a damaged entry '{name}'");
            var fields = extra.Slice(4, length);
            if (kind == 1)
            {
                if (size == InZip64) size = Next(ref fields);
                if (stored == InZip64) stored = Next(ref fields);
                if (local == InZip64) local = Next(ref fields);
            }
            extra = extra[(4 + length)..];
        }
        return stored == size ? (stored, local) : throw Error(path, $"gives two sizes for the entry '{name}'");

        long Next(ref ReadOnlySpan<byte> fields)
        {
            if (fields.Length < 8) throw Error(path, $"has a damaged entry '{name}'");
            var value = BitConverter.ToInt64(fields);
            fields = fields[8..];
            return value;
        }
    }

    private static ZipEntry Locate(string path, BinaryReader reader, string name, long local, long length, long end)
    {
        if (local < 0 || length < 0 || local > end - LocalBytes)
            throw Error(path, $"has the entry '{name}' outside the file");
        reader.BaseStream.Position = local;
        var header = reader.ReadBytes(LocalBytes);
        if (header.Length < LocalBytes || BitConverter.ToUInt32(header, 0) != 0x04034b50)
            throw Error(path, $"has no entry '{name}' where its directory says");
        int nameLength = BitConverter.ToUInt16(header, 26), extraLength = BitConverter.ToUInt16(header, 28);
        if (Encoding.UTF8.GetString(reader.ReadBytes(nameLength)) != name)
            throw Error(path, $"calls the entry '{name}' by another name in its place");
        var offset = local + LocalBytes + nameLength + extraLength;
        return offset <= end - length
            ? new(offset, length)
            : throw Error(path, $"has the entry '{name}' outside the file");
    }

    private static void RequireDisjoint(string path, Dictionary<string, ZipEntry> entries)
    {
        var free = 0L;
        foreach (var (name, entry) in entries.OrderBy(pair => pair.Value.Offset).ThenBy(pair => pair.Value.Length))
        {
            if (entry.Offset < free) throw Error(path, $"has the entry '{name}' upon another");
            free = entry.Offset + entry.Length;
        }
    }

    private static InvalidDataException Error(string path, string what) => new($"{path}: the zip file {what}.");
}
