namespace OpenMU.Model.Weights;

/// <summary>
/// The tensors of one published checkpoint in any of the supported formats. They are valid until it is disposed.
/// </summary>
internal sealed class PublishedCheckpoint : IDisposable
{
    private readonly IReadOnlyList<IDisposable> files;

    public PublishedCheckpoint(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyList<IDisposable> files) =>
        (Path, Tensors, this.files) = (path, tensors, files);

    /// <summary>The file or folder, for messages.</summary>
    public string Path { get; }

    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>
    /// Opens one file: safetensors if its name ends in .safetensors, otherwise PyTorch's format (.pth, .bin).
    /// </summary>
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

    /// <summary>
    /// Opens a folder in Hugging Face's format: safetensors files, or without those <c>pytorch_model*.bin</c>.
    /// </summary>
    /// <exception cref="InvalidDataException">There are no such files, or they are damaged.</exception>
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

    /// <summary>Opens all of these PyTorch files, or none of them.</summary>
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
