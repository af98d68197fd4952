using CsCheck;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Taxonomy;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Taxonomy;

public sealed class TaxonomyTableTests
{
    [Fact]
    public void The_programs_own_list_means_every_label_that_a_model_of_ours_gives()
    {
        var taxonomy = TagTaxonomy.BuiltIn;

        foreach (var (group, labels) in MusicVocabulary.TagGroups.Append(("theme", MusicVocabulary.Themes)))
        {
            foreach (var label in labels)
                taxonomy.MeantBy(group, label.Name).Should().Contain(term => term.Group == group, "of {0}", label.Name);
        }

        taxonomy.Terms.Select(term => term.Group).Distinct().Should().BeEquivalentTo(TagTaxonomy.Groups);
        Names(taxonomy.WithKinds(taxonomy.Find("genre", "rock")!)).Should().Contain("indie rock", "blues rock");
        Names(taxonomy.Above(taxonomy.Find("genre", "deep house")!)).Should().Equal("house", "electronic");
        taxonomy.Find("genre", "Hip Hop").Should().BeSameAs(taxonomy.Find("genre", "rap"));
        Names(taxonomy.MeantBy("instrument", "Choir")).Should().BeEquivalentTo("choir", "choral voices");
    }

    [Theory]
    [InlineData("group,term,parent\r\ngenre,Rock,\r\ngenre,Indie,rock\r\n")]
    [InlineData("\uFEFFGroup;Term;Parents\nGenres;Rock;\nGENRE;Indie;Rock\n")]
    [InlineData("facet\tlabel\tbroader\ngenre\tRock\t\ngenre\tIndie\tRock\n")]
    [InlineData("group|tag|parent\ngenre|Rock|\ngenre|Indie|genre/rock\n")]
    public async Task A_table_is_read_however_its_cells_are_parted_and_its_columns_called(string table)
    {
        var taxonomy = (await ReadAsync(table)).Taxonomy!;

        taxonomy.Terms.Select(term => (term.Id, term.Label, string.Concat(term.Parents))).Should()
            .Equal(("genre/rock", "Rock", ""), ("genre/indie", "Indie", "genre/rock"));
    }

    [Fact]
    public async Task Lists_labels_of_other_groups_thresholds_and_ids_are_read()
    {
        var taxonomy = (await ReadAsync(
            "group,term,id,aliases,maps from,threshold,remarks\n"
            + "genre,,,,,60%,\n"
            + "genre,Uptempo,G-1,fast ones; quick,rock;pop,,ours\n"
            + "genre,Slow,,,ballad,\"0,75\",\n"
            + "voice,Choirs,,,instrument:choir,,\n")).Taxonomy!;

        taxonomy.Find("G-1")!.Aliases.Should().Equal("fast ones", "quick");
        Names(taxonomy.MeantBy("genre", "ROCK")).Should().Equal("Uptempo");
        Names(taxonomy.MeantBy("genre", "Fast-Ones")).Should().Equal("Uptempo");
        taxonomy.ThresholdOf(taxonomy.Find("G-1")!).Should().Be(0.6);
        taxonomy.ThresholdOf(taxonomy.Find("genre/slow")!).Should().Be(0.75);
        Names(taxonomy.MeantBy("instrument", "choir")).Should().Equal("Choirs");
    }

    [Theory]
    [InlineData("colour,red,,,,", "There is no group 'colour'; groups are genre, mood")]
    [InlineData(",rock,,,,", "The row names no group.")]
    [InlineData("genre,,,x,,", "The row names no term")]
    [InlineData("genre,Rock,Metl,,,", "There is no term 'Metl' in genre for a parent; did you mean Metal?")]
    [InlineData("genre,METAL,,,,", "'METAL' is a name of 'Metal' in row 2 already.")]
    [InlineData("genre,Loud,,heavy,,", "'heavy' is a name of 'Metal' in row 2 already.")]
    [InlineData("genre,Loud,,,metal,", "'metal' maps to 'Metal' in row 2 already.")]
    [InlineData("genre,Loud,Loud,,,", "Its parents go round in a circle: 'Loud' < 'Loud'.")]
    [InlineData("genre,Loud,,,,1.5", "The threshold '1.5' is no number from 0 to 1.")]
    [InlineData("genre,Loud,,,,0.61", "The threshold '0.61' is no multiple of 0.05.")]
    [InlineData("genre,Loud,,,,0.5,more", "There are 7 fields; the header has 6")]
    public async Task A_bad_row_is_told_by_its_number_and_leaves_no_taxonomy(string row, string reason)
    {
        var reading = await ReadAsync($"group,term,parent,aliases,maps from,threshold\ngenre,Metal,,heavy,metal,\n{row}\n");

        reading.Taxonomy.Should().BeNull();
        var (bad, error) = reading.Bad.Should().ContainSingle().Subject;
        (bad.Number, error[..Math.Min(error.Length, reason.Length)]).Should().Be((3, reason));
    }

