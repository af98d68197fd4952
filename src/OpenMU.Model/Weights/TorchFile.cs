// TorchFile.cs - files of torch.save: a pickle that describes the tensors, and the storages they are views of.
// Since PyTorch 1.6 it is a zip file (data.pkl, data/0, data/1, ...); before, four pickles and then the storages in
// sequence. The file is memory-mapped; tensors are views of their storages, with strides, offsets and sharing.
using System.IO.MemoryMappedFiles;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// A tensor as a checkpoint describes it: a view of a storage of <paramref name="StorageCount"/> elements. Offset and
/// strides are in elements.
/// </summary>
public sealed record TorchTensor(
    string Storage,
    ScalarType Type,
    long StorageCount,
    long Offset,
    IReadOnlyList<long> Shape,
    IReadOnlyList<long> Strides);

/// <summary>A .pth or .bin file of PyTorch. Its tensors are views, valid until it is disposed.</summary>
public sealed unsafe class TorchFile : IDisposable
{
    /// <summary>The magic number at the start of the old format.</summary>
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356");

    private const int LegacyProtocol = 1001;
    private const int MaximumDimensions = 16;

    /// <summary>Keys under which training code wraps the model's state dict.</summary>
    private static readonly string[] Wrappings = ["model", "state_dict", "module"];

    private static readonly Dictionary<string, ScalarType> StorageTypes = new()
    {
        ["Double"] = ScalarType.Float64,
        ["Float"] = ScalarType.Float32,
        ["Half"] = ScalarType.Float16,
        ["BFloat16"] = ScalarType.BFloat16,
        ["Long"] = ScalarType.Int64,
        ["Int"] = ScalarType.Int32,
        ["Short"] = ScalarType.Int16,
        ["Char"] = ScalarType.Int8,
        ["Byte"] = ScalarType.Byte,
        ["Bool"] = ScalarType.Bool,
    };

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly long length;
    private readonly byte* start;

    /// <summary>
    /// The bytes of each storage; known before the tensors in a zip file, after them in the old format.
    /// </summary>
    private readonly Dictionary<string, ZipEntry> storages = [];

    /// <summary>Type and number of elements of each storage, as the pickle gives them.</summary>
    private readonly Dictionary<string, Storage> described = [];

    private TorchFile(string path, FileStream stream)
    {
        (Path, length) = (path, stream.Length);
        file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public string Path { get; }

    /// <summary>
    /// The state dict: the file's dictionary, or the one under "model", "state_dict" or "module" in it.
    /// </summary>
    public IReadOnlyDictionary<string, TorchTensor> Tensors { get; private set; } =
        new Dictionary<string, TorchTensor>();

    /// <summary>
    /// The whole content, in the types of <see cref="PickleReader"/> with a <see cref="TorchTensor"/> for each tensor.
    /// </summary>
    internal object? Root { get; private set; }

    /// <summary>Maps the file and reads the descriptions of its tensors.</summary>
    /// <exception cref="InvalidDataException">The file is not PyTorch's, is damaged, or refers to anything but tensors
    /// and plain containers.</exception>
    public static TorchFile Open(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length < 4)
            throw new InvalidDataException($"{path}: {stream.Length} bytes are too few for a file of PyTorch.");
        var file = new TorchFile(path, stream);
        try
        {
            if (new ReadOnlySpan<byte>(file.start, 4).SequenceEqual("PK\u0003\u0004"u8)) file.ReadZip();
            else file.ReadLegacy();
            file.Tensors = file.FindTensors();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A view of the tensor of this name, without a copy.</summary>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    public Tensor View(string name) => View(Tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"{Path} has no tensor '{name}'."));

    /// <summary>The tensors in the order of the file.</summary>
    public IEnumerable<NamedTensor> NamedTensors() => Tensors.Select(pair => IsContiguous(pair.Value)
        ? new NamedTensor(pair.Key, pair.Value.Type, pair.Value.Shape, (first, count) =>
            MappedTensor.Rows(StartOf(pair.Value), pair.Value.Type, pair.Value.Shape, first, count))
        : NamedTensor.Of(pair.Key, pair.Value.Type, pair.Value.Shape, () => View(pair.Value)));

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    internal Tensor View(TorchTensor tensor)
    {
        if (tensor.Shape.Contains(0)) return empty([.. tensor.Shape], dtype: tensor.Type);
        if (IsContiguous(tensor)) return MappedTensor.Over(StartOf(tensor), tensor.Type, [.. tensor.Shape]);
        using var whole = MappedTensor.Over(
            start + storages[tensor.Storage].Offset, tensor.Type, [tensor.StorageCount]);
        return whole.as_strided([.. tensor.Shape], [.. tensor.Strides], tensor.Offset);
    }

    private byte* StartOf(TorchTensor tensor) =>
        start + storages[tensor.Storage].Offset + tensor.Offset * tensor.Type.ElementSize();

    private static bool IsContiguous(TorchTensor tensor)
    {
        var expected = 1L;
        for (var i = tensor.Shape.Count - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected) return false;
            expected *= tensor.Shape[i];
        }
        return true;
    }

