using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu import</c>: takes an owner's data into the catalogue; <c>openmu up</c> may run meanwhile.
/// </summary>
internal sealed class Import
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Argument<FileInfo> file = new("file")
    {
        Description = "A table with a header (CSV with commas, semicolons, tabs or bars), or JSON Lines; in UTF-8, "
            + "UTF-16 or Windows-1252. docs/import.md says which columns are known."
    };

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> tenant = new("--tenant")
    {
        Description = "Whose library.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TrackBlob.DefaultTenant
    };

    private readonly Option<string> by = new("--by")
    {
        Description = "Who imports (default: your name on this machine).",
        HelpName = "NAME",
        DefaultValueFactory = _ => Environment.UserName
    };

    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Change nothing; show what would change." };
    private readonly Option<bool> replace = new("--replace")
    {
        Description = "Values that differ from those of an earlier import take their place; without it they come back "
            + "with both values."
    };

    private readonly Option<bool> keepUnmatched = new("--keep-unmatched")
    {
        Description = "Keep rows whose track is not there until it comes; without it they come back."
    };

    private readonly Option<MatchKey[]> match = new("--match")
    {
        Description = $"By what tracks are found, the surest first, separated by commas: "
            + $"{string.Join(", ", Enum.GetNames<MatchKey>())} (default: all that a row has, in this order).",
        HelpName = "KEYS",
        CustomParser = Keys
    };

    private readonly Option<string[]> map = Named("--map", "Take a column for a field, such as \"Our code=ownId\".");
    private readonly Option<string[]> column = Named(
        "--column", "Take a column for a field of your own, such as \"Cue sheet=text\"; types are "
            + $"{string.Join(", ", Enum.GetNames<FieldType>().Select(JsonNamingPolicy.CamelCase.ConvertName))}.");

    private readonly Option<string[]> ignore = new("--ignore")
    {
        Description = "Pass over a column.",
        HelpName = "COLUMN"
    };

    private readonly Option<FileInfo?> badRows = new("--bad-rows")
    {
        Description = "Where rows go that come back (default: songs.bad.csv beside songs.csv).",
        HelpName = "FILE"
    };

    public static Command Command()
    {
        var import = new Import();
        var command = new Command(
            "import",
            "Takes your own data in: every column of a table, for tracks that are found by your id, ISRC, file or hash. "
                + "What cannot be taken comes back to be mended and sent again; a run that was stopped goes on.")
        {
            import.file, import.data, import.tenant, import.by, import.dryRun, import.replace, import.keepUnmatched,
            import.match, import.map, import.column, import.ignore, import.badRows,
        };
        command.SetAction(import.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var table = parsed.GetRequiredValue(file);
        if (!table.Exists) throw new UsageException($"There is no file {table}.");
        var options = Options(parsed);
        await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
        await access.Catalogue.MigrateAsync(cancel);
        var bad = parsed.GetValue(badRows)?.FullName ?? OwnerImport.BadRowsBeside(table.FullName);
        try
        {
            var rows = await ImportFile.OpenAsync(table.FullName, cancel);
            var summary = await new OwnerImport(access.Catalogue, TimeProvider.System)
                .RunAsync(rows, options, bad, new RowProgress(), cancel);
            Console.WriteLine(JsonSerializer.Serialize(summary, Json));
            if (!File.Exists(bad)) return ExitCode.Done;
            await Console.Error.WriteLineAsync(
                $"openmu: {VerbOutput.Count(summary.Bad + summary.Conflicts, "row")} came back, each with its reason: {bad}");
            return ExitCode.NotDone;
        }
        catch (InvalidDataException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    private ImportOptions Options(ParseResult parsed) => new()
    {
        Tenant = parsed.GetRequiredValue(tenant),
        By = parsed.GetRequiredValue(by),
        DryRun = parsed.GetValue(dryRun),
        Replace = parsed.GetValue(replace),
        KeepUnmatched = parsed.GetValue(keepUnmatched),
        Match = parsed.GetValue(match) ?? [],
        Map = ImportOptions.Pairs(parsed.GetValue(map) ?? []),
        Types = ImportOptions.TypesOf(parsed.GetValue(column) ?? []),
        Ignore = parsed.GetValue(ignore) ?? [],
    };

    private static Option<string[]> Named(string name, string what)
    {
        var option = new Option<string[]>(name) { Description = what, HelpName = "COLUMN=NAME" };
        option.Validators.Add(result =>
        {
            try
            {
                var pairs = result.Tokens.Select(token => token.Value).ToList();
                if (name == "--column") ImportOptions.TypesOf(pairs);
                else ImportOptions.Pairs(pairs);
            }
            catch (FormatException wrong)
            {
                result.AddError($"{name}: {wrong.Message}");
            }
        });
        return option;
    }

    private static MatchKey[] Keys(ArgumentResult result)
    {
        var keys = new List<MatchKey>();
        var names = result.Tokens.SelectMany(
            token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        foreach (var name in names)
        {
            if (Enum.TryParse<MatchKey>(name, ignoreCase: true, out var key) && !char.IsAsciiDigit(name[0]))
                keys.Add(key);
            else result.AddError($"--match: '{name}' is none of {string.Join(", ", Enum.GetNames<MatchKey>())}.");
        }

        return [.. keys];
    }

    // A line now and then where no terminal is.
    private sealed class RowProgress : IProgress<long>
    {
        private const long EachRows = 10_000;
        private long told;

        public void Report(long value)
        {
            if (value / EachRows == told / EachRows && Console.IsErrorRedirected) return;
            told = value;
            if (Console.IsErrorRedirected) Console.Error.WriteLine($"{VerbOutput.Count(value, "row")} done");
            else Console.Error.Write($"\r{VerbOutput.Count(value, "row")} done ");
        }
    }
}
