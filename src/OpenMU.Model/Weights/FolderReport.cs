using System.Security.Cryptography;
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>Tensors of one part of a model.</summary>
/// <param name="Part">"audio tower", "projector", "language model", "adapter", "tag head" or "tagger".</param>
/// <param name="Tensors">How many.</param>
/// <param name="Parameters">Numbers in them.</param>
/// <param name="Bytes">Bytes on disk.</param>
/// <param name="Types">The types they are stored in.</param>
public sealed record PartReport(string Part, int Tensors, long Parameters, long Bytes, IReadOnlyList<ScalarType> Types);

/// <summary>The content of a model folder, determined without building the model.</summary>
public sealed record FolderReport(ModelConfig Config, string Version, IReadOnlyList<PartReport> Parts)
{
    public long Bytes => Parts.Sum(part => part.Bytes);

    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>Reads configuration, tokenizer and headers, and checks that they make a complete model.</summary>
    /// <param name="folder">A model folder.</param>
    /// <param name="read">If given, all numbers are read and checked too; called with the bytes of each block.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="InvalidDataException">The model is not complete, or its numbers are infinite, NaN, or do not
    /// match the file's digest.</exception>
    public static FolderReport Of(string folder, Action<long>? read = null, CancellationToken cancel = default)
    {
        var config = ModelFolder.ReadConfig(folder);
        ModelFolder.ReadTokenizer(folder, config);
        var files = new List<SafeTensors>();
        try
        {
            files.AddRange(WeightFiles.Open(
                folder, ModelFolder.AdapterFile, ModelFolder.TagHeadFile, ModelFolder.TaggerFile));
            var model = files.SelectMany(file => file.NamedTensors().Select(tensor => (tensor, file.Path))).ToArray();
            ModelPlan.Require(ModelPlan.Of(config, model.Select(entry => entry.tensor.Key)), model);
            var parts = model.GroupBy(entry => config.PartOf(entry.tensor.Key), entry => entry.tensor)
                .Select(part => Part(part.Key, [.. part]))
                .ToList();
            foreach (var (name, file) in new[]
            {
                ("adapter", ModelFolder.AdapterFile), ("tag head", ModelFolder.TagHeadFile), ("tagger", ModelFolder.TaggerFile)
            })
            {
                if (!File.Exists(Path.Combine(folder, file))) continue;
                files.Add(SafeTensors.Open(Path.Combine(folder, file)));
                parts.Add(Part(name, [.. files[^1].NamedTensors()]));
            }
            if (read is not null) files.ForEach(file => Check(file, read, cancel));
            return new(config, ModelVersion.Of(folder, files), parts);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static PartReport Part(string name, IReadOnlyList<NamedTensor> tensors)
        => new(
            name, tensors.Count, tensors.Sum(tensor => tensor.Count), tensors.Sum(tensor => tensor.Bytes),
            [.. tensors.Select(tensor => tensor.Type).Distinct()]);

    /// <summary>Checks the numbers in the order of the file, as its digest covers them.</summary>
    private static void Check(SafeTensors file, Action<long> read, CancellationToken cancel)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in file.NamedTensors())
        {
            foreach (var block in tensor.Blocks())
            {
                cancel.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = block.bytes;
                if (!Finite.All(bytes, tensor.Type))
                {
                    throw new InvalidDataException(
                        $"The tensor '{tensor.Key}' of {file.Path} holds infinities or NaN.");
                }
                digest.AppendData(bytes);
                read(bytes.Length);
            }
        }
        if (file.Metadata.TryGetValue(SafeTensorsWriter.DigestKey, out var expected)
            && Convert.ToHexStringLower(digest.GetHashAndReset()) != expected)
        {
            throw new InvalidDataException(
                $"{file.Path} is damaged: its numbers are not those of the digest in its header.");
        }
    }
}
