using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

public sealed class RandomWeightsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_random_model_can_be_held_in_eight_bits()
    {
        using var _ = no_grad();
        using var exact = new Llama(GoldenModels.Llama(), WeightSource.Random(1));
        using var packed = new Llama(GoldenModels.Llama(), WeightSource.Random(1).StoringMatricesAs(int8));
        var x = exact.Embed(tensor(new long[] { 1, 2, 3 }));

        packed.Embed(tensor(new long[] { 1, 2, 3 })).ShouldBeCloseTo(x, 0.001);
    }

    [Fact]
    public void The_published_shape_has_the_published_number_of_parameters_and_costs_no_memory_to_plan()
    {
        var plan = ModelPlan.Of(OpenMuConfig.Full);
        plan
            .Where(tensor => !tensor.Key.Contains("vision_tower", StringComparison.Ordinal)
                && !tensor.Key.Contains("mm_projector", StringComparison.Ordinal))
            .Sum(tensor => tensor.Count)
            .Should().Be(8_030_261_248);
        plan.Where(tensor => tensor.Key.Contains("mm_projector", StringComparison.Ordinal)).Sum(tensor => tensor.Count)
            .Should().Be(19_931_136);
        var tower = ModelPlan.Of(OpenMuConfig.Full, ["model.vision_tower.mae.head.weight"])
            .Where(tensor => tensor.Key.Contains("vision_tower", StringComparison.Ordinal)).ToArray();
        tower.Should().HaveCount(152);
        tower.Where(tensor => !tensor.Key.EndsWith("pos_embed", StringComparison.Ordinal)).Sum(tensor => tensor.Count)
            .Should().Be(85_659_407);
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_seed_another()
    {
        string Version(string name, long seed)
        {
            var folder = Path.Combine(root, name);
            RandomWeights.Write(folder, OpenMuConfig.Tiny, seed, bfloat16);
            return FolderReport.Of(folder).Version[(name.Length + 1)..];
        }
        var first = Version("a", 1);
        Version("b", 1).Should().Be(first);
        Version("c", 2).Should().NotBe(first);
    }

    [Fact]
    public void A_matrix_larger_than_a_block_has_the_spread_of_its_rule_in_every_row()
    {
        var embedding = RandomWeights.Of(RandomWeights.Shapes["1b"], 1, bfloat16)
            .First(tensor => tensor.Key == "model.embed_tokens.weight");
        embedding.Bytes.Should().BeGreaterThan(100 << 20);
        var (first, later) = (embedding.Rows(0, 256), embedding.Rows(4096, 256));
        foreach (var rows in new[] { first, later }) rows.std().item<float>().Should().BeApproximately(0.02f, 0.0005f);
        first.equal(later).all().item<bool>().Should().BeFalse();
    }

    [Fact]
    public void Numbers_are_gone_as_soon_as_they_are_written()
    {
        var tensors = RandomWeights.Of(OpenMuConfig.Tiny, 1, bfloat16);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (var tensor in tensors)
            tensor.Blocks().Sum(block => block.numel()).Should().Be(tensor.Count, tensor.Key);
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Fact]
    public void A_random_model_opens_and_writes()
    {
        var folder = Path.Combine(root, "tiny");
        RandomWeights.Write(folder, OpenMuConfig.Tiny, 1, bfloat16);
        using var opened = ModelFolder.Open(folder, keepTypes: true);
        using var generator = new TextGenerator(opened.Model);
        var text = generator.Submit(
            new([opened.Config.Llama.BosTokenId, .. opened.Tokenizer.Encode("hm")], []),
            new() { MaxNewTokens = 3, StopIds = [-1] });
        generator.Complete(text);
        text.Tokens.Should().HaveCount(3);
    }

    [Fact]
    public void A_model_of_repeated_numbers_is_one_of_the_same_shape_whose_rows_differ()
    {
        var folder = Path.Combine(root, "quick");
        RandomWeights.Write(folder, OpenMuConfig.Tiny, 1, bfloat16, repeating: true);
        FolderReport.Of(folder).Parameters.Should().Be(ModelPlan.Of(OpenMuConfig.Tiny).Sum(tensor => tensor.Count));
        using var opened = ModelFolder.Open(folder, keepTypes: true);
        var rows = opened.Model.Llama.Embed(tensor([1L, 2, 4000]));
        rows.to(float32).std().item<float>().Should().BeApproximately(0.02f, 0.002f);
        rows[0].equal(rows[1]).all().item<bool>().Should().BeFalse();
        rows[0].equal(rows[2]).all().item<bool>().Should().BeFalse();
    }

    [Fact]
    public void A_report_names_the_parts_and_finds_a_changed_byte()
    {
        var folder = Path.Combine(root, "tiny");
        RandomWeights.Write(folder, OpenMuConfig.Tiny, 1, bfloat16);
        var read = 0L;
        var report = FolderReport.Of(folder, bytes => read += bytes);
        report.Parts.Select(part => part.Part).Should().BeEquivalentTo("audio tower", "projector", "language model");
        report.Parameters.Should().Be(ModelPlan.Of(OpenMuConfig.Tiny).Sum(tensor => tensor.Count));
        read.Should().Be(report.Bytes).And.Be(2 * report.Parameters);
        using (var file = File.Open(Path.Combine(folder, "model.safetensors"), FileMode.Open))
        {
            file.Position = file.Length - 1000;
            var old = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(old ^ 1));
        }
        FluentActions.Invoking(() => FolderReport.Of(folder, _ => { }))
            .Should().Throw<InvalidDataException>().WithMessage("*model.safetensors is damaged*");
        FolderReport.Of(folder).Parameters.Should().Be(report.Parameters);
    }
}
