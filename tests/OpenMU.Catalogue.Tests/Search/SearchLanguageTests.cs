using CsCheck;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Catalogue.Tests.Search;

public sealed class SearchLanguageTests
{
    [Theory]
    [InlineData("dawn war", "(\"dawn\"* AND \"war\"*)")]
    [InlineData("\"dawn of war\"", "\"dawn of war\"")]
    [InlineData("dawn -war", "(\"dawn\"* NOT (\"war\"*))")]
    [InlineData("-war", "(({Facets} : \"ƿƿall\") NOT (\"war\"*))")]
    [InlineData("-\"of war\" dawn", "(\"dawn\"* NOT (\"of war\"))")]
    [InlineData("dawn OR war", "(\"dawn\"* OR \"war\"*)")]
    [InlineData("a OR b OR c d", "((\"a\"* OR \"b\"* OR \"c\"*) AND \"d\"*)")]
    [InlineData("OR dawn OR", "(\"or\"* AND \"dawn\"* AND \"or\"*)")]
    [InlineData("title:dawn", "({TitleWords} : \"dawn\"*)")]
    [InlineData("Artist:\"AC/DC\"", "({ArtistWords} : (\"ac dc\" OR \"acdc\"))")]
    [InlineData("-genre:jazz x", "(\"x\"* NOT (({GenreWords} : \"jazz\"*)))")]
    [InlineData("isrc:US-RC1-76-07839", "({IdWords} : (\"us rc1 76 07839\"* OR \"usrc17607839\"*))")]
    [InlineData("Re:Stacks", "(\"re stacks\"* OR \"restacks\"*)")]
    [InlineData("Mission: Impossible", "(\"mission\"* AND \"impossible\"*)")]
    [InlineData("Artist - Title", "(\"artist\"* AND \"title\"*)")]
    [InlineData("AC/DC", "(\"ac dc\"* OR \"acdc\"*)")]
    [InlineData("don’t", "(\"dont\"* OR \"don t\"*)")]
    [InlineData("tempo:slow", "({Facets} : \"ƿƿtempoƿ001pslow\"*)")]
    [InlineData("x.Shelf:A1", "({Facets} : \"ƿƿxƿ001ashelfƿ001pa1\"*)")]
    [InlineData("3/4 waltz", "(({Facets} : \"ƿƿmetreƿ001p3ƿ001b4\") AND \"waltz\"*)")]
    public void Words_phrases_fields_and_their_opposites_are_read(string text, string condition) =>
        AskedTracks.Of(new TrackQuery { Text = text }, TagTaxonomy.Empty)[0].Condition!.ToFts5().Should().Be(condition);

    [Theory]
    [InlineData("in D minor", "key D minor (7A)")]
    [InlineData("c sharp minor", "key C# minor (12A)")]
    [InlineData("ballad in Am", "key A minor (8A)")]
    [InlineData("key of F#", "key F# major (2B)")]
    [InlineData("sonata in a major", "key A major (11B)")]
    [InlineData("8A", "key A minor (8A)")]
    [InlineData("key:12b", "key E major (12B)")]
    [InlineData("key:Ebm", "key Eb minor (2A)")]
    [InlineData("-8A", "not in A minor (8A)")]
    [InlineData("piano -key:Am", "not in A minor (8A)")]
    [InlineData("-3/4 dance", "not in 3/4")]
    [InlineData("128 bpm", "tempo 127.5 to 128.5 BPM")]
    [InlineData("120-130 bpm", "tempo 120 to 130 BPM")]
    [InlineData("between 130 and 120 BPM", "tempo 120 to 130 BPM")]
    [InlineData("around 100 bpm", "tempo 95 to 105 BPM")]
    [InlineData("over 140 bpm", "tempo from 140 BPM")]
    [InlineData("bpm:120-130", "tempo 120 to 130 BPM")]
    [InlineData("under 3 minutes", "length up to 3:00")]
    [InlineData("over 5 min", "length from 5:00")]
    [InlineData("2 to 4 minutes", "length 2:00 to 4:00")]
    [InlineData("less than 90 seconds", "length up to 1:30")]
    [InlineData("shorter than 3:30", "length up to 3:30")]
    [InlineData("around 2 minutes", "length 1:48 to 2:12")]
    [InlineData("in 3/4 time", "metre 3/4")]
    [InlineData("6/8", "metre 6/8")]
    public void Musical_phrases_are_understood_and_told_back(string text, string means)
    {
        var asked = AskedTracks.Of(new TrackQuery { Text = text }, TagTaxonomy.Empty)[0];

        asked.Understood.Should().ContainSingle().Which.Means.Should().Be(means);
    }

