using OpenMU.Model.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// Where a module's parameters come from while it is built: a checkpoint, or fresh random numbers. A module asks for each of its keys with
/// the shape it needs, so a missing or misshapen tensor is an error that names the key, and nothing is allocated twice.
/// </summary>
public sealed class WeightSource
{
    private readonly Func<string, Tensor?>? find;
    private readonly Func<IEnumerable<string>> allKeys;
    private readonly HashSet<string> taken;
    private readonly string prefix;
    private readonly Generator? generator;

    private WeightSource(Func<string, Tensor?>? find, Func<IEnumerable<string>> allKeys, HashSet<string> taken, string prefix, Generator? generator)
        => (this.find, this.allKeys, this.taken, this.prefix, this.generator) = (find, allKeys, taken, prefix, generator);

    public Device Device { get; init; } = CPU;

    /// <summary>The type of activations and of all small parameters: float32 on a CPU, bfloat16 on CUDA.</summary>
    public ScalarType ComputeType { get; init; } = float32;

    /// <summary>
    /// The type in which the language model's matrices stay; null keeps the stored one, without a copy where it lies in a memory map.
    /// </summary>
    public ScalarType? MatrixType { get; init; } = float32;

    /// <summary>Also looks for infinities and NaN in matrices that stay in their map, which reads them all; what is copied is always checked.</summary>
    public bool ChecksMaps { get; init; }

    private List<PlannedTensor>? Plan { get; init; }

    private bool HasEverything { get; init; }

    /// <summary>The file a key comes from, for messages.</summary>
    private Func<string, string?> FileOf { get; init; } = _ => null;

    /// <summary>Parameters from a checkpoint.</summary>
    /// <param name="find">The tensor of a key, or null. Its result may be a view on a map that must then outlive the model.</param>
    /// <param name="keys">All keys there are, for <see cref="RequireAllTaken"/>.</param>
    /// <param name="type">The type of activations and parameters.</param>
    public static WeightSource From(Func<string, Tensor?> find, Func<IEnumerable<string>> keys, ScalarType type = ScalarType.Float32) => new(find, keys, [], "", null) { ComputeType = type, MatrixType = type };

    /// <summary>Parameters from named tensors in memory, for example a checkpoint of another format. They are copied.</summary>
    public static WeightSource From(IReadOnlyDictionary<string, Tensor> tensors)
        => From(key => tensors.TryGetValue(key, out var tensor) ? tensor.alias() : null, () => tensors.Keys);

    /// <summary>Parameters on the maps of these files.</summary>
    public static WeightSource From(params IReadOnlyList<SafeTensors> files)
        => new(key => files.FirstOrDefault(file => file.Entries.ContainsKey(key))?.View(key), () => files.SelectMany(file => file.Entries.Keys), [], "", null)
        {
            FileOf = key => files.FirstOrDefault(file => file.Entries.ContainsKey(key))?.Path ?? string.Join(", ", files.Select(file => file.Path)),
        };

    /// <summary>Fresh parameters, each by the rule its module names.</summary>
    public static WeightSource Fresh(long seed) => new(null, () => [], [], "", new Generator((ulong)seed));

    /// <summary>Tensors without numbers: what a module asks for is written down.</summary>
    /// <param name="plan">Receives it.</param>
    /// <param name="everything">Optional parts are asked for as well.</param>
    internal static WeightSource Recording(List<PlannedTensor> plan, bool everything = false) => new(null, () => [], [], "", null) { Plan = plan, HasEverything = everything, Device = META };

    /// <summary>The same source below a key: <c>Under("blocks.0")</c> finds "norm1.weight" as "blocks.0.norm1.weight".</summary>
    public WeightSource Under(string name) => Copy($"{prefix}{name}.", Device, ComputeType, MatrixType, ChecksMaps);

    /// <summary>The same source, whose large matrices keep the type they are stored in and stay in the memory map they lie in.</summary>
    public WeightSource KeepingTypes() => StoringMatricesAs(null);

    /// <summary>The same source, whose large matrices are stored in this type.</summary>
    public WeightSource StoringMatricesAs(ScalarType? type) => Copy(prefix, Device, ComputeType, type, ChecksMaps);

    /// <summary>The same source for another device, where activations, parameters and matrices have this type.</summary>
    public WeightSource On(Device device, ScalarType type) => Copy(prefix, device, type, type, ChecksMaps);

