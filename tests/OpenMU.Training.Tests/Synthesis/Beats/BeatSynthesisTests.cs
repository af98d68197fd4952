using OpenMU.Training.Data;
using OpenMU.Training.Synthesis.Beats;

namespace OpenMU.Training.Tests.Synthesis.Beats;

/// <summary>Real clips by FluidSynth, short ones.</summary>
public sealed class BeatSynthesisTests : IDisposable
{
    private const string Font = "/usr/share/sounds/sf2/TimGM6mb.sf2";
    private readonly SongFolder songs = new();
    private readonly string folder = Directory.CreateTempSubdirectory("openmu-beats-").FullName;

    public void Dispose()
    {
        songs.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Songs_become_clips_with_beats_and_those_held_out_are_left_out()
    {
        songs.Add("001", 75);
        songs.Add("003", 112, heardBpm: 168);
        songs.Add("008", 90);

        var (used, found) = await BeatSynthesis.MakeAsync(
            new BeatSynthesisOptions(folder, songs.Path, false, false, 2, 6, 1, "train", [Font]), _ => { },
            CancellationToken.None);

        (used, found).Should().Be((1, 2));
        foreach (var truth in ClipTruth.Read(folder))
        {
            truth.GrooveFamily.Should().Be("song 001");
            truth.Tempo.Should().BeInRange(75 / 1.16, 75 / 0.86);
            truth.BeatsPerBar.Should().Be(4);
            truth.Downbeats.Should().NotBeEmpty().And.BeSubsetOf(truth.Beats);
            truth.Beats.Zip(truth.Beats.Skip(1), (a, b) => 60 / (b - a))
                .Should().OnlyContain(bpm => Math.Abs(bpm - truth.Tempo!.Value) < 0.5);
            truth.Key.Should().Be("Bb major");
            truth.Chords.Should().OnlyContain(chord => chord.Label == "C:maj/3" || chord.Label == "G:sus4(b7)");
            truth.Chords.Zip(truth.Chords.Skip(1)).Should()
                .OnlyContain(pair => Math.Abs(pair.First.End - pair.Second.Start) < 0.001);
            truth.Chords.Skip(1).Should().OnlyContain(chord =>
                truth.Downbeats.Any(bar => Math.Abs(bar - chord.Start) < 0.02), "chords change with the bars");
            File.Exists(truth.File).Should().BeTrue();
        }
    }

    [Fact]
    public async Task Patterns_become_clips_and_the_same_seed_makes_the_same()
    {
        async Task<string> Make(string name)
        {
            var output = Path.Combine(folder, name);
            await BeatSynthesis.MakeAsync(
                new BeatSynthesisOptions(output, null, false, false, 2, 5, 4, "train", [Font]), _ => { },
                CancellationToken.None);
            return await File.ReadAllTextAsync(Path.Combine(output, "truth.jsonl"));
        }

        (await Make("one")).Should().Be(await Make("two"));
        ClipTruth.Read(Path.Combine(folder, "one"))
            .Should().OnlyContain(truth => truth.Beats.Count > 3 && truth.Metre != null);
    }

    [Fact]
    public async Task A_folder_without_songs_is_refused()
    {
        songs.Add("008", 90);
        var options = new BeatSynthesisOptions(folder, songs.Path, false, false, 2, 6, 1, "train", [Font]);

        await FluentActions.Awaiting(() => BeatSynthesis.MakeAsync(options, _ => { }, CancellationToken.None))
            .Should().ThrowAsync<InvalidDataException>().WithMessage("*holds no song for train*");
    }
}
