// AdamW.cs - the optimiser as one fused kernel over all parameters. TorchSharp's own walks over them in C#:
// 5.5 times slower on a CPU, and on a GPU bound by the launches of its many small kernels. The fused one is
// reached through TorchScript.
using OpenMU.Model.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>
/// AdamW with decoupled weight decay and clipping of the global gradient norm. Parameters narrower than float32 are
/// trained through a float32 copy of their own (master weights), and so are the moments.
/// </summary>
public sealed class AdamW : IDisposable
{
    // Constant, and compiled once: a script that does not compile ends the process, and a compiled unit is never freed.
    private const string Script = """
        def norm(g: List[Tensor]) -> Tensor:
            return torch.stack(torch._foreach_norm(g, 2)).norm()
        def scale(g: List[Tensor], n: Tensor, limit: float) -> Tensor:
            torch._foreach_mul_(g, torch.clamp(limit / (n + 1e-6), max=1.0))
            return n
        def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor], lr: float, beta1: float, beta2: float, decay: float, eps: float) -> Tensor:
            torch._foreach_add_(s, 1)
            torch._fused_adamw_(p, g, m, v, [], s, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
            return s[0]
        def copy(to: List[Tensor], source: List[Tensor]) -> Tensor:
            torch._foreach_copy_(to, source)
            return to[0]
        def zero(g: List[Tensor]) -> Tensor:
            torch._foreach_zero_(g)
            return g[0]

        """;

    private static readonly Lazy<jit.CompilationUnit> Kernels = new(() => jit.compile(Script));

    private readonly Group[] groups;
    private readonly double beta1, beta2, eps;
    private readonly double? clipNorm;

    /// <param name="groups">What to train; the parameters are made to require gradients.</param>
    /// <param name="beta1">Decay of the gradient's mean.</param>
    /// <param name="beta2">Decay of its square's mean.</param>
    /// <param name="eps">Added to the square root.</param>
    /// <param name="clipNorm">The largest norm of all gradients together; null does not clip.</param>
    public AdamW(
        IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double? clipNorm = null)
    {
        (this.beta1, this.beta2, this.eps, this.clipNorm) = (beta1, beta2, eps, clipNorm);
        this.groups = [.. groups.SelectMany(group => group.Parameters.GroupBy(p => p.Parameter.dtype)
            .Select(part => new Group(group with { Parameters = [.. part] })))];
        if (this.groups.Length == 0) throw new ArgumentException("There is nothing to train.", nameof(groups));
    }

    /// <summary>Everything a checkpoint has to keep: weights, moments and step counts.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() => groups.SelectMany(group => group.State());