    private void ReadZip()
    {
        using var stream = Stream(0, length);
        var entries = StoredZip.Read(Path, stream);
        var pickles = entries.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal)).ToArray();
        if (pickles.Length != 1) throw Error($"holds {pickles.Length} times data.pkl");
        var prefix = pickles[0][..^"data.pkl".Length];
        if (entries.TryGetValue($"{prefix}byteorder", out var order)
            && !new ReadOnlySpan<byte>(start + order.Offset, (int)Math.Min(order.Length, 16)).SequenceEqual("little"u8))
            throw Error("was written with its bytes in the other order");
        foreach (var (name, entry) in entries.Where(entry =>
            entry.Key.StartsWith($"{prefix}data/", StringComparison.Ordinal)))
        {
            storages.Add(name[$"{prefix}data/".Length..], entry);
        }
        using var pickle = Stream(entries[pickles[0]].Offset, entries[pickles[0]].Length);
        Root = Reader(pickle).Read();
        foreach (var (key, storage) in described)
        {
            if (!storages.TryGetValue(key, out var place)) throw Error($"lacks the storage '{key}'");
            RequireSize(key, storage, place.Length);
        }
    }

    private void ReadLegacy()
    {
        using var stream = Stream(0, length);
        var reader = Reader(stream);
        var magic = stream.ReadByte() == 0x80 ? ReadMagic(stream, reader) : null;
        if (magic is not BigInteger number || number != Magic || reader.Read() is not (long)LegacyProtocol)
            throw Error("is no file of PyTorch");
        if (reader.Read() is PickleDictionary system && system.GetValueOrDefault("little_endian") is false)
            throw Error("was written with its bytes in the other order");
        Root = reader.Read();
        if (reader.Read() is not List<object?> keys) throw Error("does not list its storages");
        var count = new byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !described.TryGetValue(name, out var storage) || storages.ContainsKey(name))
                throw Error($"lists the storage '{key}', which no tensor has or which it listed before");
            if (stream.ReadAtLeast(count, 8, throwOnEndOfStream: false) < 8
                || BitConverter.ToInt64(count) != storage.Count)
            {
                throw Error($"gives two sizes for the storage '{name}', or is cut off");
            }
            var bytes = storage.Count * storage.Type.ElementSize();
            if (bytes > length - stream.Position) throw Error($"is cut off in the storage '{name}'");
            storages.Add(name, new(stream.Position, bytes));
            stream.Position += bytes;
        }
        if (described.Keys.FirstOrDefault(key => !storages.ContainsKey(key)) is { } missing)
            throw Error($"lacks the storage '{missing}'");
    }

    private static object? ReadMagic(UnmanagedMemoryStream stream, PickleReader reader)
    {
        stream.Position = 0;
        return reader.Read();
    }

    private PickleReader Reader(Stream stream)
    {
        var names = new Dictionary<string, object>
        {
            ["collections OrderedDict"] = (PickleCall)(arguments =>
                arguments is [] ? new PickleDictionary() : throw Error("fills an OrderedDict in an unusual way")),
            ["argparse Namespace"] = (PickleCall)(_ => new PickleNamespace()),
            ["torch Size"] = (PickleCall)(arguments =>
                arguments is [object?[] sizes] ? sizes : throw Error("has a torch.Size of what is no tuple")),
            ["torch._utils _rebuild_tensor_v2"] = (PickleCall)Rebuild,
            ["torch._utils _rebuild_parameter"] = (PickleCall)(arguments =>
                arguments is [TorchTensor tensor, ..] ? tensor : throw Error("has a parameter that is no tensor")),
        };
        foreach (var (name, type) in StorageTypes) names.Add($"torch {name}Storage", type);
        return new(stream, Path, names, Describe);
    }

    /// <summary>
    /// A persistent id: ('storage', type, key, device, count) and, in the old format, a view of the storage, which
    /// PyTorch has not written since 2017.
    /// </summary>
    private Storage Describe(object? id)
    {
        if (id is not object?[] { Length: >= 5 } parts
            || parts is not ["storage", ScalarType type, string key, string, long count, ..]
            || (parts.Length > 5 && parts[5] is not null))
            throw Error("describes a storage in an unusual way");
        if (count < 0 || count > length / type.ElementSize())
            throw Error($"claims {count} elements of {type} for the storage '{key}'; the file has {length} bytes");
        var storage = new Storage(key, type, count);
        if (!described.TryAdd(key, storage) && described[key] != storage)
            throw Error($"describes the storage '{key}' in two ways");
        return storage;
    }

    /// <summary>The arguments of _rebuild_tensor_v2: (storage, offset, sizes, strides, requires_grad, hooks).</summary>
    private TorchTensor Rebuild(object?[] arguments)
    {
        if (arguments is not [Storage storage, long offset, object?[] sizes, object?[] steps, ..]
            || sizes.Length != steps.Length || sizes.Length > MaximumDimensions
            || !sizes.All(size => size is >= 0L) || !steps.All(step => step is >= 0L) || offset < 0)
            throw Error("describes a tensor in an unusual way");
        long[] shape = [.. sizes.Cast<long>()], strides = [.. steps.Cast<long>()];
        // What has no elements reads nothing, whatever its other sizes and its strides say.
        if (shape.Contains(0) && shape.All(size => size <= length))
            return new(storage.Key, storage.Type, storage.Count, 0, shape, strides);
        var (count, last) = ((Int128)1, (Int128)offset);
        for (var i = 0; i < shape.Length; i++)
        {
            count *= shape[i];
            last += (Int128)Math.Max(0, shape[i] - 1) * strides[i];
            if (count > storage.Count || last > length) break;
        }
        // A tensor with more elements than its storage repeats some of them: a few bytes could become
        // terabytes when it is copied.
        if (count > storage.Count || (count > 0 && last >= storage.Count))
        {
            throw Error($"has a tensor [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}] at "
                + $"{offset} that leaves its storage '{storage.Key}' of {storage.Count} elements");
        }
        return new(storage.Key, storage.Type, storage.Count, offset, shape, strides);
    }

    private Dictionary<string, TorchTensor> FindTensors()
    {
        if (Root is not PickleDictionary root) throw Error("holds no dictionary of tensors");
        var model = Wrappings.Select(name => root.GetValueOrDefault(name) as PickleDictionary)
            .FirstOrDefault(inner => inner is not null) ?? root;
        var tensors = model.Where(pair => pair.Value is TorchTensor)
            .ToDictionary(pair => pair.Key, pair => (TorchTensor)pair.Value!);
        return tensors.Count > 0 ? tensors : throw Error("holds no tensors");
    }

    private void RequireSize(string key, Storage storage, long bytes)
    {
        if (storage.Count * storage.Type.ElementSize() != bytes)
            throw Error($"has {bytes} bytes for the storage '{key}' of {storage.Count} elements of {storage.Type}");
    }

    private UnmanagedMemoryStream Stream(long offset, long bytes) => new(start + offset, bytes);

    private InvalidDataException Error(string what) => new($"{Path}: the file {what}.");

    private sealed record Storage(string Key, ScalarType Type, long Count);
}
