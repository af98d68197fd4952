using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;

namespace OpenMU.Cli;

/// <summary><c>openmu set</c> and <c>openmu undo</c>: puts fields of tracks right, and takes that back.</summary>
internal static class SetFields
{
    /// <summary><c>openmu set</c>.</summary>
    public static Command Command()
    {
        var words = new Argument<string[]>("tracks-and-fields")
        {
            Description = "Tracks by their ids, and fields: bpm=120, genres=\"jazz;blues\", key=Am. FIELD= takes a correction "
                + "back; FIELD:= says that there is no value.",
            Arity = ArgumentArity.OneOrMore
        };
        var (choice, by) = (new TrackChoice(), ByOption());
        var command = choice.AddTo(new Command(
            "set", "Puts fields of tracks right. A correction stands above file, owner and measurement, and stays.")
        {
            words, by
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var (ids, texts) = Split(parsed.GetRequiredValue(words));
            if (texts.Count == 0) throw new UsageException("Say what to set: FIELD=VALUE.");
            await using var access = await choice.OpenAsync(parsed, withStorage: false, cancel);
            var fields = await FieldsAsync(access, choice.Tenant(parsed), cancel);
            return await ChangeAsync(
                access, choice.Tenant(parsed), choice.Of(parsed, ids), Edits(fields, texts),
                parsed.GetRequiredValue(by), cancel);
        });
        return command;
    }

    /// <summary><c>openmu undo</c>.</summary>
    public static Command UndoCommand()
    {
        var batch = new Argument<string>("batch") { Description = "The change, as `set` and `show --history` name it." };
        var track = new Option<long?>("--track") { Description = "Only of this track.", HelpName = "ID" };
        var force = new Option<bool>("--force") { Description = "Also what was changed again since." };
        var (data, tenant, by) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption(), ByOption());
        var command = new Command("undo", "Takes a change back, of all tracks that it changed.")
        {
            batch, track, force, by, data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var summary = await access.Services.GetRequiredService<CorrectionHistory>().UndoAsync(
                parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(batch),
                new CorrectionAuthor(parsed.GetRequiredValue(by), "cli"), parsed.GetValue(track), parsed.GetValue(force),
                VerbOutput.Progress(), cancel)
                ?? throw new UsageException($"There is no change {parsed.GetValue(batch)} in {access.Where}.");
            return await VerbOutput.EndAsync(summary);
        });
        return command;
    }

    /// <summary>Who is said to have done it.</summary>
    public static Option<string> ByOption() => new("--by")
    {
        Description = "Who does it, for the history.",
        HelpName = "NAME",
        DefaultValueFactory = _ => Environment.UserName
    };

    /// <summary>The fields of the library.</summary>
    public static async Task<TenantFields> FieldsAsync(CatalogueAccess access, string tenant, CancellationToken cancel)
    {
        await using var db = access.Catalogue.CreateDbContext();
        return await TenantFields.OfAsync(db, tenant, cancel);
    }

    /// <summary>Changes all tracks of a selection and says what came of it.</summary>
    public static async Task<int> ChangeAsync(
        CatalogueAccess access, string tenant, TrackSelection selection, IReadOnlyList<FieldEdit> edits, string by,
        CancellationToken cancel)
    {
        if (edits.GroupBy(edit => edit.Field).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"{twice.Key.Name} is named twice.");
        await TrackChoice.RequireAsync(access, tenant, selection, cancel);
        return await VerbOutput.EndAsync(await access.Services.GetRequiredService<CorrectionStore>().ChangeManyAsync(
            tenant, selection, edits, new CorrectionAuthor(by, "cli"), null, null, VerbOutput.Progress(), cancel));
    }

    private static (List<long> Ids, List<string> Texts) Split(string[] words)
    {
        var (ids, texts, others) = (new List<long>(), new List<string>(), new List<string>());
        foreach (var word in words)
        {
            if (TrackChoice.IsId(word, out var id)) ids.Add(id);
            else (word.Contains('=') ? texts : others).Add(word);
        }

        return others.Count == 0 ? (ids, texts) : throw new UsageException(string.Join(
            ' ', others.Select(word => $"{word} is neither the id of a track nor FIELD=VALUE.")));
    }

    /// <summary>All of them, or all that is wrong with them.</summary>
    private static List<FieldEdit> Edits(TenantFields fields, List<string> texts)
    {
        var (edits, mistakes) = (new List<FieldEdit>(), new List<string>());
        foreach (var text in texts)
        {
            try
            {
                edits.Add(Edit(fields, text));
            }
            catch (FormatException wrong)
            {
                mistakes.Add(wrong.Message);
            }
        }

        return mistakes.Count == 0 ? edits : throw new UsageException(string.Join(' ', mistakes));
    }

    /// <exception cref="FormatException">It is none.</exception>
    private static FieldEdit Edit(TenantFields fields, string text)
    {
        var at = text.IndexOf('=');
        var (name, value) = (text[..at], text[(at + 1)..]);
        if (!name.EndsWith(':'))
        {
            var field = fields.Find(name);
            return value.Length == 0 ? FieldEdit.Withdraw(field) : FieldEdit.SetText(field, value);
        }

        return value.Length == 0
            ? FieldEdit.Set(fields.Find(name[..^1]))
            : throw new FormatException($"{text}: after := stands nothing, for it says that there is no value.");
    }
}
