using CsCheck;
using FluentAssertions;
using OpenMU.Music.Lyrics;

namespace OpenMU.Music.Tests.Lyrics;

public sealed class SongLyricsTests
{
    private static readonly Gen<string> Word = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 8],
        Gen.OneOf(
            "été", "Straße", "夜の空", "ماه", "می\u200Cخواهم", "<b>", "[Chorus]", "5:15", "&amp;", "<|eot_id|>",
            "👩\u200D🎤"));

    private static readonly Gen<string> Words = Word.Array[1, 6].Select(words => string.Join(' ', words));

    // Any spelling of a file: times in several forms, repeated, of words, out of order, and things that are none.
    private static readonly Gen<string> Time = Gen.Select(
        Gen.Int[0, 120], Gen.Int[0, 59], Gen.Int[0, 999], Gen.Int[0, 4],
        (minutes, seconds, thousandths, form) => form switch
        {
            0 => $"{minutes:00}:{seconds:00}.{thousandths / 10:00}",
            1 => $"{minutes}:{seconds:00}.{thousandths:000}",
            2 => $"{minutes:00}:{seconds:00}",
            3 => $"{minutes:00}:{seconds:00}:{thousandths / 10:00}",
            _ => $" {minutes:00}:{seconds:00}.{thousandths / 100}",
        });

    private static readonly Gen<string> Line = Gen.OneOf(
        Words, Gen.Const(""),
        Gen.OneOf("[ti:A title]", "[by: me]", "[Chorus: both]", "[offset:+250]", "[offset: -40]"),
        Gen.Select(Time.Array[1, 3], Words, (times, words) => string.Concat(times.Select(time => $"[{time}]")) + words),
        Time.Select(time => $"[{time}]"),
        Gen.Select(Time, Gen.Select(Time, Word).Array[1, 5], (time, words) =>
            $"[{time}] " + string.Concat(words.Select(word => $"<{word.Item1.Trim()}>{word.Item2} "))),
        Gen.Select(Time, Words, Time, (start, words, end) => $"[{start}]{words} <{end.Trim()}>"),
        Gen.String[Gen.Char[' ', '\u00FF'], 0, 20], Gen.String[0, 20]);

    private static readonly Gen<string> File = Gen.Select(
        Line.Array[0, 12], Gen.OneOf("\n", "\r\n", "\r"), (lines, end) => string.Join(end, lines));

    [Fact]
    public void Whatever_is_read_is_written_and_read_again_the_same() => File.Sample(file =>
    {
        if (Read(file) is not { } lyrics) return;
        var again = SongLyrics.Parse(lyrics.ToLrc());

        again.Lines.Should().BeEquivalentTo(lyrics.Lines, options => options.WithStrictOrdering());
        again.Headers.Should().Equal(lyrics.Headers);
        again.ToLrc().Should().Be(lyrics.ToLrc());
    });

    [Fact]
    public void A_file_in_the_usual_spelling_comes_back_to_the_byte() =>
        Gen.Select(Gen.Int[0, 599_999], Words).Array[1, 20].Sample(lines =>
        {
            var file = "[ti:Song]\n[ar:Somebody]\n" + string.Concat(lines.OrderBy(line => line.Item1).Select(line =>
                $"[{line.Item1 / 6000:00}:{line.Item1 / 100 % 60:00}.{line.Item1 % 100:00}]{line.Item2}\n"));

            SongLyrics.Parse(file).ToLrc().Should().Be(file);
        });

    [Fact]
    public void Lines_are_in_the_order_of_time_and_hold_no_control_characters() => File.Sample(file =>
    {
        if (Read(file) is not { } lyrics) return;

        lyrics.Lines.Select(line => line.Seconds).OfType<double>().Should().BeInAscendingOrder();
        lyrics.Lines.Should().OnlyContain(line => line.Text == line.Text.Trim() && !line.Text.Any(char.IsControl));
        foreach (var line in lyrics.Lines.Where(line => line.Words is not null))
        {
            line.Words!.Should().OnlyContain(word => word.Seconds >= 0);
            string.Concat(line.Words!.Select(word => word.Text)).Should().Be(line.Text);
        }
    });

    [Fact]
    public void Several_times_before_words_are_several_lines() =>
        SongLyrics.Parse("[00:10.00][01:02.5]Twice\n[0:30]Once").Lines.Should()
            .Equal(new LyricLine(10, "Twice"), new LyricLine(30, "Once"), new LyricLine(62.5, "Twice"));

    [Fact]
    public void A_positive_offset_makes_words_sooner_and_none_sooner_than_the_start() =>
        SongLyrics.Parse("[offset:+1500]\n[00:01.00]First\n[00:10.00]<00:10.00>Sec<00:10.50>ond").Lines.Should()
            .BeEquivalentTo(
                [new LyricLine(0, "First"), new LyricLine(8.5, "Second", [new(8.5, "Sec"), new(9, "ond")])],
                options => options.WithStrictOrdering());

    [Fact]
    public void Times_of_words_are_kept_with_the_end_of_the_last()
    {
        var lyrics = SongLyrics.Parse("[00:12.00] <00:12.04> When <00:12.16> the <00:12.82> truth <00:13.29>");

        lyrics.Lines.Single().Should().BeEquivalentTo(new LyricLine(
            12, "When the truth", [new(12.04, "When "), new(12.16, "the "), new(12.82, "truth"), new(13.29, "")]));
    }

    [Fact]
    public void Plain_text_keeps_its_stanzas_and_what_stands_in_brackets()
    {
        var lyrics = SongLyrics.Parse("\n\n[Verse 1: A]\nmeet me at [12:30]\n\n\n[Chorus]\nla la\n\n");

        lyrics.IsTimed.Should().BeFalse();
        lyrics.Text.Should().Be("[Verse 1: A]\nmeet me at [12:30]\n\n[Chorus]\nla la");
    }

    [Fact]
    public void What_the_file_says_about_itself_is_no_text()
    {
        var lyrics = SongLyrics.Parse("[ar:Somebody]\n[00:01.00]Words");

        lyrics.Text.Should().Be("Words");
        lyrics.Headers.Should().Equal("[ar:Somebody]");
    }

    [Theory]
    [InlineData("", "There are no words in it.")]
    [InlineData("[ti:Only a title]\n[00:01.00]\n\u0001\u200B", "There are no words in it.")]
    public void What_has_no_words_is_refused(string text, string reason) =>
        FluentActions.Invoking(() => SongLyrics.Parse(text))
            .Should().Throw<UnusableLyricsException>().WithMessage(reason);

    [Fact]
    public void Far_too_much_is_refused_with_the_bound()
    {
        void Refused(string text, string reason) => FluentActions.Invoking(() => SongLyrics.Parse(text))
            .Should().Throw<UnusableLyricsException>().WithMessage(reason);

        Refused(string.Concat(Enumerable.Repeat("la\n", 5001)), "It has 5,001 lines; 5,000 are possible.");
        Refused("one\n" + new string('a', 1001), "Its line 2 has more than 1,000 characters.");
        Refused(new string('a', 10_000_000), "Its line 1 has more than 1,000 characters.");
        Refused(
            string.Concat(Enumerable.Repeat(new string('a', 900) + "\n", 300)), "It has more than 200,000 characters.");
        SongLyrics.Parse(string.Concat(Enumerable.Repeat("[00:00.00]", 900)) + "la").Lines.Should().HaveCount(100);
    }

    private static SongLyrics? Read(string file)
    {
        try
        {
            return SongLyrics.Parse(file);
        }
        catch (UnusableLyricsException)
        {
            return null;
        }
    }
}
