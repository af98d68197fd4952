using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using OpenMU.Training.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Pretraining;

public sealed class MaskedAutoencoderTests : IDisposable
{
    private static readonly AudioMaeConfig Encoder = GoldenModels.Audio("audiomae/mae_config.json");
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> golden = Golden.Tensors("audiomae/mae_golden.safetensors");
    private readonly System.Text.Json.Nodes.JsonNode json = Golden.Json("audiomae/mae_config.json");
    private readonly SafeTensors weights = SafeTensors.Open(Golden.PathOf("audiomae/mae.safetensors"));
    private readonly MaskedAutoencoder model;

    public MaskedAutoencoderTests() => model = Build();

    public void Dispose()
    {
        model.Dispose();
        weights.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Random_masking_keeps_the_patches_with_the_least_noise()
    {
        var mask = Mask();
        mask.Keep.ShouldBeCloseTo(golden["ids_keep"], 0);
        mask.Restore.ShouldBeCloseTo(golden["ids_restore"], 0);
        mask.Removed.ShouldBeCloseTo(golden["mask"], 0);
    }

    [Fact]
    public void Two_dimensional_masking_hides_whole_times_and_whole_frequencies()
    {
        var mask = PatchMask.TimeAndFrequency(
            golden["noise2d_t"], golden["noise2d_f"], json["mask_t_prob"]!.GetValue<double>(),
            json["mask_f_prob"]!.GetValue<double>());
        mask.Removed.ShouldBeCloseTo(golden["mask2d"], 0);
        mask.Restore.ShouldBeCloseTo(golden["ids_restore2d"], 0);
        model.KeptPatches(Pictures(), mask).pow2().sum(-1).sqrt().ShouldBeCloseTo(golden["x_masked2d_l2"], 1e-3);
    }

    [Fact]
    public void Encoder_decoder_and_losses_give_the_reference_numbers()
    {
        using var _ = no_grad();
        var (pictures, mask) = (Pictures(), Mask());
        var latent = model.Encode(pictures, mask);
        latent.ShouldBeCloseTo(golden["latent"], 2e-4);
        var prediction = model.Decode(latent, mask);
        var (rows, some) = golden.Named("pred_rows_");
        prediction.RowsNamed(rows, 1).ShouldBeCloseTo(some, 2e-4);
        prediction.mean([2]).ShouldBeCloseTo(golden["pred_mean"], 2e-4);
        (rows, some) = golden.Named("target_rows_");
        model.Patchify(pictures).RowsNamed(rows, 1).ShouldBeCloseTo(some, 1e-6);
        model.Loss(pictures, prediction, mask, normalise: true).view(1).ShouldBeCloseTo(golden["loss_norm_pix"], 1e-4);
        model.Loss(pictures, prediction, mask, normalise: false).view(1).ShouldBeCloseTo(golden["loss_raw"], 1e-4);
    }

    [Fact]
    public void Gradients_of_the_loss_are_those_of_the_reference()
    {
        var norms = Golden.Json("audiomae/mae_grad_norms.json").AsObject();
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var name in norms.Select(norm => norm.Key)) parameters[name].requires_grad = true;

        model.call(Pictures(), Mask()).Loss.backward();

        foreach (var (name, norm) in norms)
        {
            parameters[name].grad!.norm().item<float>()
                .Should().BeApproximately(norm!.GetValue<float>(), 1e-4f + 1e-3f * norm.GetValue<float>(), name);
        }
        parameters["decoder_pred.weight"].grad!.ShouldBeCloseTo(golden["grad_decoder_pred_weight"], 1e-4);
        parameters["mask_token"].grad!.ShouldBeCloseTo(golden["grad_mask_token"], 1e-4);
        parameters["patch_embed.proj.bias"].grad!.ShouldBeCloseTo(golden["grad_patch_embed_bias"], 1e-4);
    }

    [Fact]
    public void Every_tensor_of_the_checkpoint_has_its_place()
    {
        var source = WeightSource.From(weights);
        using var again = Build(source);
        source.RequireNoUnexpectedKeys();
        again.state_dict().Keys.Should().BeEquivalentTo(weights.Entries.Keys);
    }

    private MaskedAutoencoder Build(WeightSource? source = null) => new(Encoder,
        new()
        {
            EmbedDim = json.Int("decoder_embed_dim"),
            Depth = json.Int("decoder_depth"),
            NumHeads = json.Int("decoder_num_heads"),
            NormPixLoss = json["norm_pix_loss"]!.GetValue<bool>()
        },
        source ?? WeightSource.From(weights));

    private PatchMask Mask() => PatchMask.Random(golden["noise"], json["mask_ratio"]!.GetValue<double>());

    private Tensor Pictures()
    {
        var frames = golden["img0_rule"].data<long>().ToArray();
        return GoldenModels.Pictures(Golden.Tensors("audiomae/golden.safetensors"))[
            .., .., (int)frames[0]..(int)frames[1]];
    }
}
