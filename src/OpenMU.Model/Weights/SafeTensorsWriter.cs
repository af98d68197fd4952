using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using TorchSharp;

namespace OpenMU.Model.Weights;

/// <summary>
/// Writes safetensors, a few megabytes at a time. The header has the SHA-256 of the numbers (<see cref="DigestKey"/>),
/// so that files of gigabytes can be distinguished by their first kilobytes. Infinities and NaN are refused, also those
/// that result from a narrower type.
/// </summary>
public static class SafeTensorsWriter
{
    /// <summary>The metadata entry with the SHA-256 of all bytes after the header, in hex.</summary>
    public const string DigestKey = "data_sha256";

    /// <summary>The default size of shards.</summary>
    public const long DefaultShardBytes = 4L << 30;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// Writes <c>STEM.safetensors</c>, or <c>STEM-00001-of-00003.safetensors</c> and so on with
    /// <c>STEM.safetensors.index.json</c>, as Hugging Face does.
    /// </summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="stem">"model", for example.</param>
    /// <param name="tensors">What to write, in this order.</param>
    /// <param name="shardBytes">No file has more bytes than this, unless a single tensor does.</param>
    /// <param name="written">Called with the bytes of each block that has been written.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="InvalidDataException">Two tensors have the same name, or one has infinities or NaN.</exception>
    public static void WriteShards(
        string folder, string stem, IReadOnlyList<NamedTensor> tensors, long shardBytes = DefaultShardBytes,
        Action<long>? written = null, CancellationToken cancel = default)
    {
        var shards = Shards(tensors, shardBytes);
        if (shards.Count <= 1)
        {
            Write(Path.Combine(folder, $"{stem}.safetensors"), tensors, written, cancel);
            return;
        }
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = string.Create(
                CultureInfo.InvariantCulture, $"{stem}-{i + 1:D5}-of-{shards.Count:D5}.safetensors");
            Write(Path.Combine(folder, name), shards[i], written, cancel);
            foreach (var tensor in shards[i])
            {
                if (!map.TryAdd(tensor.Key, name))
                    throw new InvalidDataException($"Two tensors are named '{tensor.Key}'.");
            }
        }
        var index = new { metadata = new { total_size = tensors.Sum(tensor => tensor.Bytes) }, weight_map = map };
        File.WriteAllText(
            Path.Combine(folder, $"{stem}.safetensors.index.json"), JsonSerializer.Serialize(index, Indented));
    }

    /// <summary>Writes one file; an existing one is replaced.</summary>
    /// <exception cref="InvalidDataException">Two tensors have the same name, or one has infinities or NaN.</exception>
    public static void Write(
        string path, IReadOnlyList<NamedTensor> tensors, Action<long>? written = null,
        CancellationToken cancel = default)
    {
        // Wide types first, so that every tensor begins at a multiple of its element size.
        NamedTensor[] ordered = [.. tensors.OrderByDescending(tensor => tensor.Type.ElementSize())];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        file.Write(Header(ordered, new string('0', 64)));
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in ordered)
        {
            foreach (var block in tensor.Blocks())
            {
                cancel.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = block.bytes;
                if (!Finite.All(bytes, tensor.Type))
                {
                    throw new InvalidDataException(
                        $"The tensor '{tensor.Key}' holds infinities or NaN as {tensor.Type}.");
                }
                file.Write(bytes);
                digest.AppendData(bytes);
                written?.Invoke(bytes.Length);
            }
        }
        file.Position = 0;
        file.Write(Header(ordered, Convert.ToHexStringLower(digest.GetHashAndReset())));
    }

    private static byte[] Header(IReadOnlyList<NamedTensor> tensors, string digest)
    {
        using var json = new MemoryStream();
        json.Write(new byte[8]);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            writer.WriteString(DigestKey, digest);
            writer.WriteEndObject();
            var offset = 0L;
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var tensor in tensors)
            {
                if (!names.Add(tensor.Key)) throw new InvalidDataException($"Two tensors are named '{tensor.Key}'.");
                writer.WriteStartObject(tensor.Key);
                writer.WriteString("dtype", SafeTensors.NameOf(tensor.Type));
                writer.WriteStartArray("shape");
                foreach (var size in tensor.Shape) writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.Bytes);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        while (json.Length % 8 != 0) json.WriteByte((byte)' ');
        var header = json.ToArray();
        BitConverter.TryWriteBytes(header, header.LongLength - 8);
        return header;
    }

    private static List<List<NamedTensor>> Shards(IReadOnlyList<NamedTensor> tensors, long shardBytes)
    {
        var shards = new List<List<NamedTensor>>();
        var size = 0L;
        foreach (var tensor in tensors)
        {
            if (shards.Count == 0 || (size > 0 && size + tensor.Bytes > shardBytes))
            {
                shards.Add([]);
                size = 0;
            }
            shards[^1].Add(tensor);
            size += tensor.Bytes;
        }
        return shards;
    }
}
