using OpenMU.Model.Kernels;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>Initialisations of new parameters: shape and generator in, tensor of that shape out.</summary>
public static class Initializers
{
    public static Tensor Zeros(long[] shape, Generator generator) => zeros(shape);

    public static Tensor Ones(long[] shape, Generator generator) => ones(shape);

    /// <summary>Normal with mean 0.</summary>
    public static Func<long[], Generator, Tensor> Normal(double deviation)
        => (shape, generator) => randn(shape, generator: generator).mul_scalar(deviation);

    /// <summary>
    /// Xavier uniform: within +-sqrt(6 / (fan in + fan out)). A convolution counts as a matrix of (outputs, everything
    /// else), as in AudioMAE's models_mae.py.
    /// </summary>
    public static Tensor Xavier(long[] shape, Generator generator)
    {
        var (rows, columns) = (shape[0], shape[1..].Aggregate(1L, (product, size) => product * size));
        return Uniform(shape, generator).mul_scalar(Math.Sqrt(6.0 / (rows + columns)));
    }

    /// <summary>Uniform within +-1/sqrt(fan in): PyTorch's default for linear layers and PEFT's for lora_A.</summary>
    public static Tensor FanIn(long[] shape, Generator generator)
        => Uniform(shape, generator).div_scalar(Math.Sqrt(shape[^1]));

    /// <summary>Uniform in [-1, 1).</summary>
    private static Tensor Uniform(long[] shape, Generator generator)
        => rand(shape, generator: generator).mul_scalar(2).sub_scalar(1);
}
