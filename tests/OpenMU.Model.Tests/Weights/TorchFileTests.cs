using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

public sealed class TorchFileTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    public void Both_formats_give_every_type_stride_and_offset(string format)
    {
        var golden = Golden.Tensors("audiomae/pickle/golden.safetensors");
        using var file = TorchFile.Open(Golden.PathOf($"audiomae/pickle/variants_{format}.pth"));
        var expected = golden.Where(pair => pair.Key.StartsWith("model.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key["model.".Length..], pair => pair.Value);
        file.Tensors.Keys.Should().BeEquivalentTo(expected.Keys);
        foreach (var (name, tensor) in expected)
        {
            var view = file.View(name);
            view.dtype.Should().Be(tensor.dtype, name);
            view.ShouldBeCloseTo(tensor, 0, name);
        }
        foreach (var tensor in file.NamedTensors())
        {
            tensor.Shape.Should().Equal(expected[tensor.Key].shape, tensor.Key);
            if (tensor.Count == 0) continue;
            var blocks = tensor.Blocks().Select(block => block.flatten().clone()).ToArray();
            cat(blocks).ShouldBeCloseTo(expected[tensor.Key].flatten(), 0, tensor.Key);
        }
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    public void Plain_containers_around_the_tensors_are_read_as_well(string format)
    {
        // What was put into the containers is not written elsewhere, so it is known of this repository's own file
        // alone.
        using var file = TorchFile.Open(Golden.PathInRepository($"audiomae/pickle/variants_{format}.pth"));
        using var golden = SafeTensors.Open(Golden.PathInRepository("audiomae/pickle/golden.safetensors"));
        var root = (PickleDictionary)file.Root!;
        root["epoch"].Should().Be(59L);
        root["lr"].Should().Be(2e-4);
        root["note"].Should().Be("π ok");
        root["flag"].Should().Be(true);
        root["none"].Should().BeNull();
        root["tuple"].Should().BeEquivalentTo(new object[] { 1L, "a", 2.5 });
        var arguments = root["args"].Should().BeOfType<PickleNamespace>().Subject;
        arguments.Should().ContainKeys("blr", "epochs", "mask_2d", "name");
        var optimizer = (PickleDictionary)root["optimizer"]!;
        var moment = (TorchTensor)((PickleDictionary)((PickleDictionary)optimizer["state"]!)["0"]!)["exp_avg"]!;
        file.View(moment).ShouldBeCloseTo(golden.Read("optimizer.state.0.exp_avg"), 0);
    }

    [Fact]
    public void Tensors_that_share_a_storage_share_their_memory()
    {
        using var file = TorchFile.Open(Golden.PathOf("audiomae/pickle/variants_zip.pth"));
        file.Tensors["transposed"].Storage.Should().Be(file.Tensors["shared_a"].Storage);
        file.View("transposed").t().ShouldBeCloseTo(file.View("shared_a"), 0);
    }

    [Fact]
    public void A_bare_dictionary_of_tensors_needs_no_wrapping()
    {
        using var file = TorchFile.Open(Golden.PathOf("audiomae/pickle/bare_state_dict_zip.pth"));
        file.Tensors.Should().NotBeEmpty();
        file.NamedTensors().Should().OnlyContain(tensor => Finite.All(file.View(tensor.Key)));
    }

    [Fact]
    public void The_audio_towers_checkpoint_holds_the_published_tensors()
    {
        using var file = TorchFile.Open(Golden.PathOf("audiomae/vitb_finetuned.pth"));
        var expected = Golden.Tensors("audiomae/model.bf16.safetensors");
        file.Tensors.Keys.Should().BeEquivalentTo(expected.Keys);
        foreach (var (name, tensor) in expected) file.View(name).ShouldBeCloseTo(tensor, 0, name);
    }

    [Fact]
    public void A_file_of_the_old_format_with_two_types_side_by_side_is_read()
    {
        using var file = TorchFile.Open(Golden.PathOf("audiomae/legacy_nonzip_block0_only.pth"));
        var expected = Golden.Tensors("audiomae/model.bf16.safetensors");
        file.Tensors.Values.Select(tensor => tensor.Type).Distinct().Should().BeEquivalentTo([float32, bfloat16]);
        foreach (var name in file.Tensors.Keys) file.View(name).ShouldBeCloseTo(expected[name], 0, name);
    }

    [Theory]
    [InlineData("multimodal/mm_projector.bin", "multimodal/projector.safetensors", "")]
    [InlineData("lora/adapter_model.bin", "lora/adapter_model.safetensors", "")]
    [InlineData("lora/non_lora_trainables.bin", null, "base_model.model.")]
    public void Projectors_and_adapters_are_read(string path, string? golden, string prefix)
    {
        using var file = TorchFile.Open(Golden.PathOf(path));
        if (golden is null)
        {
            file.Tensors.Keys.Should().BeEquivalentTo(
                Golden.Tensors("multimodal/projector.safetensors").Keys.Select(key => prefix + key));
            return;
        }
        var expected = Golden.Tensors(golden);
        file.Tensors.Keys.Should().BeEquivalentTo(expected.Keys);
        foreach (var (name, tensor) in expected) file.View(name).ShouldBeCloseTo(tensor, 0, name);
    }
}
