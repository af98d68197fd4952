// KeyModule.cs - the key network as torch trains it. N stretches, 12 tonics.
using OpenMU.Mir.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Mir;

/// <summary>
/// The same function of the same weights as <see cref="KeyNetwork"/>, which runs them without tensors.
/// </summary>
internal sealed class KeyModule : Module<Tensor, Tensor>
{
    private readonly Linear output;

    public KeyModule(NetworkWeights weights) : base(nameof(KeyModule))
    {
        output = Linear(KeyNetwork.Size, KeyNetwork.Layout[1].Count);
        RegisterComponents();
        ModuleWeights.Load(this, weights, KeyNetwork.Layout, inputsFirst: false);
    }

    /// <summary>The weights as they stand.</summary>
    public NetworkWeights Weights => ModuleWeights.Of(this, KeyNetwork.Layout, inputsFirst: false);

    /// <summary>Sum of the squared weights, without the biases.</summary>
    public Tensor SquaredWeights => output.weight.mul(output.weight).sum();

    /// <summary>
    /// What each tonic sees of each stretch (N, 12, KeyNetwork.Size) -> logits of the keys, major before minor (N, 24).
    /// </summary>
    public override Tensor forward(Tensor views) => output.call(views).transpose(1, 2).flatten(1);

    /// <summary>Contents of stretches, seen from C -> what each tonic sees, (N, 12, KeyNetwork.Size).</summary>
    public static Tensor Views(IReadOnlyList<float[]> contents)
    {
        const int tonics = 12, size = KeyNetwork.Size;
        var views = new float[contents.Count * tonics * size];
        for (var i = 0; i < contents.Count; i++)
        {
            for (var tonic = 0; tonic < tonics; tonic++)
                KeyNetwork.View(contents[i], tonic, views.AsSpan((i * tonics + tonic) * size, size));
        }

        // In memory of torch's own, whose alignment is the same each time: rows are no multiple of a vector long, and
        // the order in which a product is summed up depends on where they begin.
        using var borrowed = tensor(views, [contents.Count, tonics, size]);
        return borrowed.clone();
    }
}
