using OpenMU.Model.Decoder;
using OpenMU.Model.Families;
using OpenMU.Model.Kernels;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using OpenMU.Training.Data;
using OpenMU.Training.Stages;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Training.Tests.Data;

[Collection(OneGenerator.Name)]
public sealed class LengthGroupedBatchesTests
{
    private static readonly int M = ToyDataSet.Config.Audio.MusicTokens;

    [Fact]
    public void The_loss_of_a_batch_is_that_of_the_model_for_the_same_prompts()
    {
        using var scope = NewDisposeScope();
        using var model = new OpenMu(ToyDataSet.Config, WeightSource.Random(1));
        TokenizedRecord[] rows = [.. Enumerable.Range(0, 5).Select(i => Row(6 + 3 * i, i))];
        using var tokens = new LengthGroupedBatches(_ => rows, M, batch: 5, seed: 1, CPU);
        var music = randn(5, M, ToyDataSet.Config.Audio.EmbedDim);
        var batch = tokens.Batch(0);
        var fast = MusicTextStage.Loss(model, batch, music.index_select(0, batch.Clips), tokens.MusicAt);
        var slow =
            model.Loss(model.Splice([.. rows.Select(row => new MusicPrompt(row.Ids, [music[row.Clip]], row.Labels))]));
        fast.ShouldBeCloseTo(slow, 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Computing_blocks_twice_gives_the_same_gradients(bool dropout)
    {
        using var scope = NewDisposeScope();
        using var model = new OpenMu(ToyDataSet.Config, WeightSource.Random(1));
        using var lora = new Lora(
            ToyDataSet.Config.Llama, new() { R = 4, Alpha = 8, Dropout = dropout ? 0.5 : 0 }, WeightSource.Random(2));
        model.Llama.SetAdapter(lora);
        model.train(dropout);
        (string Name, TorchSharp.Modules.Parameter Parameter)[] trained = [.. lora.NamedParameters(), .. model
            .named_parameters()
            .Where(p => p.name.Contains("projector", StringComparison.Ordinal))
            .Select(p => (p.name, p.parameter))];
        using (no_grad())
        {
            foreach (var (_, parameter) in trained) parameter.copy_(randn_like(parameter) * Scalars.Of(0.1));
        }
        foreach (var (_, parameter) in trained) parameter.requires_grad = true;
        using var tokens = new LengthGroupedBatches(
            _ => [.. Enumerable.Range(0, 5).Select(i => Row(6 + 3 * i, i))], M, batch: 5, seed: 1, CPU);
        var (batch, music) = (tokens.Batch(0), randn(5, M, ToyDataSet.Config.Audio.EmbedDim));
        var loss = dropout
            ? MusicTextStage.LossAndGradients(model, batch, music, tokens.MusicAt, 0.5, 9)
            : MusicTextStage.Loss(model, batch, music, tokens.MusicAt);
        if (!dropout) (loss * Scalars.Of(0.5)).backward();
        var expected = trained.Select(p => p.Parameter.grad!.clone()).ToArray();
        foreach (var (_, parameter) in trained) parameter.grad!.zero_();

        MusicTextStage.LossAndGradients(model, batch, music, tokens.MusicAt, 0.5, 9)
            .ShouldBeCloseTo(loss.detach(), 1e-5);

        foreach (var ((name, parameter), gradient) in trained.Zip(expected))
        {
            gradient.abs().max().item<float>().Should().BeGreaterThan(0, name);
            parameter.grad!.ShouldBeCloseTo(gradient, 1e-5, name);
        }
    }

    [Fact]
    public void A_pass_holds_every_record_once_and_another_pass_another_order()
    {
        TokenizedRecord[] rows = [.. Enumerable.Range(0, 23).Select(i => Row(4 + i % 7, i))];
        using var tokens = new LengthGroupedBatches(_ => rows, M, batch: 4, seed: 1, CPU);
        long[] Pass(int pass) =>
            [.. Enumerable.Range(6 * pass, 6).SelectMany(number => tokens.Batch(number).Clips.data<long>().ToArray())];
        var (first, second) = (Pass(0), Pass(1));
        first.Order().Should().Equal(Enumerable.Range(0, 23).Select(i => (long)i));
        second.Order().Should().Equal(first.Order());
        second.Should().NotEqual(first);
        Pass(0).Should().Equal(first, "a batch is a function of its number");
    }

    [Fact]
    public void Records_of_one_batch_are_about_equally_long()
    {
        TokenizedRecord[] rows = [.. Enumerable.Range(0, 64).Select(i => Row(4 + 37 * i % 97, i))];
        using var tokens = new LengthGroupedBatches(_ => rows, M, batch: 8, seed: 1, CPU);
        var padded = Enumerable.Range(0, 8).Sum(number => tokens.Batch(number).Ids.numel());
        padded.Should().BeLessThan(rows.Sum(row => row.Ids.Length) * 5 / 4);
    }

    [Fact]
    public void Long_records_are_cut_so_that_music_and_text_fit()
    {
        var cut = LengthGroupedBatches.Cut(Row(500, 0), maxLength: 100, M);
        (cut.Ids.Length - 1 + M).Should().Be(100);
        cut.Labels.Should().HaveSameCount(cut.Ids);
    }

    [Fact]
    public void Music_at_different_places_is_refused()
    {
        using var tokens = new LengthGroupedBatches(
            _ => [Row(5, 0), new([1, 2, OpenMuConfig.MusicToken], [1, 2, 3], 0)], M, 2, 1, CPU);
        FluentActions.Invoking(() => tokens.Batch(0)).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void Each_pass_has_the_records_drawn_for_it_in_as_many_batches_as_the_first()
    {
        TokenizedRecord[] Draw(int pass) =>
            [.. Enumerable.Range(0, 23 + (pass % 3) - 1).Select(i => Row(4 + i % 7, (100 * pass) + i))];
        using var tokens = new LengthGroupedBatches(Draw, M, batch: 4, seed: 1, CPU);
        long[] Pass(int pass) =>
            [.. Enumerable.Range(6 * pass, 6).SelectMany(number => tokens.Batch(number).Clips.data<long>().ToArray())];
        for (var pass = 0; pass < 4; pass++)
            Pass(pass).Should().HaveCount(22).And.OnlyContain(clip => clip / 100 == pass);
        Pass(1).Should().Equal(Pass(1), "a batch is a function of its number, in whatever order batches are taken");
        Pass(0).Distinct().Should().HaveCount(22);
    }

    private static TokenizedRecord Row(int length, int clip)
    {
        int[] ids = [1, OpenMuConfig.MusicToken, .. Enumerable.Range(0, length).Select(i => 3 + (i * 7 + clip) % 300)];
        return new(ids, [.. ids.Select((id, at) => at < 4 ? OpenMuConfig.IgnoredLabel : id)], clip);
    }
}
