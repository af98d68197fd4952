using OpenMU.Model.Audio;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Training.Evaluation;

namespace OpenMU.Model.Tests;

/// <summary>The small model of this repository, as the worker uses it. How good it is, its card says.</summary>
public sealed class ShippedModelTests : IDisposable
{
    private static readonly string Folder = Find();
    private static readonly float[] Chord = [.. Enumerable.Range(0, 12 * Fbank.SampleRate)
        .Select(i => 0.2f * (Note(i, 220) + Note(i, 277.18) + Note(i, 329.63)))];
    private readonly ModelFolder model = ModelFolder.Open(Folder);
    private readonly MusicModel musicModel;

    public ShippedModelTests() => musicModel = new(model.Model, model.Tokenizer, model.TagHead, tagger: model.Tagger);

    public void Dispose()
    {
        musicModel.Dispose();
        model.Dispose();
    }

    [Fact]
    public void It_is_whole_and_weighs_at_most_40_megabytes()
    {
        model.TagHead.Should().NotBeNull();
        Directory.EnumerateFiles(Folder).Sum(file => new FileInfo(file).Length).Should().BeLessThan(40_000_000);
        File.Exists(Path.Combine(Folder, "MODEL_CARD.md")).Should().BeTrue();
    }

    [Fact]
    public void Asked_for_tempo_or_key_it_calls_the_tool_and_states_what_that_measured()
    {
        using var track = musicModel.Encode(Chord, CancellationToken.None);

        var facts = new MusicalFacts { Bpm = 97.5, Key = MusicalKey.Parse("A major") };
        var texts = musicModel.Generate(
            track, ["What is the tempo?", "What key is it in?"], facts, options: null, CancellationToken.None);

        texts[0].Text.Should().Contain("97.5");
        texts[1].Text.Should().Contain("A major");
        texts.Should().AllSatisfy(text => text.Tools.Should().ContainSingle().Which.At.Should().NotBeNull());
    }

    [Fact]
    public void White_noise_has_no_genre_and_no_instrument_in_its_caption_and_no_such_tag()
    {
        using var track = musicModel.Encode(ControlSound.WhiteNoise(Chord, seed: 1), CancellationToken.None);

        var caption = musicModel.Generate(
            track, [Instructions.Caption], MusicalFacts.None, options: null, CancellationToken.None)[0].Text;
        var tags = track.Tags;

        caption.Should().NotBeEmpty();
        MusicVocabulary.Mentioned([.. MusicVocabulary.Genres, .. MusicVocabulary.Instruments], caption)
            .Should().BeEmpty(caption);
        tags.Where(tag => tag.Group is "genre" or "instrument").Should().BeEmpty();
    }

    private static float Note(int sample, double hertz) =>
        (float)Math.Sin(2 * Math.PI * hertz * sample / Fbank.SampleRate);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "models", "openmu-tiny")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "models", "openmu-tiny");
    }
}
