using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Taxonomy;

namespace OpenMU.Cli;

/// <summary><c>openmu taxonomy</c>: the words by which a library sorts its music, and what they make of it.</summary>
internal sealed class TaxonomyVerbs
{
    private const int MaxLines = 20;

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> tenant = CatalogueAccess.TenantOption();
    private readonly Option<string> by = SetFields.ByOption();
    private readonly Option<bool> json = new("--json") { Description = "As one JSON object." };
    private readonly Option<int?> version = new("--version")
    {
        Description = "A version as `openmu taxonomy list` numbers it; 0 is the program's own list (default: the one that "
            + "is published).",
        HelpName = "N"
    };

    /// <summary><c>openmu taxonomy</c> with all its verbs.</summary>
    public static Command Command() => new(
        "taxonomy",
        "Sorts the library by terms of your own: genres, moods, instruments, themes, voices, energy and eras, each with "
            + "aliases, parents and the labels that mean it. Import a table, look at what it would change, publish it; "
            + "nothing is analysed again. docs/taxonomy.md says how a table looks.")
    {
        new TaxonomyVerbs().Show(), new TaxonomyVerbs().List(), new TaxonomyVerbs().Import(),
        new TaxonomyVerbs().Coverage(), new TaxonomyVerbs().Difference(), new TaxonomyVerbs().Publish(),
        new TaxonomyVerbs().RollBack(),
    };

    private Command Show() => Verb(
        new Command("show", "Writes a version as CSV, to be changed and imported again.") { version, json },
        async (parsed, access, cancel) =>
        {
            var (number, taxonomy) = await ChosenAsync(parsed, access, cancel);
            if (parsed.GetValue(json)) VerbOutput.Write(new { Version = number, taxonomy.Thresholds, taxonomy.Terms });
            else Console.Write(TaxonomyTable.Write(taxonomy));
            return ExitCode.Done;
        });

    private Command List() => Verb(
        new Command("list", "Lists the versions, the newest first.") { json },
        async (parsed, access, cancel) =>
        {
            foreach (var one in await Store(access).ListAsync(parsed.GetRequiredValue(tenant), cancel))
            {
                if (parsed.GetValue(json)) VerbOutput.Write(one);
                else Console.WriteLine(string.Join("  ", ((string?[])
                [
                    one.Number.ToString(CultureInfo.InvariantCulture), $"{one.Terms} terms",
                    one.By is null ? "the program's own" : $"imported by {one.By} {one.At:u}",
                    one.PublishedBy is null ? null : $"published by {one.PublishedBy} {one.PublishedAt:u}",
                    one.IsPublished ? "holds" : null,
                ]).Where(part => part is not null)));
            }

            return ExitCode.Done;
        });

