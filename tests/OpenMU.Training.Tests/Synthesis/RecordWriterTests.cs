using System.Text.RegularExpressions;
using OpenMU.Model.Text;
using OpenMU.Music;
using OpenMU.Training.Data;
using OpenMU.Training.Evaluation;
using OpenMU.Training.Evaluation.Text;
using OpenMU.Training.Synthesis;

namespace OpenMU.Training.Tests.Synthesis;

/// <summary>What holds for every record, over some hundred drawn clips.</summary>
public partial class RecordWriterTests
{
    private static readonly IReadOnlyList<(ClipTruth Truth, BenchRecord Record)> Records = [.. Enumerable.Range(0, 300)
        .Select(Truth).SelectMany(truth => RecordWriter.Write(truth).Select(record => (truth, record)))];

    [Fact]
    public void A_clip_gets_records_of_all_tasks_and_the_same_ones_again()
    {
        var truth = Truth(3);

        var records = RecordWriter.Write(truth).ToList();

        records.Select(record => record.Task).Distinct().Should().BeEquivalentTo(BenchRecord.AllTasks);
        records.Should().OnlyContain(record => record.Clip == truth.Id && record.LocalAudioPath == truth.File);
        RecordWriter.Write(truth).Select(record => record.ToJson())
            .Should().Equal(records.Select(record => record.ToJson()));
    }

    [Fact]
    public void No_template_is_left_unfinished() =>
        Records.SelectMany(pair => new[] { pair.Record.Instruction, pair.Record.Output })
            .Where(text => Unfinished().IsMatch(text)).Should().BeEmpty();

    [Fact]
    public void Captions_name_genre_tempo_feel_and_only_what_sounds_and_no_figure()
    {
        foreach (var (truth, record) in Records.Where(pair => pair.Record.Task == BenchRecord.Captioning))
        {
            MusicVocabulary.Mentioned(MusicVocabulary.Genres, record.Output)
                .Should().Equal([truth.Genre], record.Output);
            MusicVocabulary.Mentioned(MusicVocabulary.TempoClasses, record.Output)
                .Should().Equal([truth.TempoClass], record.Output);
            MusicVocabulary.Mentioned(MusicVocabulary.Moods, record.Output)
                .Should().NotBeEmpty().And.BeSubsetOf(truth.Moods, record.Output);
            var named = MusicVocabulary.Mentioned(MusicVocabulary.Instruments, record.Output);
            named.Where(name => name != "drums" || truth.Drums)
                .Should().NotBeEmpty(record.Output).And.BeSubsetOf([.. truth.Instruments, "drums"], record.Output);
            record.Output.Should().NotMatchRegex("[0-9]");
        }
    }

    [Fact]
    public void The_product_s_own_instructions_are_asked_about_every_clip()
    {
        var captions = Records.Where(pair => pair.Record.Task == BenchRecord.Captioning)
            .ToLookup(pair => pair.Truth.Id, pair => pair.Record.Instruction);

        captions.Should().OnlyContain(clip => clip.Contains(Instructions.Caption)
            && clip.Contains(Instructions.Description));
    }

    [Fact]
    public void Each_pass_of_training_has_other_records_which_are_the_same_again_for_the_same_pass()
    {
        var truth = Truth(3);
        string[] Pass(int pass) => [.. RecordWriter.Redraw(truth, pass).Select(record => record.ToJson())];

        Pass(1).Should().Equal(Pass(1));
        Pass(1).Intersect(Pass(2)).Count().Should().BeLessThan(Pass(1).Length / 4);
        RecordWriter.Redraw(truth, 1).Select(record => record.Task).Distinct()
            .Should().BeEquivalentTo(BenchRecord.AllTasks);
        Enumerable.Range(0, 100).Select(Truth)
            .SelectMany(other => RecordWriter.Redraw(other, 1))
            .SelectMany(record => new[] { record.Instruction, record.Output })
            .Where(text => Unfinished().IsMatch(text))
            .Should().BeEmpty();
    }

    [Fact]
    public void What_a_caption_is_told_beforehand_is_true_and_worded_as_the_product_words_it()
    {
        foreach (var truth in Enumerable.Range(0, 100).Select(Truth))
        {
            var told = RecordWriter.Redraw(truth, 1)
                .Where(record => record.Task == BenchRecord.Captioning && record.Instruction.Contains(" Measured:"))
                .Select(record =>
                    record.Instruction[record.Instruction.IndexOf(" Measured:", StringComparison.Ordinal)..])
                .ToList();
            string[] allowed =
            [
                Instructions.Measured(truth.TempoClass, "major"), Instructions.Measured(truth.TempoClass, null),
                Instructions.Measured(null, "major")
            ];
            told.Should().BeSubsetOf(allowed);
        }
    }

