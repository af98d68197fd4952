using OpenMU.Mir;
using OpenMU.Mir.Networks;
using OpenMU.Music;

namespace OpenMU.Training.Mir;

/// <summary>Trains the key network on clips whose key is known, by gradient descent with Adam on random stretches of them. Same clips and seed, same weights.</summary>
public static class KeyTrainer
{
    /// <summary>Writes weights for <c>Weights/keys.bin</c>.</summary>
    /// <param name="clips">Clips and the name of their key.</param>
    /// <param name="epochs">How often each clip is heard.</param>
    /// <param name="decay">How strongly weights are held small.</param>
    /// <param name="seed">Of all choices.</param>
    /// <param name="output">Receives the weights.</param>
    /// <param name="cancel">Ends the training.</param>
    public static void Train(IReadOnlyList<(OpenMU.Mir.Dsp.Chromagram Chromagram, string Key)> clips, int epochs, float decay, int seed, Stream output, CancellationToken cancel)
    {
        var random = new Random(seed);
        var net = new KeyNetwork();
        var contents = clips.Select(clip => new KeyContents(clip.Chromagram)).ToArray();
        var keys = clips.Select(clip => MusicalKey.Parse(clip.Key).Index).ToArray();
        var order = Enumerable.Range(0, clips.Count).ToArray();
        float[][] gradient = [new float[2 * KeyNetwork.Size], new float[2]], first = [new float[2 * KeyNetwork.Size], new float[2]], second = [new float[2 * KeyNetwork.Size], new float[2]];
        var step = 0;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (var batch in order.Chunk(16))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var part in gradient) Array.Clear(part);
                foreach (var clip in batch)
                {
                    var length = random.Next(Math.Min(8, contents[clip].Blocks), contents[clip].Blocks + 1);
                    var from = random.Next(contents[clip].Blocks - length + 1);
                    Learn(net, contents[clip].Of(from, from + length), keys[clip], gradient);
                }

                step++;
                var rate = 5e-3f * (1 + MathF.Cos(MathF.PI * epoch / epochs));
                for (var w = 0; w < 2; w++) Adam(net.Weights[w], gradient[w], first[w], second[w], batch.Length, step, rate, w == 0 ? decay : 0);
            }
        }

        net.Save(output);
    }

    private static void Learn(KeyNetwork net, float[] contents, int key, float[][] gradient)
    {
        var probabilities = net.Probabilities(contents);
        probabilities[key] -= 1;
        var view = new float[KeyNetwork.Size];
        for (var tonic = 0; tonic < 12; tonic++)
        {
            KeyNetwork.See(contents, tonic, view);
            for (var mode = 0; mode < 2; mode++)
            {
                var d = probabilities[mode * 12 + tonic];
                for (var i = 0; i < KeyNetwork.Size; i++) gradient[0][mode * KeyNetwork.Size + i] += d * view[i];
                gradient[1][mode] += d;
            }
        }
    }

    private static void Adam(float[] weights, float[] gradient, float[] m, float[] v, int count, int step, float rate, float decay)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradient[i] / count + decay * weights[i];
            m[i] = 0.9f * m[i] + 0.1f * g;
            v[i] = 0.999f * v[i] + 0.001f * g * g;
            weights[i] -= rate * m[i] / (1 - MathF.Pow(0.9f, step)) / (MathF.Sqrt(v[i] / (1 - MathF.Pow(0.999f, step))) + 1e-8f);
        }
    }
}
