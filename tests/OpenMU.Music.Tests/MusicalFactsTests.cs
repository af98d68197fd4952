using CsCheck;

namespace OpenMU.Music.Tests;

public sealed class MusicalFactsTests
{
    private static readonly MusicalFacts Song = new()
    {
        Bpm = 117.6471,
        Key = MusicalKey.Parse("C# minor"),
        Beats = [new Beat(0.0211, 4), new Beat(0.5311, 1), new Beat(1.0411, 2), new Beat(1.5511, 3)],
        Chords =
        [
            new ChordSegment(0, 0.5311, "N"), new ChordSegment(0.5311, 1.0411, "C#:min", 0.9),
            new ChordSegment(1.0411, 1.5511, "F#:min7/b3", 0.8),
            new ChordSegment(1.5511, 2.4, "B:sus2", 0.6), new ChordSegment(2.4, 4, "E", 0.5),
        ],
    };

    [Theory]
    [InlineData("GetAudioTempo", "F2", "117.6")]
    [InlineData("GetAudioKey", "F3", "C# minor")]
    [InlineData("GetAudioDownbeat", "F4",
        "[{'time': 0.02, 'beat_number': 4}, {'time': 0.53, 'beat_number': 1}, {'time': 1.04, 'beat_number': 2}, "
            + "{'time': 1.55, 'beat_number': 3}]")]
    [InlineData("GetAudioChords", "F1",
        "[{'start_time': 0.0, 'end_time': 0.5, 'chord': 'no chord'}, "
            + "{'start_time': 0.5, 'end_time': 1.0, 'chord': 'C#minor'}, "
        + "{'start_time': 1.0, 'end_time': 1.6, 'chord': 'F#minor'}, "
        + "{'start_time': 1.6, 'end_time': 2.4, 'chord': 'Bmajor'}, "
        + "{'start_time': 2.4, 'end_time': 4.0, 'chord': 'Emajor'}]")]
    public void A_tool_answers_to_both_its_names_in_the_published_form(string name, string code, string expected)
    {
        Song.Call(name).Should().Be(expected);
        Song.Call(code).Should().Be(expected);
    }

    [Fact]
    public void A_whole_tempo_keeps_its_decimal() =>
        new MusicalFacts { Bpm = 119.98 }.GetAudioTempo().Should().Be("120.0");

    [Fact]
    public void Keys_are_spelled_as_published() =>
        Enumerable.Range(0, 24).Select(key => new MusicalFacts { Key = MusicalKey.FromIndex(key) }.GetAudioKey())
            .Should().Equal(
                "C major", "Db major", "D major", "Eb major", "E major", "F major", "F# major", "G major", "Ab major",
                "A major", "Bb major", "B major",
                "C minor", "C# minor", "D minor", "D# minor", "E minor", "F minor", "F# minor", "G minor", "G# minor",
                "A minor", "Bb minor", "B minor");

    [Theory]
    [InlineData("A:maj", "Amajor")]
    [InlineData("Db:min7", "C#minor")]
    [InlineData("B:hdim7", "Bminor")]
    [InlineData("G:sus4", "Gmajor")]
    [InlineData("Ab:5", "G#5")]
    [InlineData("N", "no chord")]
    public void A_chord_is_named_by_its_third(string label, string text) =>
        new MusicalFacts { Chords = [new ChordSegment(0, 1, label)] }.GetAudioChords()
            .Should().Be($"[{{'start_time': 0.0, 'end_time': 1.0, 'chord': '{text}'}}]");

    [Fact]
    public void Chords_of_the_same_name_are_one_and_times_are_rounded() =>
        new MusicalFacts
        {
            Chords = [new(0, 1.04, "A:min"), new(1.04, 2.12, "A:min7"), new(2.12, 2.14, "C"), new(2.14, 3, "A")]
        }.GetAudioChords().Should().Be(
            "[{'start_time': 0.0, 'end_time': 2.1, 'chord': 'Aminor'}, "
            + "{'start_time': 2.1, 'end_time': 3.0, 'chord': 'Amajor'}]");

    [Fact]
    public void Nothing_known_or_no_such_tool_is_no_answer()
    {
        foreach (var tool in (string[])["GetAudioTempo", "F1", "F2", "F3", "F4"])
            MusicalFacts.None.Call(tool).Should().BeNull();
        foreach (var tool in (string[])["F5", "tempo", "", "getaudiotempo"]) Song.Call(tool).Should().BeNull();
    }

    [Fact]
    public void A_correction_stands_above_what_was_measured_and_leaves_the_rest()
    {
        var corrected = Song.CorrectedBy(58.8, MusicalKey.Parse("E major"));

        corrected.Should().Be(Song with { Bpm = 58.8, Key = MusicalKey.Parse("E major") });
        Song.CorrectedBy(null, null).Should().Be(Song);
    }

    [Fact]
    public void A_corrected_metre_counts_the_beats_anew_from_the_first_downbeat()
    {
        var song = new MusicalFacts
        {
            Metre = new Metre(4, 4),
            Beats = [.. Enumerable.Range(0, 8).Select(i => new Beat(i, ((i + 2) % 4) + 1))],
        };

        song.CorrectedBy(null, null, new Metre(3, 4)).Beats.Select(beat => beat.Number)
            .Should().Equal(2, 3, 1, 2, 3, 1, 2, 3);
        song.CorrectedBy(null, null, new Metre(4, 4)).Beats.Should().Equal(song.Beats);
    }

    [Theory]
    [InlineData(75.94, "slow")]
    [InlineData(75.96, "medium")]
    [InlineData(119.96, "fast")]
    [InlineData(null, null)]
    public void The_class_of_a_tempo_goes_by_the_tempo_that_the_tool_says(double? bpm, string? tempoClass) =>
        new MusicalFacts { Bpm = bpm }.TempoClass.Should().Be(tempoClass);

    [Fact]
    public void A_list_of_beats_has_an_entry_for_each_with_a_decimal_point_in_every_culture() =>
        Gen.Double[0, 5000].Array[1, 20].Sample(times =>
        {
            var text = new MusicalFacts { Beats = [.. times.Order().Select((time, i) => new Beat(time, i % 4 + 1))] }
                .GetAudioDownbeat()!;
            text.Split("'time': ").Skip(1).Select(entry => entry[..entry.IndexOf(',')]).Should().HaveCount(times.Length)
                .And.OnlyContain(time => time.Contains('.') && time.Length - time.IndexOf('.') <= 3);
        });

    [Fact]
    public void What_a_person_has_tagged_or_what_is_sung_is_music_whatever_is_heard()
    {
        var noise = new HeardSound(0.1, OtherSound.Noise);
        MusicalFacts.None.HeardAs(noise).NoMusic.Should().Be(OtherSound.Noise);
        MusicalFacts.None.HeardAs(noise with { Music = 0.5 }).NoMusic.Should().BeNull();
        MusicalFacts.None.HeardAs(null).NoMusic.Should().BeNull();
        (MusicalFacts.None with { HasLyrics = true }).HeardAs(noise).NoMusic.Should().BeNull();
        (MusicalFacts.None with { Decisions = TagDecisions.None.With("genre", ["ambient"]) }).HeardAs(noise)
            .NoMusic.Should().BeNull();
    }
}
