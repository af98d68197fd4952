using OpenMU.Mir;
using OpenMU.Mir.Dsp;
using OpenMU.Mir.Networks;
using OpenMU.Model.Kernels;
using OpenMU.Music;
using static TorchSharp.torch;

namespace OpenMU.Training.Mir;

/// <summary>
/// Trains the key network on random stretches of clips whose key is known: cross-entropy and the squared weights, Adam,
/// cosine learning rate. Same clips, seed and number of threads, same weights.
/// </summary>
/// <param name="seed">Seeds every random choice.</param>
public sealed class KeyTrainer(int seed) : IDisposable
{
    private const int Batch = 16, LeastBlocks = 8;
    private const double Rate = 1e-2;

    private readonly KeyModule module = new(new(KeyNetwork.Layout, part => new float[part.Count]));

    /// <summary>Runs the epochs.</summary>
    /// <param name="clips">Clips and the name of their key.</param>
    /// <param name="epochs">How often each clip is heard.</param>
    /// <param name="decay">How strongly weights are held small: half of it times their squares is added to the
    /// loss.</param>
    /// <param name="report">Receives the epoch, from 1, and its mean loss.</param>
    /// <param name="cancel">Ends the training.</param>
    public void Train(
        IReadOnlyList<(Chromagram Chromagram, string Key)> clips, int epochs, double decay, Action<int, double> report,
        CancellationToken cancel)
    {
        var random = new Random(seed);
        var contents = clips.Select(clip => new KeyContents(clip.Chromagram)).ToArray();
        var keys = clips.Select(clip => (long)MusicalKey.Parse(clip.Key).Index).ToArray();
        var order = Enumerable.Range(0, clips.Count).ToArray();
        using var optimiser = new AdamW([new([.. module.named_parameters()], Rate)]);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(order);
            var loss = 0.0;
            foreach (var batch in order.Chunk(Batch))
            {
                cancel.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var views = KeyModule.Views([.. batch.Select(clip => Stretch(contents[clip], random))]);
                var logits = module.call(views);                                            // (N, 24)
                var entropy = nn.functional.cross_entropy(logits, tensor([.. batch.Select(clip => keys[clip])]));
                entropy.add_tensor(module.SquaredWeights * Scalars.Of(decay / 2)).backward();
                optimiser.Step(CosineSchedule.Factor(epoch, epochs, warmup: 0));
                loss += entropy.item<float>() * batch.Length;
            }

            report(epoch + 1, loss / clips.Count);
        }
    }

    /// <summary>Writes the weights for <c>Weights/keys.bin</c>.</summary>
    public void Save(Stream stream) => module.Weights.Write(stream);

    public void Dispose() => module.Dispose();

    // What sounds in a random stretch of a clip, seven or eight seconds of it at least.
    private static float[] Stretch(KeyContents contents, Random random)
    {
        var length = random.Next(Math.Min(LeastBlocks, contents.Blocks), contents.Blocks + 1);
        var from = random.Next(contents.Blocks - length + 1);
        return contents.Of(from, from + length);
    }
}