    [Fact]
    public void A_caption_that_is_asked_for_without_a_genre_names_none_but_all_else()
    {
        string[] asked = [Instructions.CaptionWithoutGenre, Instructions.DescriptionWithoutGenre];
        var captions = Enumerable.Range(0, 300).Select(Truth)
            .SelectMany(truth => RecordWriter.Redraw(truth, 1))
            .Where(record =>
                asked.Any(instruction => record.Instruction.StartsWith(instruction, StringComparison.Ordinal)))
            .ToList();

        captions.Should().HaveCount(1200);
        foreach (var caption in captions)
        {
            MusicVocabulary.Mentioned(MusicVocabulary.Genres, caption.Output).Should().BeEmpty(caption.Output);
            MusicVocabulary.Mentioned(MusicVocabulary.TempoClasses, caption.Output)
                .Should().ContainSingle(caption.Output);
            MusicVocabulary.Mentioned(MusicVocabulary.Moods, caption.Output).Should().NotBeEmpty(caption.Output);
        }
    }

    [Fact]
    public void Tools_are_called_by_their_published_names_behind_a_space()
    {
        var tools = Records.Where(pair => pair.Record.Task == BenchRecord.Tools).Select(pair => pair.Record.Output)
            .ToList();

        tools.SelectMany(text => Call().Matches(text)).Select(match => match.Value).Distinct()
            .Should().BeEquivalentTo(
                " [GetAudioTempo()]", " [GetAudioKey()]", " [GetAudioChords()]", " [GetAudioDownbeat()]");
        tools.Select(text => text.Count(c => c == '[')).Distinct().Should().BeEquivalentTo([0, 1, 2]);
        tools.Should().NotContain(text => text.StartsWith('['));
    }

    [Fact]
    public void Choices_are_four_and_the_answer_is_one_of_them()
    {
        foreach (var (_, record) in Records.Where(pair => pair.Record.Task == BenchRecord.Choice))
        {
            record.Choices.Should().HaveCount(4).And.OnlyHaveUniqueItems().And.Contain(record.Answer);
            record.Output.Should().Be($"{record.Answer} ({"ABCD"[record.Choices!.ToList().IndexOf(record.Answer!)]})");
            MuChoMusic.Choice(record.Output, record.Choices!)
                .Should().Be(record.Choices!.ToList().IndexOf(record.Answer!), "the published scorer has to read it");
        }
    }

    [Fact]
    public void An_interpretation_names_its_theme_and_no_other()
    {
        foreach (var (_, record) in Records.Where(pair => pair.Record.Task == BenchRecord.Lyrics))
        {
            var interpretation = Quoted().Replace(record.Output, "");
            MusicVocabulary.Mentioned(MusicVocabulary.Themes, interpretation)
                .Should().Equal([record.Answer], record.Output);
        }
    }

    [Fact]
    public void Wordings_are_many()
    {
        // Three hundred clips of the same facts would share one text if there were one template.
        var texts = Enumerable.Range(0, 300)
            .SelectMany(index => RecordWriter.Write(Truth(0) with { Seed = $"{index}" }))
            .Where(record => record.Task == BenchRecord.Captioning);

        texts.Select(record => record.Output).Distinct().Count().Should().BeGreaterThan(900);
    }

    internal static ClipTruth Truth(int index)
    {
        var random = new SeededRandom($"truth {index}");
        string Any(IReadOnlyList<Label> labels) => random.Pick(labels).Name;
        return new ClipTruth
        {
            Id = $"clip-{index}",
            File = $"audio/clip-{index}.wav",
            Seed = $"clip-{index}",
            Seconds = 10,
            Tempo = 100,
            TempoClass = Any(MusicVocabulary.TempoClasses),
            Metre = "4/4",
            BeatsPerBar = 4,
            Key = "C major",
            Genre = Any(MusicVocabulary.Genres),
            Moods = [.. random.Shuffled(MusicVocabulary.Moods).Take(random.Next(1, 4)).Select(label => label.Name)],
            Instruments = [.. random.Shuffled(MusicVocabulary.Instruments.Where(label => label.Name != "drums"))
                .Take(random.Next(1, 7))
                .Select(label => label.Name)],
            Drums = random.Chance(.7),
            Melody = false,
            GrooveFamily = "x",
            Groove = ["x"],
            Split = random.Chance(.5) ? "train" : "held-out",
            Soundfont = "x.sf2",
            TuningCents = 0,
            Beats = [],
            Downbeats = [],
            Chords = [],
        };
    }

    [GeneratedRegex(@"[{}<>|*]|a\(n\)| {2}|\b(\w+) \1\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@" \[\w+\(\)\]")]
    private static partial Regex Call();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();
}
