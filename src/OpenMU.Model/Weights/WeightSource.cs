using OpenMU.Model.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace OpenMU.Model.Weights;

/// <summary>
/// Where a module's parameters come from while it is built: a checkpoint, or random initialisation. A module takes
/// each of its keys with the shape it needs, so a missing or misshapen tensor is an error that names the key, and
/// nothing is allocated twice.
/// </summary>
public sealed class WeightSource
{
    private readonly Func<string, Tensor?>? find;
    private readonly Func<IEnumerable<string>> allKeys;
    private readonly HashSet<string> taken;
    private readonly string prefix;
    private readonly Generator? generator;

    private WeightSource(
        Func<string, Tensor?>? find, Func<IEnumerable<string>> allKeys, HashSet<string> taken, string prefix,
        Generator? generator)
        => (this.find, this.allKeys, this.taken, this.prefix, this.generator) =
            (find, allKeys, taken, prefix, generator);

    public Device Device { get; init; } = CPU;

    /// <summary>The type of activations and of all small parameters: float32 on a CPU, bfloat16 on CUDA.</summary>
    public ScalarType ComputeType { get; init; } = float32;

    /// <summary>
    /// The type of the large matrices; null keeps the stored type, without a copy where the matrix lies in a memory
    /// map. Int8 packs them as <see cref="Int8Matrix"/> does.
    /// </summary>
    public ScalarType? MatrixType { get; init; } = float32;

    /// <summary>
    /// Whether matrices that stay in their memory map are also checked for infinities and NaN, which reads them all.
    /// Copies are always checked.
    /// </summary>
    public bool ChecksMaps { get; init; }

    /// <summary>
    /// Whether a model that is built of it multiplies bfloat16 matrices with many rows as the published models do:
    /// inputs and outputs rounded to bfloat16, sums float32. It pays where <see cref="Bf16Hardware.IsNative"/>; answers
    /// then differ in the last bits of bfloat16 from those of other processors, so whoever compares numbers leaves it
    /// off. Few rows, as in decoding, are never rounded: reading the matrix takes longer than multiplying it.
    /// </summary>
    public bool RoundsToBf16 { get; private init; }

    private List<PlannedTensor>? Plan { get; init; }

    private IReadOnlySet<string>? Present { get; init; }

    /// <summary>The file a key comes from, for messages.</summary>
    private Func<string, string?> FileOf { get; init; } = _ => null;

    /// <summary>Parameters from a checkpoint.</summary>
    /// <param name="find">The tensor of a key, or null. It may be a view of a memory map, which must then
    /// outlive the model.</param>
    /// <param name="keys">All keys of the checkpoint, for <see cref="RequireNoUnexpectedKeys"/>.</param>
    /// <param name="type">The type of activations and parameters.</param>
    public static WeightSource From(
        Func<string, Tensor?> find, Func<IEnumerable<string>> keys, ScalarType type = ScalarType.Float32)
        => new(find, keys, [], "", null) { ComputeType = type, MatrixType = type };

    /// <summary>Parameters from named tensors in memory, for example a converted checkpoint. They are copied.</summary>
    public static WeightSource From(IReadOnlyDictionary<string, Tensor> tensors)
        => From(key => tensors.TryGetValue(key, out var tensor) ? tensor.alias() : null, () => tensors.Keys);

    /// <summary>Parameters from memory-mapped files.</summary>
    public static WeightSource From(params IReadOnlyList<SafeTensors> files)
        => new(
            key => files.FirstOrDefault(file => file.Entries.ContainsKey(key))?.View(key),
            () => files.SelectMany(file => file.Entries.Keys), [], "", null)
        {
            FileOf = key => files.FirstOrDefault(file => file.Entries.ContainsKey(key))?.Path
                ?? string.Join(", ", files.Select(file => file.Path)),
        };

    /// <summary>Randomly initialised parameters, each by its module's initializer.</summary>
    public static WeightSource Random(long seed) => new(null, () => [], [], "", new Generator((ulong)seed));

    /// <summary>Tensors without numbers on torch's "meta" device; what a module takes is written to a list.</summary>
    /// <param name="plan">Receives it.</param>
    /// <param name="present">The keys of optional parts that are built too.</param>
    internal static WeightSource Recording(List<PlannedTensor> plan, IReadOnlySet<string>? present = null)
        => new(null, () => [], [], "", null) { Plan = plan, Present = present, Device = META };

    /// <summary>
    /// The same source below a key: <c>Under("blocks.0")</c> finds "norm1.weight" as "blocks.0.norm1.weight".
    /// </summary>
    public WeightSource Under(string name) => Copy($"{prefix}{name}.", Device, ComputeType, MatrixType, ChecksMaps);

    /// <summary>The same source, with large matrices in their stored type and left in their memory map.</summary>
    public WeightSource KeepingTypes() => StoringMatricesAs(null);

    /// <summary>The same source, with large matrices in this type.</summary>
    public WeightSource StoringMatricesAs(ScalarType? type) => Copy(prefix, Device, ComputeType, type, ChecksMaps);

