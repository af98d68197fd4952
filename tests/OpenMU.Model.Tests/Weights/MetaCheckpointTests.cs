using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

public sealed class MetaCheckpointTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Metas_layout_gives_the_very_tensors_of_hugging_face()
    {
        var (config, checkpoint) = MetaCheckpoint.Open(Golden.PathOf("llama/meta"));
        using var _ = checkpoint;
        config.IntermediateSize.Should().Be(GoldenModels.Llama().IntermediateSize);
        var expected = Golden.Tensors("llama/hf-bf16/model.safetensors");
        checkpoint.Tensors.Select(tensor => tensor.Key).Should().BeEquivalentTo(expected.Keys);
        foreach (var tensor in checkpoint.Tensors)
            Numbers(tensor).ShouldBeCloseTo(expected[tensor.Key].flatten(), 0, tensor.Key);
    }

    [Fact]
    public void Rows_of_a_permuted_matrix_are_the_same_in_pieces_of_any_size()
    {
        var (_, checkpoint) = MetaCheckpoint.Open(Golden.PathOf("llama/meta"));
        using var _ = checkpoint;
        var query = checkpoint.Tensors.First(tensor => tensor.Key.EndsWith("q_proj.weight", StringComparison.Ordinal));
        var whole = query.Rows(0, query.Shape[0]);
        foreach (var size in new[] { 1, 5, 24 })
        {
            for (long row = 0; row < query.Shape[0]; row += size)
            {
                var count = Math.Min(size, query.Shape[0] - row);
                query.Rows(row, count).ShouldBeCloseTo(whole.narrow(0, row, count), 0, $"{count} rows from {row}");
            }
        }
    }

    [Theory]
    [InlineData("self_attn.o_proj.weight", 1)]
    [InlineData("self_attn.v_proj.weight", 0)]
    [InlineData("model.norm.weight", null)]
    public void Slices_of_several_files_are_joined_along_the_axis_they_were_cut(string name, int? cutAlong)
    {
        var (_, checkpoint) = MetaCheckpoint.Open(Golden.PathOf("llama/meta"));
        using var _ = checkpoint;
        var whole = checkpoint.Tensors.First(tensor => tensor.Key.EndsWith(name, StringComparison.Ordinal));
        var numbers = whole.Rows(0, whole.Shape[0]);
        NamedTensor[] slices = [.. (cutAlong is null ? [numbers, numbers] : numbers.chunk(2, cutAlong.Value))
            .Select(slice => NamedTensor.Of("slice", slice))];
        var joined = MetaCheckpoint.Join(whole.Key, slices, cutAlong);
        joined.Shape.Should().Equal(whole.Shape);
        Numbers(joined).ShouldBeCloseTo(numbers.flatten(), 0);
        joined.Rows(3, joined.Shape[0] - 4).ShouldBeCloseTo(numbers.narrow(0, 3, joined.Shape[0] - 4), 0);
    }

    private static Tensor Numbers(NamedTensor tensor) =>
        cat([.. tensor.Blocks().Select(block => block.flatten().clone())]);
}
