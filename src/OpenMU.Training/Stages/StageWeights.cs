using OpenMU.Model.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Training.Stages;

/// <summary>What a finished stage leaves for the next one: named tensors in one file, which is there exactly when the stage is done.</summary>
internal static class StageWeights
{
    /// <summary>Positions are fixed and never trained.</summary>
    public static IEnumerable<(string Name, Parameter Parameter)> Trainable(nn.Module module)
        => module.named_parameters().Where(entry => !entry.name.EndsWith("pos_embed", StringComparison.Ordinal)).Select(entry => (entry.name, entry.parameter));

    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var temporary = path + ".new";
        SafeTensorsWriter.Write(temporary, [.. tensors.Select(entry => NamedTensor.Of(entry.Name, entry.Tensor.detach()))]);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>All tensors of a file, copied.</summary>
    public static Dictionary<string, Tensor> Read(string path)
    {
        using var file = SafeTensors.Open(path);
        return file.Entries.Keys.ToDictionary(name => name, file.Read);
    }
}