    /// <summary>The same source for another device, with activations, parameters and matrices in this type.</summary>
    public WeightSource On(Device device, ScalarType type) => Copy(prefix, device, type, type, ChecksMaps);

    /// <summary>
    /// The same source, which also checks matrices that stay in their memory map for infinities and NaN.
    /// </summary>
    public WeightSource CheckingMaps() => Copy(prefix, Device, ComputeType, MatrixType, true);

    /// <summary>The same source, for a model that rounds as <see cref="RoundsToBf16"/> says.</summary>
    public WeightSource RoundingToBf16(bool rounds) =>
        Copy(prefix, Device, ComputeType, MatrixType, ChecksMaps, rounds);

    /// <summary>Whether the checkpoint has this key; false for random initialisation.</summary>
    public bool Has(string key)
        => Present?.Contains(prefix + key) ?? (find is not null && allKeys().Contains(prefix + key));

    /// <summary>A parameter in <see cref="ComputeType"/>.</summary>
    /// <param name="key">Its key below the prefix.</param>
    /// <param name="initializer">Makes it where there is no checkpoint.</param>
    /// <param name="shape">The shape it must have.</param>
    /// <exception cref="InvalidDataException">The checkpoint lacks it, or it has another shape,
    /// infinities or NaN.</exception>
    public Parameter Take(string key, Func<long[], Generator, Tensor> initializer, params long[] shape)
        => Take(key, ComputeType, initializer, shape);

    /// <summary>A large matrix in <see cref="MatrixType"/>.</summary>
    /// <inheritdoc cref="Take(string, Func{long[], Generator, Tensor}, long[])"/>
    public Parameter TakeMatrix(string key, Func<long[], Generator, Tensor> initializer, params long[] shape)
        => Take(key, MatrixType, initializer, shape, isMatrix: true);

    /// <exception cref="InvalidDataException">The checkpoint has keys that no module took.</exception>
    public void RequireNoUnexpectedKeys()
    {
        var surplus = allKeys().Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !taken.Contains(key))
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (surplus.Length == 0) return;
        var place = FileOf(surplus[0]) is { } file ? $" of {file}" : "";
        throw new InvalidDataException(
            $"The weights{place} hold {surplus.Length} tensors that the model does not have: "
            + $"{string.Join(", ", surplus.Take(5))}{(surplus.Length > 5 ? ", ..." : "")}.");
    }

    private WeightSource Copy(
        string newPrefix, Device device, ScalarType computeType, ScalarType? matrixType, bool checksMaps,
        bool? roundsToBf16 = null)
        => new(find, allKeys, taken, newPrefix, generator)
        {
            Device = device,
            ComputeType = computeType,
            MatrixType = matrixType,
            ChecksMaps = checksMaps,
            RoundsToBf16 = roundsToBf16 ?? RoundsToBf16,
            Plan = Plan,
            Present = Present,
            FileOf = FileOf,
        };

    private Parameter Take(
        string key, ScalarType? type, Func<long[], Generator, Tensor> initializer, long[] shape, bool isMatrix = false)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor tensor;
        if (Plan is not null)
        {
            Plan.Add(new(prefix + key, shape, initializer) { IsMatrix = isMatrix });
            tensor = empty(shape, type ?? ComputeType, Device);
        }
        else if (find is null)
        {
            var numbers = initializer(shape, generator!);
            tensor = type == int8 ? Int8Matrix.Of(numbers).to(Device) : numbers.to(type ?? ComputeType, Device);
        }
        else
        {
            tensor = Load(prefix + key, find, type, shape);
        }
        // What keeps its stored type may lie in a memory map, whose pages belong to the file.
        if (isMatrix && type is not null) HugePages.Use(tensor);
        return new Parameter(tensor.DetachFromDisposeScope(), requires_grad: false);
    }

    private Tensor Load(string name, Func<string, Tensor?> stored, ScalarType? type, long[] shape)
    {
        var place = FileOf(name) is { } file ? $" of {file}" : "";
        var tensor = stored(name) ?? throw new InvalidDataException($"The weights{place} lack the tensor '{name}'.");
        if (Int8Matrix.IsPacked(tensor.dtype, tensor.shape, shape))
        {
            taken.Add(name);
            return type is null or ScalarType.Int8
                ? tensor.to(Device)
                : Int8Matrix.Widened(tensor, shape[1]).to(type.Value, Device);
        }
        if (!tensor.shape.SequenceEqual(shape))
        {
            throw new InvalidDataException($"The tensor '{name}'{place} has the shape "
                + $"[{string.Join(", ", tensor.shape)}]; the model needs [{string.Join(", ", shape)}].");
        }
        if ((type is not null || ChecksMaps) && type != int8 && !Finite.All(tensor))
            throw new InvalidDataException($"The tensor '{name}'{place} holds infinities or NaN.");
        taken.Add(name);
        // Matrices may stay where they are. Everything else is copied, so that training never writes into a memory map.
        return type switch
        {
            null => tensor.to(Device),
            ScalarType.Int8 => Int8Matrix.Of(tensor).to(Device),
            _ => tensor.to(type.Value, Device, copy: true)
        };
    }
}