    /// <summary>
    /// One step along the gradients, which are zero afterwards. The schedule's factor multiplies each
    /// group's learning rate.
    /// </summary>
    /// <returns>The norm of all gradients before clipping, as a scalar on the device; null where
    /// nothing is clipped.</returns>
    public Tensor? Step(double factor)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor? norm = null;
        var gradients = groups.Select(group => group.Gradients()).ToArray();
        if (clipNorm is { } limit)
        {
            Tensor[] all = [.. gradients.SelectMany(group => group)];
            norm = Call("norm", [all]);
            Call("scale", [all, norm, limit]);
        }
        for (var i = 0; i < groups.Length; i++) groups[i].Step(gradients[i], factor, beta1, beta2, eps);
        return norm?.MoveToOuterDisposeScope();
    }

    /// <summary>After <see cref="State"/> was overwritten: takes the weights over into the parameters.</summary>
    public void TakeOverState()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in groups) group.TakeOverState();
    }

    public void Dispose()
    {
        foreach (var group in groups) group.Dispose();
    }

    // Of a number TorchSharp makes a scalar to which nothing refers while libtorch reads it (see Scalars.cs), so it is
    // made here and kept until the call has ended.
    private static Tensor Call(string name, object[] arguments)
    {
        object[] kept =
            [.. arguments.Select(argument => argument is double number ? Scalars.Create(number) : argument)];
        try
        {
            return (Tensor)Kernels.Value.invoke(name, kept);
        }
        finally
        {
            foreach (var scalar in kept.OfType<Scalar>()) scalar.Dispose();
        }
    }

    private sealed class Group : IDisposable
    {
        private readonly ParameterGroup settings;
        private readonly Tensor[] parameters, masters, first, second, steps, wide;
        private readonly bool narrow;

        public Group(ParameterGroup settings)
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            this.settings = settings;
            foreach (var (_, parameter) in settings.Parameters) parameter.requires_grad = true;
            parameters = [.. settings.Parameters.Select(p => (Tensor)p.Parameter)];
            narrow = parameters[0].dtype != float32;
            Tensor[] Like() => [.. parameters.Select(p =>
                zeros(p.shape, dtype: float32, device: p.device).DetachFromDisposeScope())];
            masters = narrow
                ? [.. parameters.Select(p => p.detach().to(float32, copy: true).DetachFromDisposeScope())]
                : [.. parameters.Select(p => p.detach().DetachFromDisposeScope())];
            (first, second, wide) = (Like(), Like(), narrow ? Like() : []);
            steps = [.. parameters.Select(p => zeros([], dtype: float32, device: p.device).DetachFromDisposeScope())];
        }

        public IEnumerable<(string Name, Tensor Tensor)> State()
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                var name = settings.Parameters[i].Name;
                yield return ($"weight.{name}", masters[i]);
                yield return ($"first.{name}", first[i]);
                yield return ($"second.{name}", second[i]);
                yield return ($"step.{name}", steps[i]);
            }
        }

        public Tensor[] Gradients()
        {
            Tensor[] gradients = [.. parameters.Select((p, i) => p.grad ?? throw new InvalidOperationException(
                $"'{settings.Parameters[i].Name}' has no gradient: the loss does not depend on it."))];
            if (!narrow) return gradients;
            Call("copy", [wide, gradients]);
            Call("zero", [gradients]);
            return wide;
        }

        public void Step(Tensor[] gradients, double factor, double beta1, double beta2, double eps)
        {
            Call("step", [masters, gradients, first, second, steps, settings.LearningRate * factor, beta1, beta2,
                settings.WeightDecay, eps]);
            if (narrow) TakeOverState();
            Call("zero", [gradients]);
        }

        public void TakeOverState()
        {
            if (narrow) Call("copy", [parameters, masters]);
        }

        public void Dispose()
        {
            foreach (var tensor in masters.Concat(first).Concat(second).Concat(steps).Concat(wide)) tensor.Dispose();
        }
    }
}

/// <summary>Parameters that share a learning rate.</summary>
/// <param name="Parameters">By the names under which a checkpoint keeps them.</param>
/// <param name="LearningRate">The highest learning rate; the schedule's factor multiplies it.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
public sealed record ParameterGroup(
    IReadOnlyList<(string Name, Parameter Parameter)> Parameters, double LearningRate, double WeightDecay = 0)
{
    /// <summary>Two groups of one learning rate: matrices decay, vectors (biases, norms) do not.</summary>
    public static IReadOnlyList<ParameterGroup> Decaying(
        IEnumerable<(string Name, Parameter Parameter)> parameters, double learningRate, double weightDecay)
        => [.. parameters.GroupBy(p => p.Parameter.dim() > 1)
            .Select(group => new ParameterGroup([.. group], learningRate, group.Key ? weightDecay : 0))];

    /// <summary>A module's parameters, without positions, which are fixed.</summary>
    public static IEnumerable<(string Name, Parameter Parameter)> Trainable(nn.Module module)
        => module.named_parameters()
            .Where(entry => !entry.name.EndsWith("pos_embed", StringComparison.Ordinal))
            .Select(entry => (entry.name, entry.parameter));
}
