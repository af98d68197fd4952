using System.Text;
using CsCheck;
using OpenMU.Catalogue.Search;

namespace OpenMU.Catalogue.Tests.Search;

public sealed class SearchFoldTests
{
    // Texts in many scripts, with signs, accents, halves of characters and what folding itself writes.
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String, Gen.OneOf(
            Gen.Char['a', 'z'], Gen.Char['A', 'Z'], Gen.Char['0', '9'], Gen.Char['\u00c0', '\u024f'],
            Gen.Char['\u0300', '\u036f'], Gen.Char['\u0400', '\u04ff'], Gen.Char['\u0e00', '\u0e7f'],
            Gen.Char['\u3040', '\u30ff'], Gen.Char['\u4e00', '\u4eff'], Gen.Char['\uac00', '\uacff'],
            Gen.Char['\uff01', '\uff9f'],
            OneOf(' ', ' ', '.', '/', '-', '\'', '’', '!', '$', '&', 'ƿ', '_', '\ud83d')).Array[0, 24]
            .Select(letters => new string(letters)));

    [Theory]
    [InlineData("Dødheimsgård", "dodheimsgard doedheimsgaard")]
    [InlineData("Straße der Nacht", "strasse der nacht")]
    [InlineData("STRASSE", "strasse")]
    [InlineData("Łódź nocą", "lodz noca")]
    [InlineData("ışık IŞIK İstanbul", "isik isik istanbul")]
    [InlineData("Müller Mueller", "muller mueller")]
    [InlineData("Þórr Æsir Œuvre Đoàn ðis", "thorr aesir oeuvre doan dis")]
    [InlineData("ＡＢＢＡ １２３", "abba 123")]
    [InlineData("ﬁnale Ⅳ ①", "finale iv 1")]
    [InlineData("Don’t don't dont Don`t", "dont dont dont dont don t")]
    [InlineData("L'amour", "lamour l amour")]
    [InlineData("Rock'n'Roll", "rocknroll rock n roll")]
    [InlineData("R.E.M.", "r e m rem")]
    [InlineData("AC/DC", "ac dc acdc")]
    [InlineData("Hip-Hop", "hip hop hiphop")]
    [InlineData("P!nk", "pink p nk")]
    [InlineData("Ke$ha A$AP $uicideboy$", "kesha asap suicideboys ke ha a ap uicideboy")]
    [InlineData("Wham! Help! ¡Hola!", "wham help hola")]
    [InlineData("a-ha – Take On Me", "a ha take on me aha")]
    [InlineData("Simon & Garfunkel", "simon garfunkel")]
    [InlineData("007 Track 01", "007 track 01 7 1")]
    [InlineData("٣ ३", "3 3")]
    [InlineData("Ёлка Йога", "елка иога")]
    [InlineData("Νύχτες ΝΥΧΤΕΣ", "νυχτεσ νυχτεσ")]
    [InlineData("أحمد احمد", "احمد احمد")]
    [InlineData("Sunn O)))", "sunn o")]
    [InlineData("Brand™ ©2020", "brand 2020")]
    [InlineData("war_of_dawn", "war of dawn")]
    [InlineData("  \t\n", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Texts_are_written_as_people_type_them(string? text, string folded) =>
        SearchFold.Fold(text).Should().Be(folded);

    [Fact]
    public void Scripts_without_spaces_are_written_in_pairs_and_begin_with_every_character()
    {
        var words = SearchFold.Fold("中国人").Split(' ');
        words.Should().HaveCount(3);
        words[0].Should().StartWith(SearchFold.Fold("中"));
        words[1].Should().Be(SearchFold.Fold("国人").Split(' ')[0]);
        words[2].Should().Be(SearchFold.Fold("人"));
        SearchFold.Fold("タワー").Should().Be(SearchFold.Fold("ﾀﾜｰ")).And.Be(SearchFold.Fold("たわー"));
        SearchFold.Fold("ガ").Should().NotBe(SearchFold.Fold("カ"), "another letter, not an accent");
        SearchFold.Fold("AKB48の歌").Split(' ').Should().HaveCount(3).And.StartWith("akb48");
        SearchFold.Fold("เพลง").Should().NotBe(SearchFold.Fold("เพล"));
        words.Should().OnlyContain(word => word.All(char.IsLetterOrDigit), "databases must take it for one word");
    }

    [Theory]
    [InlineData("!!!")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("÷")]
    [InlineData("▲▲▲")]
    [InlineData("♥")]
    [InlineData("🎵")]
    public void Names_made_of_signs_keep_a_form_of_their_own(string name)
    {
        SearchFold.Fold(name).Should().NotBeEmpty().And.Match(text => text.All(char.IsLetterOrDigit));
        SearchFold.Fold($"a {name} b").Contains(SearchFold.Fold(name)).Should().Be(name is not ("+" or "-"));
    }

    [Fact]
    public void Folding_again_changes_nothing() =>
        Texts.Sample(text => SearchFold.Fold(SearchFold.Fold(text)).Should().Be(SearchFold.Fold(text)), iter: 20_000);

    [Fact]
    public void Nothing_but_letters_digits_marks_and_single_spaces_is_left() => Texts.Sample(
        text =>
        {
            var folded = SearchFold.Fold(text);
            folded.Should().Be(string.Join(' ', folded.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            folded.Replace(" ", "").EnumerateRunes()
                .Where(rune => !Rune.IsLetterOrDigit(rune) && !FoldedLetters.IsPartOfWord(rune)).Should().BeEmpty();
            folded.Where(c => char.IsAscii(c) && c != ' ' && !char.IsAsciiDigit(c) && !char.IsAsciiLetterLower(c))
                .Should().BeEmpty();
            folded.Should().NotContain(Facet.AnyTrack[..2]);
        },
        iter: 20_000);

    [Fact]
    public void Every_spelling_of_a_query_is_in_the_index_of_the_same_text() => Texts.Sample(
        text =>
        {
            var index = SearchFold.Fold(text).Split(' ').ToHashSet();
            foreach (var chunk in SearchFold.Read(text))
                chunk.Spellings.SelectMany(spelling => spelling).Should().BeSubsetOf(index);
        },
        iter: 20_000);

    [Fact]
    public void Case_and_form_of_unicode_do_not_count() => Gen.String[Gen.Char['\u0020', '\u024f'], 0, 20].Sample(
        text =>
        {
            if (text.Contains('ŉ')) return;
            SearchFold.Fold(text.Normalize(NormalizationForm.FormD)).Should().Be(SearchFold.Fold(text.Normalize()));
            SearchFold.Fold(text.ToLowerInvariant()).Should().Be(SearchFold.Fold(text));
        },
        iter: 5000);

    [Fact]
    public void Sorting_goes_by_numbers_letters_and_nothing_else()
    {
        string[] sorted =
        [
            "1 Song", "02 Song", "9. Song", "10 Song", "100 Song", "Abba", "ábba 2", "ABBA 10", "Ängel", "apfel", "The Band",
            "Ólafur", "zebra 3a", "Zebra 12", "Øya",
        ];
        var order = sorted.OrderBy(text => SearchFold.SortKey(text, 200), StringComparer.Ordinal).ToList();
        order.Should().Equal(
            "1 Song", "02 Song", "9. Song", "10 Song", "100 Song", "Abba", "ábba 2", "ABBA 10", "Ängel", "apfel", "Ólafur",
            "Øya", "The Band", "zebra 3a", "Zebra 12");
        SearchFold.SortKey("!!!", 200).Should().Be("!!!");
        SearchFold.SortKey(null, 200).Should().BeEmpty();
    }

    [Fact]
    public void Sort_keys_fit_and_numbers_in_them_compare_as_numbers()
    {
        Texts.Sample(
            text => SearchFold.SortKey(text, 10).Length <= 10 && SearchFold.SortKey(text, 10).Normalize() != null);
        Gen.Select(Gen.UInt, Gen.UInt).Sample((a, b) => Math.Sign(string.CompareOrdinal(
            SearchFold.SortKey($"x {a:0000}", 99), SearchFold.SortKey($"X-{b}", 99))) == a.CompareTo(b));
    }

    private static Gen<char> OneOf(params char[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