    /// <summary>The same source, which reads even matrices that stay in their map once, to find infinities and NaN.</summary>
    public WeightSource CheckingMaps() => Copy(prefix, Device, ComputeType, MatrixType, true);

    public bool Has(string key) => HasEverything || (find is not null && allKeys().Contains(prefix + key));

    /// <summary>A parameter in <see cref="ComputeType"/>.</summary>
    public Parameter Take(string key, Func<long[], Generator, Tensor> fresh, params long[] shape) => Take(key, ComputeType, fresh, shape);

    /// <summary>A large matrix in <see cref="MatrixType"/>.</summary>
    public Parameter TakeMatrix(string key, Func<long[], Generator, Tensor> fresh, params long[] shape) => Take(key, MatrixType, fresh, shape);

    /// <exception cref="InvalidDataException">The checkpoint has keys that nothing asked for.</exception>
    public void RequireAllTaken()
    {
        var surplus = allKeys().Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !taken.Contains(key)).Order(StringComparer.Ordinal).ToArray();
        if (surplus.Length > 0) throw new InvalidDataException($"The weights{(FileOf(surplus[0]) is { } file ? $" of {file}" : "")} hold {surplus.Length} tensors that the model does not have: {string.Join(", ", surplus.Take(5))}{(surplus.Length > 5 ? ", ..." : "")}.");
    }

    private WeightSource Copy(string newPrefix, Device device, ScalarType computeType, ScalarType? matrixType, bool checksMaps) => new(find, allKeys, taken, newPrefix, generator)
    {
        Device = device,
        ComputeType = computeType,
        MatrixType = matrixType,
        ChecksMaps = checksMaps,
        Plan = Plan,
        HasEverything = HasEverything,
        FileOf = FileOf,
    };

    private Parameter Take(string key, ScalarType? type, Func<long[], Generator, Tensor> fresh, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor tensor;
        if (Plan is not null)
        {
            Plan.Add(new(prefix + key, shape, fresh));
            tensor = empty(shape, type ?? ComputeType, Device);
        }
        else if (find is null)
        {
            tensor = fresh(shape, generator!).to(type ?? ComputeType, Device);
        }
        else
        {
            var name = prefix + key;
            var place = FileOf(name) is { } file ? $" of {file}" : "";
            var stored = find(name) ?? throw new InvalidDataException($"The weights{place} lack the tensor '{name}'.");
            if (!stored.shape.SequenceEqual(shape)) throw new InvalidDataException($"The tensor '{name}'{place} has the shape [{string.Join(", ", stored.shape)}]; the model needs [{string.Join(", ", shape)}].");
            if ((type is not null || ChecksMaps) && !Finite.All(stored)) throw new InvalidDataException($"The tensor '{name}'{place} holds infinities or NaN.");
            taken.Add(name);
            // Matrices may stay where they are; everything else is copied, so that training never writes into a map.
            tensor = type is null ? stored.to(Device) : stored.to(type.Value, Device, copy: true);
        }
        return new Parameter(tensor.DetachFromDisposeScope(), requires_grad: false);
    }
}

/// <summary>Rules for fresh parameters.</summary>
public static class Fresh
{
    public static Tensor Zeros(long[] shape, Generator generator) => zeros(shape);

    public static Tensor Ones(long[] shape, Generator generator) => ones(shape);

    public static Func<long[], Generator, Tensor> Normal(double deviation) => (shape, generator) => randn(shape, generator: generator) * Scalars.Of(deviation);

    /// <summary>Uniform within +-sqrt(6 / (fan in + fan out)); a convolution counts as the matrix it is (AudioMAE's initialisation).</summary>
    public static Tensor Xavier(long[] shape, Generator generator)
    {
        var (rows, columns) = (shape[0], shape[1..].Aggregate(1L, (product, size) => product * size));
        return (rand(shape, generator: generator) * Scalars.Of(2) - Scalars.Of(1)) * Scalars.Of(Math.Sqrt(6.0 / (rows + columns)));
    }

    /// <summary>Uniform within +-1/sqrt(fan in): PyTorch's default for linear layers and PEFT's for lora_A.</summary>
    public static Tensor FanIn(long[] shape, Generator generator) => (rand(shape, generator: generator) * Scalars.Of(2) - Scalars.Of(1)) / Scalars.Of(Math.Sqrt(shape[^1]));
}
