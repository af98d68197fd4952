using OpenMU.Model.Weights;
using OpenMU.Testing;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Families;

/// <summary>The golden checkpoints converted into model folders and opened.</summary>
internal sealed class GoldenFolders : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory().FullName;
    private readonly List<ModelFolder> opened = [];

    /// <summary>A copy of the published files, for a test that changes them.</summary>
    public string Published(string family) => GoldenFamilies.Published(family, root);

    /// <summary>The folder that it becomes.</summary>
    public string Convert(string family)
    {
        var output = Path.Combine(root, $"{family}-converted");
        using var conversion = new Conversion(Published(family), new() { Type = float32 });
        conversion.Write(output);
        return output;
    }

    public ModelFolder Open(string family)
    {
        opened.Add(ModelFolder.Open(Convert(family)));
        return opened[^1];
    }

    public void Dispose()
    {
        opened.ForEach(folder => folder.Dispose());
        Directory.Delete(root, recursive: true);
    }
}
