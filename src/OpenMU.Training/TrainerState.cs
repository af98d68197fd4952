using System.Text.Json;
using OpenMU.Model.Weights;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>
/// How far a stage has come. The randomness of a step is a function of seed and step, so nothing more needs to be kept.
/// </summary>
/// <param name="Step">Steps done.</param>
/// <param name="Seconds">Seconds of training, over all starts.</param>
public sealed record StagePosition(long Step, double Seconds);

/// <summary>
/// A stage's state on disk: position and tensors in one safetensors file, so that it is replaced as a whole. Written
/// beside the old one, flushed, then renamed: a kill at any moment leaves either the old state or the new.
/// </summary>
internal static class TrainerState
{
    private const string PositionKey = "position";

    public static void Write(string path, StagePosition position, IEnumerable<(string Name, Tensor Tensor)> state)
    {
        using var scope = NewDisposeScope();
        var json = tensor(JsonSerializer.SerializeToUtf8Bytes(position));
        NamedTensor[] tensors =
        [
            NamedTensor.Of(PositionKey, json),
            .. state.Select(entry => NamedTensor.Of(entry.Name, entry.Tensor.detach()))
        ];
        var temporary = path + ".new";
        SafeTensorsWriter.Write(temporary, tensors);
        using (var file = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite)) file.Flush(flushToDisk: true);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Fills the tensors from the file, if it is there.</summary>
    /// <exception cref="InvalidDataException">The file belongs to a run with other tensors.</exception>
    public static StagePosition? Read(string path, IEnumerable<(string Name, Tensor Tensor)> state)
    {
        if (!File.Exists(path)) return null;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(path);
        foreach (var (name, tensor) in state)
        {
            if (!file.Entries.TryGetValue(name, out var entry) || !entry.Shape.SequenceEqual(tensor.shape))
            {
                throw new InvalidDataException($"{path} was written by a run with other sizes: '{name}' does not fit. "
                    + "Continue with the options it began with, or in another folder.");
            }
            tensor.detach().copy_(file.View(name));
        }
        return JsonSerializer.Deserialize<StagePosition>(file.Read(PositionKey).data<byte>().ToArray());
    }
}
