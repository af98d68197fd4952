namespace OpenMU.Model.Weights;

/// <summary>The tensors of one public checkpoint, in whatever format it came: they end with it.</summary>
internal sealed class PublishedCheckpoint : IDisposable
{
    private readonly IReadOnlyList<IDisposable> files;

    public PublishedCheckpoint(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyList<IDisposable> files) => (Path, Tensors, this.files) = (path, tensors, files);

    /// <summary>The file or folder, for messages.</summary>
    public string Path { get; }

    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>Opens a file of PyTorch or a safetensors file, by its first bytes' meaning: its name's end.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    public static PublishedCheckpoint OpenFile(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist.");
        if (path.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            var safe = SafeTensors.Open(path);
            return new(path, [.. safe.NamedTensors()], [safe]);
        }
        var file = TorchFile.Open(path);
        return new(path, [.. file.NamedTensors()], [file]);
    }

    /// <summary>Opens a folder of Hugging Face: safetensors files, or else <c>pytorch_model*.bin</c>.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are damaged.</exception>
    public static PublishedCheckpoint OpenFolder(string folder)
    {
        var bins = Directory.GetFiles(folder, "pytorch_model*.bin").Order(StringComparer.Ordinal).ToArray();
        if (bins.Length == 0 || Directory.GetFiles(folder, "*.safetensors").Length > 0)
        {
            var files = WeightFiles.Open(folder);
            return new(folder, [.. files.SelectMany(file => file.NamedTensors())], files);
        }
        var opened = OpenAll(bins);
        return new(folder, [.. opened.SelectMany(file => file.NamedTensors())], opened);
    }

    /// <summary>Opens all of these files of PyTorch, or none.</summary>
    public static IReadOnlyList<TorchFile> OpenAll(IEnumerable<string> paths)
    {
        var opened = new List<TorchFile>();
        try
        {
            foreach (var path in paths) opened.Add(TorchFile.Open(path));
            return opened;
        }
        catch
        {
            opened.ForEach(file => file.Dispose());
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var file in files) file.Dispose();
    }
}
