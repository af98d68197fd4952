// TaggerModule.cs - the tagger as it learns. N patches of T frames with M bands, E channels of the last convolution,
// L labels, K kinds of sound, Q classes of a teacher.
using OpenMU.Model;
using OpenMU.Model.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OpenMU.Training.Stages;

/// <summary>
/// The same function as <see cref="Tagger"/>, with batch norms that <see cref="Folded"/> makes part of the
/// convolutions, and a layer that learns what a teacher says, which is thrown away.
/// </summary>
internal sealed class TaggerModule : Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-3;

    private readonly IReadOnlyList<ConvolutionShape> shapes;
    private readonly ModuleList<Conv2d> convolutions = new();
    private readonly ModuleList<BatchNorm2d> norms = new();
    private readonly Linear tags, sound, teacher;

    public TaggerModule(TaggerConfig config, long teacherClasses) : base(nameof(TaggerModule))
    {
        shapes = [.. TaggerConvolution.Shapes(config)];
        foreach (var shape in shapes)
        {
            convolutions.Add(Conv2d(
                shape.Inputs, shape.Outputs, shape.Kernel, shape.Stride, groups: shape.IsDepthwise ? shape.Inputs : 1,
                bias: false));
            norms.Add(BatchNorm2d(shape.Outputs, Epsilon));
        }
        var width = config.Channels[^1];
        tags = Linear(width, config.Groups.Sum(group => group.Labels.Count));
        sound = Linear(width, SoundHead.Kinds.Count);
        teacher = Linear(width, teacherClasses);
        RegisterComponents();
    }

    /// <summary>Patches (N, T, M) -> embeddings (N, E).</summary>
    public override Tensor forward(Tensor patches)
    {
        var x = patches.unsqueeze(1);                                                       // (N, 1, T, M)
        for (var i = 0; i < shapes.Count; i++)
            x = ConvolutionShape.Activate(norms[i].call(shapes[i].Apply(x, convolutions[i].weight, null)));
        return x.mean([2, 3]);                                                              // (N, E)
    }

    /// <summary>Mean embeddings of clips (.., E) -> logits (.., L).</summary>
    public Tensor TagLogits(Tensor mean) => tags.call(mean);

    /// <summary>The same -> (.., K).</summary>
    public Tensor SoundLogits(Tensor mean) => sound.call(mean);

    /// <summary>Embeddings of patches (N, E) -> what the teacher says of them (N, Q).</summary>
    public Tensor TeacherScores(Tensor embeddings) => teacher.call(embeddings);

    /// <summary>The weights by the keys of <see cref="Tagger"/>.</summary>
    public Dictionary<string, Tensor> Folded()
    {
        using var _ = no_grad();
        var folded = new Dictionary<string, Tensor>();
        for (var i = 0; i < shapes.Count; i++)
        {
            var norm = norms[i];
            var scale = norm.weight!.detach() / norm.running_var!.add_scalar(Epsilon).sqrt();        // (C')
            folded[$"convolutions.{i}.weight"] = convolutions[i].weight!.detach() * scale.view(-1, 1, 1, 1);
            folded[$"convolutions.{i}.bias"] = norm.bias!.detach() - norm.running_mean! * scale;
        }
        foreach (var (name, layer) in new[] { ("tags", tags), ("sound", sound) })
        {
            folded[$"{name}.weight"] = layer.weight!.detach().clone();
            folded[$"{name}.bias"] = layer.bias!.detach().clone();
        }
        return folded;
    }
}
