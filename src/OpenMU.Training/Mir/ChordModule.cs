// ChordModule.cs - the chord network as torch trains it. N frames, 12 roots.
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Mir;

/// <summary>
/// The same function of the same weights as <see cref="ChordNetwork"/>, which runs them without tensors.
/// </summary>
internal sealed class ChordModule : Module<Tensor, Tensor>
{
    private readonly Linear hidden1, hidden2, output;

    public ChordModule(NetworkWeights weights) : base(nameof(ChordModule))
    {
        hidden1 = Linear(PitchFeatures.Size, ChordNetwork.Hidden1);
        hidden2 = Linear(ChordNetwork.Hidden1, ChordNetwork.Hidden2);
        output = Linear(ChordNetwork.Hidden2, ChordNetwork.Qualities.Length + 1);
        RegisterComponents();
        ModuleWeights.Load(this, weights, ChordNetwork.Layout, inputsFirst: false);
    }

    /// <summary>The weights as they stand.</summary>
    public NetworkWeights Weights => ModuleWeights.Of(this, ChordNetwork.Layout, inputsFirst: false);

    /// <summary>
    /// What each root sees of each frame (N, 12, PitchFeatures.Size) -> logits of the chords (N, ChordNetwork.States).
    /// </summary>
    public override Tensor forward(Tensor views)
    {
        var qualities = ChordNetwork.Qualities.Length;
        var h1 = functional.relu(hidden1.call(views));                                      // (N, 12, Hidden1)
        var scores = output.call(functional.relu(hidden2.call(h1)));                        // (N, 12, 13 + 1)
        // No chord is scored on the mean over the roots; the layer is linear, so the mean may come after it.
        return cat([scores[.., .., ..qualities].flatten(1), scores[.., .., qualities..].mean([1])], 1);
    }

    /// <summary>
    /// Averages of frames as <see cref="PitchFeatures.Average"/> gives them -> what each root sees, (N, 12,
    /// PitchFeatures.Size).
    /// </summary>
    public static Tensor Views(IReadOnlyList<float[]> averages)
    {
        const int roots = 12, size = PitchFeatures.Size;
        var views = new float[averages.Count * roots * size];
        for (var i = 0; i < averages.Count; i++)
        {
            for (var root = 0; root < roots; root++)
                PitchFeatures.Read(averages[i], root, views.AsSpan((i * roots + root) * size, size));
        }

        return tensor(views, [averages.Count, roots, size]);
    }
}
