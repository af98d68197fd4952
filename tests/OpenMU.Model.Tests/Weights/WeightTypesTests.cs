using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

/// <summary>One checkpoint held, and stored, in each type.</summary>
public sealed class WeightTypesTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose()
    {
        noGrad.Dispose();
        scope.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [InlineData("midashenglm_qwen25")]
    [InlineData("midashenglm_qwen3")]
    [InlineData("moss_music")]
    public void A_folder_that_is_stored_as_int8_gives_the_numbers_of_one_that_is_held_as_int8(string family)
    {
        var (wide, narrow) = (Convert(family, float32), Convert(family, int8));

        Logits(narrow, null).ShouldBeCloseTo(Logits(wide, int8), 0);
        // Not those of float32, but close to them.
        Logits(wide, int8).allclose(Logits(wide, float32), 1e-6, 1e-6).Should().BeFalse();
        var error = (Logits(wide, int8) - Logits(wide, float32)).norm().item<float>();
        error.Should().BeLessThan(0.1f * Logits(wide, float32).norm().item<float>());
        FolderReport.Of(narrow, _ => { }).Bytes.Should().BeLessThan(FolderReport.Of(wide).Bytes / 2);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void A_narrower_type_in_memory_keeps_the_logits_to_its_digits(ScalarType type)
    {
        var folder = Convert("midashenglm_qwen3", float32);

        var exact = Logits(folder, float32);

        (Logits(folder, type) - exact).norm().item<float>().Should().BeLessThan(0.05f * exact.norm().item<float>());
    }

    [Fact]
    public void Texts_may_take_a_quarter_of_the_free_memory_together_and_never_less_than_a_few_need()
    {
        // The published model: 32 layers, 8 key heads of 128 numbers, 2 bytes each, keys and values.
        const long Position = 2L * 32 * 8 * 128 * 2;
        int Positions(long? free) => MemoryPlan.CachePositions(OpenMuConfig.Full, bfloat16, free);

        Positions(400_000 * Position).Should().Be(100_000);
        Positions(1000 * Position).Should().Be(16_384);
        Positions(null).Should().Be(16_384);
        Positions(long.MaxValue).Should().Be(262_144);
    }

    [Fact]
    public void A_model_that_does_not_fit_is_refused_with_the_type_that_would_fit()
    {
        var plan = MemoryPlan.Of(OpenMuConfig.Full);
        var (bf16, packed) = (plan.Bytes(bfloat16, isGpu: false), plan.Bytes(int8, isGpu: false));

        packed.Should().BeInRange(bf16 / 2, (long)(0.6 * bf16));
        Requiring(bfloat16, "cpu", bf16).Should().NotThrow();
        Requiring(bfloat16, "cpu", null).Should().NotThrow("nothing is known");
        Requiring(bfloat16, "cpu", bf16 - 1).Should().Throw<InvalidDataException>()
            .Which.Message.Should().Contain("--type int8").And.Contain("as bf16").And.NotContain("\n");
        Requiring(float32, "cpu", bf16).Should().Throw<InvalidDataException>().WithMessage("*--type bf16*");
        Requiring(bfloat16, "cpu", packed - 1).Should().Throw<InvalidDataException>().WithMessage("*a smaller model*");
        Requiring(bfloat16, "cuda:0", packed).Should().Throw<InvalidDataException>().WithMessage("*--type int8*");
        plan.Bytes(int8, isGpu: true).Should().BeLessThan(packed, "all but the matrices is bfloat16 there");
        Requiring(bfloat16, "cuda:0", packed / 2).Should().Throw<InvalidDataException>()
            .WithMessage("*a smaller model*");

        Action Requiring(ScalarType type, string device, long? free) => () => plan.Require("m", type, device, free);
    }

    [Theory]
    [InlineData("", "", 8000L * 1024)]
    [InlineData("0::/box/inner", "box/memory.max=max;box/inner/memory.max=5000000;box/inner/memory.current=2000000", 3000000L)]
    [InlineData("0::/box/inner", "box/memory.max=5000000;box/memory.current=3000000;box/memory.stat=anon 5\ninactive_file 1000000",
        3000000L)]
    [InlineData("0::/host/path", "memory.max=100;memory.current=300", 0L)]
    [InlineData("4:cpu,memory:/box\n0::/", "memory/box/memory.limit_in_bytes=700;memory/box/memory.usage_in_bytes=200", 500L)]
    [InlineData("4:memory:/box", "memory/box/memory.limit_in_bytes=9223372036854771712;memory/box/memory.usage_in_bytes=2",
        8000L * 1024)]
    public void Free_memory_is_that_of_the_machine_or_less_where_a_control_group_allows_less(
        string groups, string files, long free)
    {
        Write("proc/meminfo", "MemTotal: 16000 kB\nMemAvailable:    8000 kB\n");
        Write("proc/self/cgroup", groups);
        foreach (var file in files.Split(';', StringSplitOptions.RemoveEmptyEntries))
            Write($"sys/fs/cgroup/{file.Split('=')[0]}", file.Split('=')[1]);

        DeviceMemory.FreeOfMachine(root).Should().Be(free);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private string Convert(string family, ScalarType type)
    {
        var output = Path.Combine(root, $"{family}-{type}");
        using var conversion = new Conversion(GoldenFamilies.Published(family, root), new() { Type = type });
        conversion.Write(output);
        return output;
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int8)]
    public void Of_two_models_in_one_process_each_rounds_as_it_was_opened_to(ScalarType type)
    {
        var path = Convert("midashenglm_qwen3", float32);
        var (exact, rounded) = (Logits(path, type), Logits(path, type, roundsToBf16: true));
        using var first = ModelFolder.Open(path, type: type);
        using var second = ModelFolder.Open(path, type: type, roundsToBf16: true);

        // Open side by side and used in turn, each has the numbers that it has alone.
        for (var i = 0; i < 2; i++)
        {
            Logits(first).ShouldBeCloseTo(exact, 0);
            Logits(second).ShouldBeCloseTo(rounded, 0);
        }

        rounded.allclose(exact, 1e-6, 1e-6).Should().BeFalse();
        (rounded - exact).norm().item<float>().Should().BeLessThan(0.05f * exact.norm().item<float>());
    }

    private static Tensor Logits(string path, ScalarType? type, bool roundsToBf16 = false)
    {
        using var folder = ModelFolder.Open(path, type: type, roundsToBf16: roundsToBf16);
        return Logits(folder);
    }

    private static Tensor Logits(ModelFolder folder)
    {
        var llama = folder.Model.Llama;
        var ids = arange(Scalars.Of(0), Scalars.Of(40), Scalars.Of(1), dtype: int64).unsqueeze(0);
        return llama.Logits(llama.Hidden(llama.Embed(ids))).clone();
    }
}