    [Theory]
    [InlineData("\"8A\"")]
    [InlineData("\"under 3 minutes\"")]
    [InlineData("5 Seconds of Summer")]
    [InlineData("in a dream")]
    [InlineData("a major hit")]
    [InlineData("Route 66/4")]
    [InlineData("title:8A")]
    [InlineData("128bpmx")]
    public void What_is_quoted_or_a_part_of_something_else_is_words(string text) =>
        AskedTracks.Of(new TrackQuery { Text = text }, TagTaxonomy.Empty)[0].Understood.Should().BeEmpty();

    [Fact]
    public void Several_phrases_hold_at_once_and_leave_their_words_out()
    {
        var asked = AskedTracks.Of(new TrackQuery { Text = "sad piano in D minor, around 100 bpm under 3 minutes 3/4" }, TagTaxonomy.Empty)[0];

        asked.Understood.Select(phrase => phrase.Phrase).Should().BeEquivalentTo(
            "around 100 bpm", "under 3 minutes", "in D minor", "3/4");
        asked.Keys.Should().Equal("7A");
        asked.Condition!.ToFts5().Should().Contain("sad").And.Contain("piano").And.NotContain("minutes");
        AskedTracks.Of(new TrackQuery { Text = "8A", Key = "C minor" }, TagTaxonomy.Empty)[0].Keys.Should().BeEmpty("no key is two");
    }

    [Fact]
    public void What_was_probably_meant_is_said()
    {
        Notes("-128 bpm").Should().ContainSingle().Which.Should().Contain("over 130 bpm");
        Notes("titel:dawn").Should().ContainSingle().Which.Should().Contain("Did you mean title?");
        Notes("\"dawn").Should().ContainSingle().Which.Should().Contain("has no end");
        Notes(new string('a', 2000)).Should().ContainSingle().Which.Should().Contain("1000");
        Notes("key:H").Should().ContainSingle().Which.Should().Contain("no key");
        Notes("over 0 bpm").Should().ContainSingle().Which.Should().Contain("'over 0 bpm' is no tempo");
        Notes("title: dawn").Should().ContainSingle().Which.Should().Contain("behind 'title:'");
        Notes("Re:Stacks").Should().BeEmpty();

        static IReadOnlyList<string> Notes(string text) => SearchLanguage.Read(text, TagTaxonomy.Empty).Notes;
    }

    [Fact]
    public void No_text_is_an_error_and_no_sign_of_it_reaches_a_database()
    {
        var pieces = OneOf(
            "\"", "*", "^", "(", ")", ":", "-", "+", "{", "}", " OR ", " AND ", " NOT ", " NEAR(", "title:", "x.a:", "bpm", "128 bpm",
            "in Am", "8A", "3/4", "under 3 minutes", "~", "a", "é", "日本", " ", "\0", "'", "”", "ƿ", "ƿƿall", "|", "%", "--", "9999:99");
        var text = Gen.OneOf(Gen.String, pieces.Array[1, 14].Select(string.Concat));
        text.Sample(
            t =>
            {
                foreach (var asked in AskedTracks.Of(new TrackQuery { Text = t, Relax = true }, TagTaxonomy.Empty))
                {
                    if (asked.Condition is not { } condition) continue;
                    var terms = new List<object>();
                    var sql = condition.ToContains(terms);
                    sql.Should().MatchRegex(@"^[A-Za-z\[\](), {}0-9]*$");
                    terms.Should().HaveCountLessThan(400);
                    string.Concat(Words(condition)).Where(IsSign).Should().BeEmpty();
                }
            },
            iter: 3000);

        static bool IsSign(char c) => char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c);
    }

    [Fact]
    public void A_facet_is_read_as_it_was_written()
    {
        var group = OneOf([.. Facet.Groups, "x.shelf mark", "x.år"]);
        Gen.Select(group, Gen.String[Gen.Char['\u0020', '\u017f'], 1, 8]).Sample((name, value) =>
        {
            var clean = Facet.Clean(value);
            if (clean.Length == 0) return;
            Facet.OfToken(new Facet(name, value).Token)!.Group.Should().Be(name);
            clean.Should().StartWith(Facet.OfToken(new Facet(name, value).Token)!.Value);
        });
        Gen.String.Sample(text => Facet.OfToken(text) is null);
        FacetFilter.TryParse("Genre:Jazz| Blues ").Should().BeEquivalentTo(new FacetFilter("genre", ["jazz", "blues"], false));
        FacetFilter.TryParse("-mood:sad")!.ToString().Should().Be("-mood:sad");
        foreach (var text in (string?[])[null, "", "jazz", "genre:", "colour:red", "-", "x.:a"])
            FacetFilter.TryParse(text).Should().BeNull();
    }

    private static IEnumerable<string> Words(SearchCondition condition) => condition switch
    {
        SearchCondition.Words words => words.Spellings.SelectMany(spelling => spelling),
        SearchCondition.Not not => Words(not.Part),
        SearchCondition.All all => all.Parts.SelectMany(Words),
        SearchCondition.Any any => any.Parts.SelectMany(Words),
        _ => [],
    };

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
