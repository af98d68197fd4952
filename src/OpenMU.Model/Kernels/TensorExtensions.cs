// TensorExtensions.cs - sums, products and squares whose scalars stay alive (see Scalars.cs).
// PyTorch's own spelling cannot be made safe: C# prefers an applicable instance method or user-defined operator to any
// extension, and TorchSharp's are always applicable (add(Tensor) makes its alpha itself; add(Scalar) and mul(Scalar)
// take any number by implicit conversion). An extension add(double) would never be called. So these carry the names of
// ATen's overloads (add.Tensor, add.Scalar, mul.Scalar, ...), and TorchSharp's own spelling stays a compile error.
using static TorchSharp.torch;

namespace OpenMU.Model.Kernels;

/// <summary>
/// Arithmetic between tensors and numbers. Type promotion is PyTorch's: an integer never
/// changes the type of a tensor.
/// </summary>
internal static class TensorExtensions
{
    extension(Tensor x)
    {
        /// <summary>x + y.</summary>
        public Tensor add_tensor(Tensor y) => x.add(y, Scalars.One);

        /// <summary>x + value.</summary>
        public Tensor add_scalar(double value) => x.add(Scalars.Of(value), Scalars.One);

        /// <inheritdoc cref="extension(Tensor).add_scalar(double)"/>
        public Tensor add_scalar(long value) => x.add(Scalars.Of(value), Scalars.One);

        /// <summary>x - value.</summary>
        public Tensor sub_scalar(double value) => x - Scalars.Of(value);

        /// <inheritdoc cref="extension(Tensor).sub_scalar(double)"/>
        public Tensor sub_scalar(long value) => x - Scalars.Of(value);

        /// <summary>x * value.</summary>
        public Tensor mul_scalar(double value) => x * Scalars.Of(value);

        /// <inheritdoc cref="extension(Tensor).mul_scalar(double)"/>
        public Tensor mul_scalar(long value) => x * Scalars.Of(value);

        /// <summary>x / value; integers divide to float32.</summary>
        public Tensor div_scalar(double value) => x / Scalars.Of(value);

        /// <inheritdoc cref="extension(Tensor).div_scalar(double)"/>
        public Tensor div_scalar(long value) => x / Scalars.Of(value);

        /// <summary>x * x: square() without the exponent that TorchSharp makes for it.</summary>
        public Tensor pow2() => x.mul(x);
    }
}
