// SafeTensors.cs - the safetensors format: 8 bytes little-endian header length, a JSON header {name: {dtype, shape,
// data_offsets}}, then the raw numbers. The file is memory-mapped: a tensor is a view of the map, and its pages are
// read from disk when they are first used.
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// The header's entry of one tensor; <paramref name="Offset"/> and <paramref name="Length"/> are in bytes from
/// the start of the file.
/// </summary>
public sealed record SafeTensorEntry(string Name, ScalarType Type, IReadOnlyList<long> Shape, long Offset, long Length);

/// <summary>A memory-mapped safetensors file. Its tensors are views, valid until it is disposed.</summary>
public sealed unsafe class SafeTensors : IDisposable
{
    /// <summary>The format's limit for the header: 100 MB.</summary>
    public const long MaximumHeaderBytes = 100_000_000;

    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly Dictionary<string, SafeTensorEntry> entries;
    private readonly byte* start;

    private SafeTensors(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, Header header)
    {
        (Path, this.file, this.view, entries, Metadata, DataStart) =
            (path, file, view, header.Entries, header.Metadata, header.DataStart);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, SafeTensorEntry> Entries => entries;

    /// <summary>The header's __metadata__, "format" for example.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The offset of the first number in bytes.</summary>
    public long DataStart { get; }

    /// <summary>The tensors in the order of the file.</summary>
    public IEnumerable<NamedTensor> NamedTensors()
        => entries.Values.OrderBy(entry => entry.Offset)
            .Select(entry => new NamedTensor(entry.Name, entry.Type, entry.Shape, (first, count) =>
                MappedTensor.Rows(start + entry.Offset, entry.Type, entry.Shape, first, count)));

    /// <summary>Maps the file and checks its whole header.</summary>
    /// <exception cref="InvalidDataException">The header is too long, is not JSON, names an unknown type, or its ranges
    /// leave the file, overlap or do not match the shapes.</exception>
    public static SafeTensors Open(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var header = ReadHeader(path, stream);
        var file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new SafeTensors(path, file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), header);
    }

    /// <summary>
    /// A view of the map, without a copy. It must not be written to, and is valid until this object is disposed.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    public Tensor View(string name)
    {
        if (!entries.TryGetValue(name, out var entry))
            throw new KeyNotFoundException($"{Path} has no tensor '{name}'.");
        return MappedTensor.Over(start + entry.Offset, entry.Type, [.. entry.Shape]);
    }

    /// <summary>A copy, which outlives this object.</summary>
    public Tensor Read(string name)
    {
        using var view = View(name);
        return view.clone();
    }

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    private static Header ReadHeader(string path, FileStream stream)
    {
        if (stream.Length < 8)
            throw new InvalidDataException($"{path}: {stream.Length} bytes are too few for a safetensors file.");
        Span<byte> lengthBytes = stackalloc byte[8];
        stream.ReadExactly(lengthBytes);
        var length = MemoryMarshal.Read<ulong>(lengthBytes);
        if (length > MaximumHeaderBytes || (long)length > stream.Length - 8)
        {
            throw new InvalidDataException($"{path}: the header claims {length} bytes; the file has {stream.Length}, "
                + $"the limit is {MaximumHeaderBytes}.");
        }
        var json = new byte[length];
        stream.ReadExactly(json);
        var dataStart = 8 + (long)length;
        try
        {
            using var header = JsonDocument.Parse(json);
            var entries = new Dictionary<string, SafeTensorEntry>();
            var metadata = new Dictionary<string, string>();
            foreach (var property in header.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    foreach (var text in property.Value.EnumerateObject())
                        metadata[text.Name] = text.Value.GetString() ?? "";
                    continue;
                }
                if (!entries.TryAdd(property.Name, ReadEntry(path, property, dataStart, stream.Length)))
                    throw new InvalidDataException($"{path}: tensor '{property.Name}' appears twice.");
            }
            RequireDisjoint(path, entries.Values);
            return new(entries, metadata, dataStart);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException
            or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"{path}: the header is not that of a safetensors file ({e.Message}).", e);
        }
    }

    private static SafeTensorEntry ReadEntry(string path, JsonProperty property, long dataStart, long fileLength)
    {
        var name = property.Name;
        if (!Types.TryGetValue(property.Value.GetProperty("dtype").GetString() ?? "", out var type))
        {
            throw new InvalidDataException(
                $"{path}: tensor '{name}' has the unknown type {property.Value.GetProperty("dtype")}.");
        }
        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        var offsets = property.Value
            .GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        if (offsets is not [>= 0 and var begin, var end] || end < begin || end > fileLength - dataStart)
        {
            throw new InvalidDataException($"{path}: tensor '{name}' lies at [{string.Join(", ", offsets)}], outside "
                + $"the file's {fileLength - dataStart} bytes of data.");
        }
        if (shape.Length > 16)
            throw new InvalidDataException($"{path}: tensor '{name}' has {shape.Length} dimensions.");
        Int128 bytes = type.ElementSize();
        foreach (var size in shape)
        {
            if (size < 0) throw new InvalidDataException($"{path}: tensor '{name}' has a negative size.");
            bytes *= size;
            if (bytes > long.MaxValue) break;
        }
        if (bytes != end - begin)
        {
            throw new InvalidDataException($"{path}: tensor '{name}' of shape [{string.Join(", ", shape)}] does not "
                + $"fill its {end - begin} bytes.");
        }
        return new(name, type, shape, dataStart + begin, end - begin);
    }

    private static void RequireDisjoint(string path, IEnumerable<SafeTensorEntry> entries)
    {
        SafeTensorEntry? previous = null;
        foreach (var entry in entries.Where(e => e.Length > 0).OrderBy(e => e.Offset))
        {
            if (previous is not null && entry.Offset < previous.Offset + previous.Length)
                throw new InvalidDataException($"{path}: tensors '{previous.Name}' and '{entry.Name}' overlap.");
            previous = entry;
        }
    }

    private sealed record Header(
        Dictionary<string, SafeTensorEntry> Entries, Dictionary<string, string> Metadata, long DataStart);

    /// <summary>The format's dtype string.</summary>
    internal static string NameOf(ScalarType type) => Types.First(pair => pair.Value == type).Key;
}