    private Command Import()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "CSV with a header (commas, semicolons, tabs or bars), or JSON Lines: group, term, parent, "
                + "aliases, maps from, threshold, and id to keep when a term gets another name. Several values are "
                + "separated by ;. maps from has labels of models and words of your data, of another group as "
                + "group:label. A row without a term has its group's threshold: only tags that were stated are stored, so "
                + "it can raise what the model was sure of and not lower it."
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Store nothing; show what it would make of the library." };
        var badRows = new Option<FileInfo?>("--bad-rows")
        {
            Description = "Where rows go that come back (default: terms.bad.csv beside terms.csv).",
            HelpName = "FILE"
        };
        return Verb(
            new Command(
                "import",
                "Takes a table in as a new version, which holds for nothing until it is published. Where rows come back, "
                    + "none is made: mend them and send the whole table again.")
            {
                file, dryRun, badRows, by
            },
            async (parsed, access, cancel) =>
            {
                var table = parsed.GetRequiredValue(file);
                if (!table.Exists) throw new UsageException($"There is no file {table}.");
                var bad = parsed.GetValue(badRows)?.FullName ?? OwnerImport.BadRowsBeside(table.FullName);
                if (bad == table.FullName) throw new UsageException("--bad-rows names the file itself.");
                return await ImportAsync(
                    parsed, access, table.FullName, bad, parsed.GetValue(dryRun), cancel);
            });
    }

    private async Task<int> ImportAsync(
        ParseResult parsed, CatalogueAccess access, string path, string bad, bool isDryRun, CancellationToken cancel)
    {
        TaxonomyImport import;
        try
        {
            import = await Store(access).ImportAsync(
                parsed.GetRequiredValue(tenant), await ImportFile.OpenAsync(path, cancel), parsed.GetRequiredValue(by),
                bad, isDryRun, cancel);
        }
        catch (InvalidDataException wrong)
        {
            throw new UsageException(wrong.Message);
        }

        var coverage = isDryRun && import.Taxonomy is { } would
            ? await Reports(access).CoverageAsync(parsed.GetRequiredValue(tenant), would, new Looked(), cancel)
            : null;
        VerbOutput.Write(new
        {
            import.Rows,
            import.Version,
            Terms = import.Taxonomy?.Terms.Count,
            import.IgnoredColumns,
            import.Mistakes,
            Coverage = coverage,
        });
        foreach (var mistake in import.Mistakes.Take(MaxLines))
            await Console.Error.WriteLineAsync($"openmu: row {mistake.Row}: {mistake.Reason}");
        if (import.Mistakes.Count == 0) return ExitCode.Done;
        await Console.Error.WriteLineAsync(
            $"openmu: {VerbOutput.Count(import.Mistakes.Count, "row")} came back in {bad}: to be mended, and the whole table sent again.");
        return ExitCode.NotDone;
    }

    private Command Coverage() => Verb(
        new Command(
            "coverage",
            "Counts the tracks of each term, and shows models' labels and words of yours that mean none, and terms that no "
                + "track has.")
        {
            version, json
        },
        async (parsed, access, cancel) =>
        {
            var (number, taxonomy) = await ChosenAsync(parsed, access, cancel);
            var found = await Reports(access).CoverageAsync(
                parsed.GetRequiredValue(tenant), taxonomy, new Looked(), cancel);
            if (parsed.GetValue(json)) VerbOutput.Write(found);
            else foreach (var line in Lines(number, found)) Console.WriteLine(line);
            return ExitCode.Done;
        });

    private Command Difference()
    {
        version.Required = true;
        version.Description = "The version that would be published, as `openmu taxonomy list` numbers it.";
        return Verb(
            new Command("diff", "Shows which tracks would gain and lose which tags if a version were published.")
            {
                version, json
            },
            async (parsed, access, cancel) =>
            {
                var (number, taxonomy) = await ChosenAsync(parsed, access, cancel);
                var published = await Store(access).PublishedAsync(parsed.GetRequiredValue(tenant), cancel);
                var found = await Reports(access).DifferenceAsync(
                    parsed.GetRequiredValue(tenant), published.Taxonomy, taxonomy, new Looked(), cancel);
                if (parsed.GetValue(json)) VerbOutput.Write(found);
                else foreach (var line in Lines(published.Number, number, found)) Console.WriteLine(line);
                return ExitCode.Done;
            });
    }

    private Command Publish()
    {
        var number = new Argument<int>("version")
        {
            Description = "As `openmu taxonomy list` numbers it; 0 is the program's own list."
        };
        return Verb(
            new Command("publish", "Has a version hold from now on, for all that is shown, searched and exported.")
            {
                number, by
            },
            async (parsed, access, cancel) => End(
                await Store(access).PublishAsync(
                    parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(number), Author(parsed), null, cancel),
                $"There is no version {parsed.GetRequiredValue(number)}: see `openmu taxonomy list`.",
                "It holds already.", isLost: false));
    }

    private Command RollBack() => Verb(
        new Command("rollback", "Has the version hold again that held before.") { by },
        async (parsed, access, cancel) => End(
            await Store(access).RollBackAsync(
                parsed.GetRequiredValue(tenant), Author(parsed), null, cancel),
            "", "There is nothing to go back to.", isLost: true));

    private CorrectionAuthor Author(ParseResult parsed) => new(parsed.GetRequiredValue(by), "cli");

    // Of a publication that holds already all is as it was asked for; of a way back that is none, it is not.
    private static int End(TaxonomyAnswer answer, string noVersion, string nothing, bool isLost)
    {
        if (answer.Outcome == TaxonomyOutcome.NoVersion) throw new UsageException(noVersion);
        VerbOutput.Write(new { Version = answer.Number, answer.Outcome });
        if (answer.Outcome == TaxonomyOutcome.Stale)
            throw new InvalidOperationException("Somebody else has published meanwhile: look again.");
        if (answer.Outcome == TaxonomyOutcome.NothingToDo) Console.Error.WriteLine($"openmu: {nothing}");
        return answer.Outcome == TaxonomyOutcome.NothingToDo && isLost ? ExitCode.NotDone : ExitCode.Done;
    }

    private Command Verb(Command command, Func<ParseResult, CatalogueAccess, CancellationToken, Task<int>> run)
    {
        command.Options.Add(data);
        command.Options.Add(tenant);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            return await run(parsed, access, cancel);
        });
        return command;
    }

    private async Task<(int Number, TagTaxonomy Taxonomy)> ChosenAsync(
        ParseResult parsed, CatalogueAccess access, CancellationToken cancel)
    {
        var of = parsed.GetRequiredValue(tenant);
        if (parsed.GetValue(version) is not { } number)
        {
            var published = await Store(access).PublishedAsync(of, cancel);
            return (published.Number, published.Taxonomy);
        }

        return (number, await Store(access).VersionAsync(of, number, cancel)
            ?? throw new UsageException($"There is no version {number}: see `openmu taxonomy list`."));
    }

    private static IEnumerable<string> Lines(int number, TaxonomyCoverage found)
    {
        yield return $"version {number}: {found.TracksWithTerms} of {found.Tracks} tracks have a term";
        foreach (var (group, tracks) in found.Groups) yield return $"{group}: {VerbOutput.Count(tracks, "track")}";
        foreach (var term in found.Terms)
        {
            yield return $"{term.Term}: {VerbOutput.Count(term.Tracks, "track")}"
                + (term.BelowThreshold > 0 ? $", {term.BelowThreshold} below the threshold" : "");
        }

        foreach (var word in found.UnmappedLabels)
        {
            yield return $"label of a model without a term: {word.Group}:{word.Word}, "
                + $"{VerbOutput.Count(word.Tracks, "track")}{Such(word.Examples)}";
        }

        foreach (var word in found.UnmappedWords)
        {
            yield return $"word without a term: {word.Group}:{word.Word}, "
                + $"{VerbOutput.Count(word.Tracks, "track")}{Such(word.Examples)}";
        }

        if (found.TermsWithoutTracks.Count > 0)
            yield return $"without tracks: {string.Join(", ", found.TermsWithoutTracks)}";
    }

    private static IEnumerable<string> Lines(int before, int after, TaxonomyDifference found)
    {
        yield return $"version {before} -> {after}: {found.Changed} of {found.Tracks} tracks change";
        foreach (var value in found.Values)
        {
            if (value.Gained > 0) yield return $"+ {value.Group}:{value.Value}: "
                + $"{VerbOutput.Count(value.Gained, "track")}{Such(value.GainedBy)}";
            if (value.Lost > 0) yield return $"- {value.Group}:{value.Value}: {VerbOutput.Count(value.Lost, "track")}{Such(value.LostBy)}";
        }
    }

    private static string Such(IReadOnlyList<ExampleTrack> examples) => examples.Count == 0
        ? ""
        : $" ({string.Join(", ", examples.Select(track => $"{track.Id} {track.FileName}"))})";

    private static TaxonomyStore Store(CatalogueAccess access) => access.Services.GetRequiredService<TaxonomyStore>();

    private static TaxonomyReports Reports(CatalogueAccess access) =>
        access.Services.GetRequiredService<TaxonomyReports>();

    private sealed class Looked : IProgress<long>
    {
        public void Report(long value) => VerbOutput.Progress(VerbOutput.Count(value, "track"));
    }
}