    [Fact]
    public void Parents_that_go_round_are_refused_and_others_give_all_that_lies_above() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7]).Array[0, 12].Sample(pairs =>
        {
            var parents = Enumerable.Range(0, 8).ToDictionary(
                term => term,
                term => pairs.Where(pair => pair.Item1 == term).Select(pair => pair.Item2).Distinct().ToList());
            var table = "group,term,parent\n" + string.Concat(parents.Select(
                pair => $"mood,T{pair.Key},{string.Join(';', pair.Value.Select(parent => $"T{parent}"))}\n"));
            var reading = TaxonomyTable.Read(ImportFile.OfText("table", table), TagTaxonomy.Empty);

            var reach = Enumerable.Range(0, 8).ToDictionary(term => term, term => Reach(parents, term));
            var isRound = reach.Any(pair => pair.Value.Contains(pair.Key));
            (reading.Taxonomy is null).Should().Be(isRound, table);
            foreach (var (term, above) in isRound ? [] : reach)
            {
                var one = reading.Taxonomy!.Find("mood", $"t{term}")!;
                Names(reading.Taxonomy.Above(one)).Should().BeEquivalentTo(above.Select(parent => $"T{parent}"), table);
                foreach (var parent in above)
                    reading.Taxonomy.WithKinds(reading.Taxonomy.Find("mood", $"T{parent}")!).Should().Contain(one);
            }
        }, iter: 300);

    [Fact]
    public void A_name_means_one_term_and_what_is_written_is_read_again()
    {
        var taxonomy = TagTaxonomy.BuiltIn;
        foreach (var term in taxonomy.Terms)
        {
            foreach (var name in term.Aliases.Append(term.Label).Append(term.Id))
                taxonomy.Find(term.Group, name).Should().BeSameAs(term, name);
        }

        var again = TaxonomyTable.Parse(TaxonomyTable.Write(taxonomy), taxonomy.ClosedGroups);

        again.Terms.Should().BeEquivalentTo(taxonomy.Terms, options => options.WithStrictOrdering());
        TaxonomyTable.Write(again).Should().Be(TaxonomyTable.Write(taxonomy));
    }

    [Fact]
    public async Task Groups_that_a_table_has_no_terms_for_keep_theirs_and_may_get_a_threshold()
    {
        var others = (await ReadAsync("group,term,threshold\ngenre,Rock,\nmood,Sad,\nmood,,0.5\n")).Taxonomy!;

        var taxonomy = (await ReadAsync("group,term,threshold\ngenre,Pop,\nmood,,0.7\n", others)).Taxonomy!;

        Names(taxonomy.Terms).Should().Equal("Pop", "Sad");
        taxonomy.ClosedGroups.Should().BeEquivalentTo("genre", "mood");
        taxonomy.ThresholdOf(taxonomy.Find("mood", "sad")!).Should().Be(0.7);
    }

    [Fact]
    public void A_table_that_would_take_all_memory_is_refused_quickly()
    {
        var chain = string.Concat(Enumerable.Range(1, TaxonomyTable.MaxRows - 1).Select(i => $"genre,T{i},T{i - 1}\n"));

        var reading = TaxonomyTable.Read(
            ImportFile.OfText("table", $"group,term,parent\ngenre,T0,\n{chain}"), TagTaxonomy.Empty);

        reading.Bad.Should().HaveCount(TaxonomyTable.MaxRows - 1 - TaxonomyTable.MaxDepth);
        reading.Bad[0].Error.Should().Be("It lies more than 16 steps below another term.");
        var longer = () => TaxonomyTable.Read(
            ImportFile.OfText("table", $"group,term,parent\ngenre,T0,\n{chain}genre,U,\n"), TagTaxonomy.Empty);
        longer.Should().Throw<InvalidDataException>().WithMessage("table has over 5000 rows.");
    }

    [Fact]
    public async Task What_has_not_the_columns_is_no_taxonomy()
    {
        var read = () => ReadAsync("title,artist\na,b\n");

        await read.Should().ThrowAsync<InvalidDataException>()
            .WithMessage("* has no column 'group': a taxonomy has the columns group, term, id, parent, aliases, maps from,*");
    }

    private static IEnumerable<string> Names(IEnumerable<TaxonomyTerm> terms) => terms.Select(term => term.Label);

    private static HashSet<int> Reach(Dictionary<int, List<int>> parents, int from)
    {
        var reached = new HashSet<int>();
        var open = new Stack<int>(parents[from]);
        while (open.TryPop(out var next))
        {
            if (reached.Add(next)) foreach (var parent in parents[next]) open.Push(parent);
        }

        return reached;
    }

    private static async Task<TaxonomyReading> ReadAsync(string table, TagTaxonomy? others = null)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("openmu-taxonomy-").FullName, "terms.csv");
        await File.WriteAllTextAsync(path, table, TestContext.Current.CancellationToken);
        try
        {
            var file = await ImportFile.OpenAsync(path, TestContext.Current.CancellationToken);
            return TaxonomyTable.Read(file, others ?? TagTaxonomy.Empty);
        }
        finally
        {
            Directory.GetParent(path)!.Delete(recursive: true);
        }
    }
}
