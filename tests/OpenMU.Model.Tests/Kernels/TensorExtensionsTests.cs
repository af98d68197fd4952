using System.Reflection;
using System.Reflection.Emit;
using FluentAssertions;
using OpenMU.Model.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Kernels;

public class TensorExtensionsTests
{
    [Fact]
    public void Sums_and_products_with_numbers_are_those_of_torch()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, -2f, 3f });
        Floats(x.add_tensor(x)).Should().Equal(2, -4, 6);
        Floats(x.add_scalar(0.5)).Should().Equal(1.5f, -1.5f, 3.5f);
        Floats(x.sub_scalar(0.5)).Should().Equal(0.5f, -2.5f, 2.5f);
        Floats(x.mul_scalar(0.5)).Should().Equal(0.5f, -1, 1.5f);
        Floats(x.div_scalar(2)).Should().Equal(0.5f, -1, 1.5f);
        Floats(x.pow2()).Should().Equal(1, 4, 9);
        Floats(Scalars.arange(3, float32)).Should().Equal(0, 1, 2);
    }

    [Fact]
    public void An_integer_leaves_a_tensor_of_integers_what_it_is()
    {
        using var scope = NewDisposeScope();
        var x = Scalars.arange(3);
        foreach (var result in new[] { x.add_tensor(x), x.add_scalar(1), x.sub_scalar(1), x.mul_scalar(2), x.pow2() })
            result.dtype.Should().Be(int64);
        x.mul_scalar(0.5).dtype.Should().Be(float32);
        x.div_scalar(2).dtype.Should().Be(float32);
    }

    [Fact]
    public void A_number_is_the_same_scalar_each_time()
    {
        Scalars.Of(0.25).Should().BeSameAs(Scalars.Of(0.25));
        Scalars.Of(7).Should().BeSameAs(Scalars.Of(7));
        Scalars.Of(7).Type.Should().Be(ScalarType.Int64);
        Scalars.Of(0.25).Type.Should().Be(ScalarType.Float64);
    }

    /// <summary>A newer TorchSharp that lets further numbers slip in beside tensors must not go unnoticed.</summary>
    [Fact]
    public void Every_way_in_which_TorchSharp_makes_a_scalar_of_a_number_is_banned()
    {
        var conversions = typeof(Scalar).GetMethods()
            .Where(method => method.Name == "op_Implicit" && method.ReturnType == typeof(Scalar))
            .Select(method => $"M:TorchSharp.Scalar.op_Implicit({Names(method)})~TorchSharp.Scalar");
        var operators = typeof(Tensor).GetMethods()
            .Where(method => method.Name.StartsWith("op_", StringComparison.Ordinal)
                && method.GetParameters() is { Length: 2 } sides
                && sides.Any(side => side.ParameterType.IsPrimitive)
                && sides.Any(side => side.ParameterType == typeof(Tensor)))
            .Select(method => $"M:TorchSharp.torch.Tensor.{method.Name}({Names(method)})");
        var extensions = typeof(ScalarExtensionMethods).GetMethods()
            .Where(method => method.Name == "ToScalar" && method.IsStatic)
            .Select(method => $"M:TorchSharp.ScalarExtensionMethods.ToScalar({Names(method)})");
        string[] needed = [.. conversions, .. operators, .. extensions];
        needed.Should().HaveCountGreaterThan(50);
        needed.Except(Banned()).Should().BeEmpty();
    }

    /// <summary>What TorchSharp does inside is found in its own code: who calls a conversion to a scalar.</summary>
    [Fact]
    public void Whatever_of_TorchSharp_makes_a_scalar_inside_is_banned()
    {
        MethodBase[] makers = [.. typeof(Scalar).Assembly.GetTypes()
            // A script's numbers are made into scalars beforehand (AdamW.Call).
            .Where(type => type != typeof(Scalar) && type != typeof(jit.ScriptModule))
            .SelectMany(type => type.GetMembers(Declared).OfType<MethodBase>())
            .Where(MakesScalar)];
        makers.Should().HaveCountGreaterThan(100);
        var allowed = makers.Where(method => !IsBanned(method))
            .Select(method => $"M:{Name(method.DeclaringType!)}.{method.Name}({Names(method)})");
        string.Join('\n', allowed).Should().BeEmpty();
    }

    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Static | BindingFlags.Instance;

    private static HashSet<string> Banned() =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "BannedSymbols.Scalars.txt"))
            .Select(line => line.Split(';')[0])];

    private static bool MakesScalar(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        return Enumerable.Range(0, Math.Max(code.Length - 4, 0)).Any(at =>
            code[at] == OpCodes.Call.Value && IsConversion(BitConverter.ToInt32(code, at + 1)));

        // Where the byte is part of another instruction the number behind it names anything or nothing.
        bool IsConversion(int token)
        {
            if (token >> 24 is not (0x06 or 0x0a)) return false;
            try
            {
                return method.Module.ResolveMethod(token) is MethodInfo { IsStatic: true, Name: "op_Implicit" or "ToScalar" }
                    called && called.ReturnType == typeof(Scalar);
            }
            catch (Exception error) when (error is ArgumentException or BadImageFormatException)
            {
                return false;
            }
        }
    }

    private static bool IsBanned(MethodBase method)
    {
        var banned = Banned();
        var name = $"M:{Name(method.DeclaringType!)}.{method.Name}";
        return banned.Contains($"{name}({Names(method)})")
            || (method.GetParameters().Length == 0 && banned.Contains(name))
            || IsBannedType(method.DeclaringType);

        // A distribution or an optimiser is banned by the class that makes it, which its base type is nested in.
        bool IsBannedType(Type? type) => type is not null
            && (banned.Contains($"T:{Name(type)}") || IsBannedType(type.DeclaringType) || IsBannedType(type.BaseType));
    }

    private static float[] Floats(Tensor tensor) => tensor.data<float>().ToArray();

    /// <summary>The parameters as a documentation id spells them, which is how the list names its symbols.</summary>
    private static string Names(MethodBase method)
        => string.Join(',', method.GetParameters().Select(parameter => Name(parameter.ParameterType)));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.FullName!.Split('`')[0]}{{{string.Join(',', type.GetGenericArguments().Select(Name))}}}"
        : type.FullName!.Replace('+', '.');
}
