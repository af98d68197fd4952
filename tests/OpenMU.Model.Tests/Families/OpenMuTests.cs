using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Families;

public sealed class OpenMuTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> golden = Golden.Tensors("multimodal/golden.safetensors");
    private readonly System.Text.Json.Nodes.JsonNode json = Golden.Json("multimodal/golden.json");
    private readonly OpenMu model = GoldenModels.OpenMu();

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Music_is_projected_as_in_the_reference()
    {
        using var noGrad = no_grad();
        var projected = stack(GoldenModels.Rows(json).Select(row => model.Project(row.Music[0])).ToArray());
        projected[0].ShouldBeCloseTo(golden["projected_clip0"], 1e-4);
        var (name, some) = golden.Named("projected_clip1_");
        projected[1].RowsNamed(name).ShouldBeCloseTo(some, 1e-4);
    }

    [Fact]
    public void Rows_are_spliced_and_padded_on_the_right_as_in_the_reference()
    {
        using var noGrad = no_grad();
        var batch = model.Splice(GoldenModels.Rows(json));
        batch.Mask.ShouldBeCloseTo(golden["spliced_attention_mask"], 0);
        batch.Labels.ShouldBeCloseTo(golden["spliced_labels"], 0);
        Norms(batch).ShouldBeCloseTo(golden["spliced_embeds_l2"], 1e-3);
        var (name, some) = golden.Named("spliced_embeds_rows_");
        batch.Embeddings.RowsNamed(name, 1).ShouldBeCloseTo(some, 1e-4);
    }

    [Fact]
    public void Logits_and_loss_of_the_batch_are_those_of_the_reference()
    {
        using var noGrad = no_grad();
        var batch = model.Splice(GoldenModels.Rows(json));
        var logits = model.Logits(batch);
        var positions = golden["logit_positions"];
        var real = batch.Mask.index_select(1, positions).unsqueeze(2).to(float32);
        (logits.index_select(1, positions) * real).ShouldBeCloseTo(golden["logits_at_positions"] * real, 5e-4);
        var mask = batch.Mask.to(float32);
        (logits.logsumexp(-1) * mask).ShouldBeCloseTo(golden["logits_lse_all"] * mask, 5e-4);
        (logits.argmax(-1) * batch.Mask).ShouldBeCloseTo(golden["logits_argmax_all"] * batch.Mask, 0);
        model.Loss(batch).view(1).ShouldBeCloseTo(golden["loss_batch_mean"], 1e-4);
    }

    [Fact]
    public void A_row_alone_gives_the_same_logits_as_in_the_batch()
    {
        using var noGrad = no_grad();
        var rows = GoldenModels.Rows(json);
        for (var i = 0; i < rows.Count; i++)
            model.Logits(model.Splice([rows[i]]))[0, ^1].ShouldBeCloseTo(golden[$"single{i}_last_logits"], 5e-4);
    }

    [Fact]
    public void Rows_are_cut_at_the_longest_length_after_splicing()
    {
        using var noGrad = no_grad();
        var shape = golden.Named("trunc", "_shape").Value.data<long>().ToArray();
        var batch = model.Splice(GoldenModels.Rows(json), maxLength: (int)shape[1]);
        batch.Embeddings.shape.Should().Equal(shape);
        Norms(batch).ShouldBeCloseTo(golden.Named("trunc", "_l2").Value, 1e-3);
    }

    [Fact]
    public void Padding_on_the_left_is_that_of_the_reference_and_counts_from_the_first_real_token()
    {
        using var noGrad = no_grad();
        var rows = GoldenModels.Rows(json);
        var batch = model.Splice(rows, padLeft: true);
        batch.Mask.ShouldBeCloseTo(golden["leftpad_attention_mask"], 0);
        batch.Labels.ShouldBeCloseTo(golden["leftpad_labels"], 0);
        Norms(batch).ShouldBeCloseTo(golden["leftpad_embeds_l2"], 1e-3);
        var last = model.Logits(batch, OpenMu.PositionsOf(batch.Mask))[.., ^1];
        for (var i = 0; i < rows.Count; i++) last[i].ShouldBeCloseTo(golden[$"single{i}_last_logits"], 5e-4);
    }

    [Fact]
    public void Text_without_music_is_a_prompt_too()
    {
        using var noGrad = no_grad();
        int[] ids = [.. golden["text_only_ids"].data<long>().ToArray().Select(id => (int)id)];
        model.Logits(model.Splice([new(ids, [])]))[0].ShouldBeCloseTo(golden["text_only_logits"], 5e-4);
    }

    [Fact]
    public void Several_tracks_take_their_places_in_one_prompt()
    {
        using var noGrad = no_grad();
        var music = GoldenModels.Rows(json).Select(row => row.Music[0]).ToArray();
        var (first, second) = (model.Project(music[0]), model.Project(music[1]));
        var spliced = model.Splice(new MusicPrompt([3, OpenMuConfig.MusicToken, 4, 5, OpenMuConfig.MusicToken], music));
        var words = model.Llama.Embed(tensor(new long[] { 3, 4, 5 }));
        spliced.ShouldBeCloseTo(cat([words[..1], first, words[1..], second], 0), 0);
        var turned = model.Splice(new MusicPrompt(
            [3, OpenMuConfig.MusicToken, 4, 5, OpenMuConfig.MusicToken], [music[1], music[0]]));
        turned.ShouldBeCloseTo(cat([words[..1], second, words[1..], first], 0), 0);
    }

    [Fact]
    public void A_prompt_that_does_not_fit_its_music_is_refused()
    {
        using var noGrad = no_grad();
        var music = GoldenModels.Rows(json)[0].Music[0];
        Refused(new([1, 2], [music]), "*0 places*1 tracks*");
        Refused(new([1, OpenMuConfig.MusicToken], []), "*1 places*0 tracks*");
        Refused(new([1, OpenMuConfig.MusicToken], [music[..5]]), "*track's music*");
        Refused(new([1, 1_000_000], []), "*1000000 is not a token*");
        Refused(new([], []), "*empty*");
        Refused(new([1, 2], [], [1]), "*1 labels for 2 ids*");
    }

    [Fact]
    public void The_tower_feeds_the_projector_with_the_reference_tokens()
    {
        using var noGrad = no_grad();
        using var tower = GoldenModels.OpenMu();
        var audio = Golden.Tensors("audiomae/golden.safetensors");
        tower.Encode(GoldenModels.Pictures(audio))
            .ShouldBeCloseTo(audio[$"pooled_P{tower.Config.Audio.Pooling}"], 2e-4);
    }

    [Fact]
    public void Published_keys_name_every_weight_once()
    {
        using var noGrad = no_grad();
        var keys = model.NamedWeights().Select(weight => weight.Key).ToArray();
        keys.Should().OnlyHaveUniqueItems().And.Contain(["model.vision_tower.mae.cls_token",
            "model.mm_projector.2.bias", "model.layers.0.self_attn.q_proj.weight", "lm_head.weight"]);
        keys.Should().OnlyContain(key => key.StartsWith("model.", StringComparison.Ordinal) || key == "lm_head.weight");
    }

    private void Refused(MusicPrompt prompt, string message) =>
        model.Invoking(m => m.Splice(prompt)).Should().Throw<ArgumentException>().WithMessage(message);

    private static Tensor Norms(SplicedBatch batch) => batch.Embeddings.pow2().sum(-1).sqrt();
}
