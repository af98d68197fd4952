// GradientCheckpointing.cs - gradient checkpointing by hand, because TorchSharp has none. B
// sequences, T positions, D width.
using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Training;

/// <summary>
/// Backpropagation that keeps only each block's input and computes the inside of a block a second time on the way back:
/// memory for one block instead of all, for a third more work.
/// </summary>
internal static class GradientCheckpointing
{
    /// <summary>
    /// Adds the gradients of everything that <paramref name="input"/>, the blocks and the loss depend
    /// on, and returns the loss.
    /// </summary>
    /// <param name="input">(B, T, D), with the graph of what made it.</param>
    /// <param name="layers">How many layers there are.</param>
    /// <param name="layer">Index and input of a layer -> its output, the input of the next.</param>
    /// <param name="loss">The loss of the last layer's output.</param>
    /// <param name="scale">Factor of the gradients, for accumulation.</param>
    /// <param name="seed">Of the blocks' dropout, which must fall the same way both times.</param>
    public static Tensor Backward(
        Tensor input, int layers, Func<int, Tensor, Tensor> layer, Func<Tensor, Tensor> loss, double scale, long seed)
    {
        using var scope = NewDisposeScope();
        List<Tensor> inputs = [input.detach()];
        using (no_grad())
        {
            for (var i = 0; i < layers; i++) inputs.Add(Applied(layer, inputs[i], seed, i));
        }
        var (value, gradient) = Gradient(inputs[^1], x => loss(x) * Scalars.Of(scale), null);
        for (var i = layers - 1; i >= 0; i--)
        {
            var number = i;
            (_, gradient) = Gradient(inputs[i], x => Applied(layer, x, seed, number), gradient);
        }
        if (input.requires_grad) input.backward([gradient]);
        return (value / Scalars.Of(scale)).MoveToOuterDisposeScope();
    }

    private static Tensor Applied(Func<int, Tensor, Tensor> layer, Tensor input, long seed, int number)
    {
        manual_seed(Seeds.Mix(seed, number));
        return layer(number, input);
    }

    /// <summary>
    /// The function's value and the gradient of its input, given that of its output; parameters'
    /// gradients are added on the way.
    /// </summary>
    private static (Tensor Value, Tensor Gradient) Gradient(
        Tensor input, Func<Tensor, Tensor> function, Tensor? outputGradient)
    {
        using var scope = NewDisposeScope();
        var x = input.detach().requires_grad_(true);
        var y = function(x);
        if (outputGradient is null) y.backward();
        else y.backward([outputGradient]);
        return (y.detach().MoveToOuterDisposeScope(), x.grad!.MoveToOuterDisposeScope());
    }
}
