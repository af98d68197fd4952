using OpenMU.Mir;
using OpenMU.Mir.Networks;
using OpenMU.Music;
using OpenMU.Testing;
using OpenMU.Training.Mir;

namespace OpenMU.Training.Tests.Mir;

[Collection(OneGenerator.Name)]
public class KeyTrainerTests
{
    private static readonly (OpenMU.Mir.Dsp.Chromagram Chromagram, string Key)[] Clips =
    [
        (KeyEstimator.Chromagram(Notes.Chords([[48, 52, 55], [53, 57, 60], [55, 59, 62], [48, 52, 55]], 3)), "C major"),
        (KeyEstimator.Chromagram(Notes.Chords([[45, 48, 52], [50, 53, 57], [52, 56, 59], [45, 48, 52]], 3)), "A minor"),
    ];

    [Fact]
    public void Training_finds_the_keys_of_its_clips_and_of_the_same_music_a_tone_higher()
    {
        var file = new MemoryStream(Train(seed: 1, out var losses));
        var network = new KeyNetwork(NetworkWeights.Read(file, KeyNetwork.Layout));

        losses[^1].Should().BeLessThan(0.5 * losses[0]);
        Find([[50, 54, 57], [55, 59, 62], [57, 61, 64], [50, 54, 57]]).Should().Be("D major");
        Find([[47, 50, 54], [52, 55, 59], [54, 58, 61], [47, 50, 54]]).Should().Be("B minor");

        string Find(int[][] chords)
        {
            var contents = new KeyContents(KeyEstimator.Chromagram(Notes.Chords(chords, 2)));
            var probabilities = network.Probabilities(contents.Of(0, contents.Blocks));
            return MusicalKey.FromIndex(Array.IndexOf(probabilities, probabilities.Max())).Name;
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        var once = Train(seed: 4, out _);
        Train(seed: 4, out _).Should().Equal(once);
        Train(seed: 5, out _).Should().NotEqual(once);
    }

    private static byte[] Train(int seed, out List<double> losses)
    {
        List<double> heard = [];
        using var trainer = new KeyTrainer(seed);
        trainer.Train(Clips, epochs: 100, decay: 1e-4, (_, loss) => heard.Add(loss), default);
        using var stream = new MemoryStream();
        trainer.Save(stream);
        losses = heard;
        return stream.ToArray();
    }
}
