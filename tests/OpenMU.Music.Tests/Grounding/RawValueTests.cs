using CsCheck;
using OpenMU.Music.Grounding;

namespace OpenMU.Music.Tests.Grounding;

/// <summary>Whatever a model does with a tool's result, a reader is shown language.</summary>
public sealed class RawValueTests
{
    private static readonly string[] Traces =
    [
        "{", "}", "[", "]", "→", "->", "':", "\":", "start_time", "end_time", "beat_number", "GetAudio", "F1(", "F4(",
        "Amajor", "Aminor", "null", "NaN",
    ];

    private static readonly Gen<MusicalFacts> Facts =
        from beats in Gen.Int[0, 12]
        from chords in OneOf("A:maj", "A:min", "F#:min", "Bb:maj7", "N", "C:sus4").Array[0, 12]
        select new MusicalFacts
        {
            Bpm = 117.6,
            Key = MusicalKey.Parse("A minor"),
            Beats = [.. Enumerable.Range(0, beats).Select(i => new Beat(i / 2.0, (i % 4) + 1))],
            Chords = [.. chords.Select((chord, i) => new ChordSegment(i * 1.5, (i + 1) * 1.5, chord))],
        };

    // A tool's own text, or another program's.
    private static readonly Gen<Func<MusicalFacts, string>> Results = OneOf<Func<MusicalFacts, string>>(
        facts => facts.GetAudioChords() ?? "[]",
        facts => facts.GetAudioDownbeat() ?? "[]",
        facts => (facts.GetAudioChords() ?? "[]").Replace('\'', '"'),
        facts => (facts.GetAudioDownbeat() ?? "[]").Replace(", ", ",\n  ").Replace("{", "{\n    "),
        facts => (facts.GetAudioChords() ?? "[]").TrimStart('[').TrimEnd(']'),
        _ => "{'key': 'A minor', 'confidence': None}",
        _ => "[('A', 0.0), ('F', 1.5)]",
        _ => "{\"bpm\": null}",
        _ => "start_time=0.0, chord=Amajor");

    private static readonly Gen<string> Before = OneOf(
        "", "The chords are ", "It has: ", "Its beats [GetAudioDownbeat() → ", "The chords are [F1() -> ", "[F1()] = ",
        "The tool says GetAudioChords() → ", "As JSON: ```json\n");

    private static readonly Gen<string> After = OneOf("", ".", " ].", " and so on.", " They repeat.", "\n```");

    [Fact]
    public void No_copy_of_a_result_whole_or_cut_reaches_a_reader() =>
        Gen.Select(Facts, Results, Before, After, Gen.Int[1, 400]).Sample((facts, result, before, after, length) =>
        {
            var whole = result(facts);
            var raw = whole[..Math.Min(length, whole.Length)];

            var written = $"A calm piece. {before}{raw}{after}";

            var text = GroundedText.Of(written, [], facts).Text;

            text.Should().StartWith("A calm piece.", "the model wrote {0}", written).And.NotContainAny(Traces);
        });

    [Fact]
    public void Nor_does_one_beside_a_call_that_was_answered() =>
        Gen.Select(Facts.Where(facts => facts.Chords.Count > 0 && facts.GetAudioChords() is not null), Results)
            .Sample((facts, result) =>
            {
                var value = facts.GetAudioChords()!;

                var text = GroundedText.Of(
                    $"A calm piece. The chords are [F1() → {value} ]. In full {result(facts)}",
                    [new ToolResult("F1", value)], facts).Text;

                text.Should().StartWith("A calm piece. The chords are ").And.NotContainAny(Traces);
            });

    [Theory]
    [InlineData("The chords are [{'start_time': 0.0, 'end_time': 9.9, 'chord': 'Gmajor'}].", "The chords are A major, F major.")]
    [InlineData("The chords are [{'start_time': 0.0, 'end", "The chords are A major, F major")]
    [InlineData("[{\"chord\": \"Amajor\"}, {\"chord\": \"Fmajor\"}]", "A major, F major")]
    [InlineData("The chords are [F1() → [{'start_time': 0.0, 'chord': 'Amajor'}, ... ]", "The chords are A major, F major")]
    [InlineData("Beats: [{'time': 0.53, 'beat_number': 1}]!", "Beats: 1 at 0.5 s, 2 at 1.0 s!")]
    [InlineData("It swings. {'start_time': 0.0, 'chord': 'Amajor'}, ].", "It swings. A major, F major.")]
    [InlineData("It has F1() → {'start_time': 0.0, 'chord': 'Amajor'}.", "It has A major, F major.")]
    [InlineData("It goes ['A major', 'F major'].", "It goes A major, F major.")]
    [InlineData("It begins on Amajor.", "It begins on A major.")]
    public void A_list_in_a_tools_spelling_is_read_out_as_the_tool_has_it(string written, string read) =>
        GroundedText.Of(written, [], Song).Should().Be(new GroundedText(read, 0));

    [Theory]
    [InlineData("It goes ['G major', 'D major'].")]
    [InlineData("It begins on Gmajor.")]
    [InlineData("The key is {'key': 'A major'}.")]
    [InlineData("The tempo is None.")]
    [InlineData("The tempo is NaN BPM.")]
    [InlineData("bpm=118")]
    [InlineData("The beat_number is one.")]
    [InlineData("I call GetAudioChords for that.")]
    [InlineData("The chords are [GetAudioCh")]
    [InlineData("The result is [{")]
    [InlineData("<tool>F1</tool>")]
    [InlineData("It is sad.\\nIt is slow.")]
    public void What_no_tool_has_in_words_goes(string sentence) =>
        GroundedText.Of($"It is calm. {sentence}", [], Song).Should().Be(new GroundedText("It is calm.", 1));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static MusicalFacts Song => new()
    {
        Bpm = 117.6,
        Key = MusicalKey.Parse("A major"),
        Beats = [new Beat(0.5, 1), new Beat(1, 2)],
        Chords = [new ChordSegment(0, 1.5, "A:maj"), new ChordSegment(1.5, 3, "F:maj")],
    };
}
