using OpenMU.Training.Stages;

namespace OpenMU.Training.Tests.Stages;

public sealed class SoundTrainingTests
{
    [Fact]
    public void It_tells_the_kinds_of_packages_apart_that_it_has_not_seen()
    {
        var layer = SoundTraining.Fit(Examples(seed: 1));
        var heard = Examples(seed: 2).ToLookup(example => example.Kind, layer.Hear);

        heard[0].Count(sound => !sound.IsMusic).Should().BeLessThanOrEqualTo(6, "of 60, and one or two are meant to be");
        heard[1].Should().OnlyContain(sound => !sound.IsMusic && sound.Otherwise == Music.OtherSound.Speech);
        heard[2].Should().OnlyContain(sound => !sound.IsMusic && sound.Otherwise == Music.OtherSound.Noise);
        heard[3].Should().OnlyContain(sound => !sound.IsMusic);
    }

    [Fact]
    public void The_line_is_drawn_below_nearly_all_music_even_where_kinds_overlap()
    {
        var examples = Examples(seed: 3, apart: 0.7f);
        var layer = SoundTraining.Fit(examples);
        var music = examples.Where(example => example.Kind == 0).ToList();
        music.Count(example => layer.Hear(example).IsMusic).Should().BeGreaterThanOrEqualTo((int)(0.97 * music.Count));
    }

    [Fact]
    public void What_was_made_for_the_training_has_no_say_in_where_the_line_is()
    {
        var examples = Examples(seed: 6);
        SoundExample[] odd = [.. Examples(seed: 7).Where(example => example.Kind == 1).Take(8)
            .Select((example, i) => example with { Kind = 0, Package = $"odd{i}" })];

        int Mistaken(bool isRecording)
        {
            var layer = SoundTraining.Fit([.. examples, .. odd.Select(one => one with { IsRecording = isRecording })]);
            return examples.Count(example => example.Kind != 0 && layer.Hear(example).IsMusic);
        }

        Mistaken(isRecording: false).Should().Be(0);
        Mistaken(isRecording: true).Should().BeGreaterThan(10, "the odd ones must be found then");
    }

    [Fact]
    public void The_same_examples_make_the_same_layer() => SoundTraining.Fit(Examples(seed: 4)).Weight
        .Should().BeEquivalentTo(SoundTraining.Fit(Examples(seed: 4)).Weight);

    [Fact]
    public void Music_alone_teaches_nothing() => FluentActions
        .Invoking(() => SoundTraining.Fit([.. Examples(seed: 5).Where(example => example.Kind == 0)]))
        .Should().Throw<ArgumentException>().WithMessage("Both music and other sound are needed*");

    // Each kind lies in a direction of its own.
    private static List<SoundExample> Examples(int seed, float apart = 4)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, 240).Select(i => new SoundExample(
                $"package{seed}-{i % 12}", i % 4,
                [
                    .. Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, 6).Select(feature =>
                        (feature == i % 4 ? apart : 0) + random.NextSingle() - 0.5f).ToArray()),
                ])),
        ];
    }
}
