using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Cli;

/// <summary><c>openmu show</c> and <c>openmu duplicates</c>: a track's data, and tracks that have the same.</summary>
internal static class ShowTrack
{
    /// <summary><c>openmu show</c>.</summary>
    public static Command Command()
    {
        var track = new Argument<long>("id") { Description = "The track, as lists and exports number it." };
        var history = new Option<bool>("--history") { Description = "What was changed too, the newest first." };
        var json = new Option<bool>("--json") { Description = "As one JSON object." };
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var command = new Command(
            "show",
            "Shows every field of a track: what holds, who says it, what others say; then its tags by the taxonomy.")
        {
            track, history, json, data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            var id = parsed.GetRequiredValue(track);
            await using var db = access.Catalogue.CreateDbContext();
            var record = await TrackRecord.FindAsync(db, parsed.GetRequiredValue(tenant), id, cancel)
                ?? throw new UsageException($"There is no track {id} in {access.Where}.");
            var changes = parsed.GetValue(history)
                ? await access.Services.GetRequiredService<CorrectionHistory>().OfTrackAsync(
                    parsed.GetRequiredValue(tenant), id, null, cancel)
                : null;
            if (parsed.GetValue(json)) VerbOutput.Write(Told(record, changes));
            else foreach (var line in Lines(record, changes)) Console.WriteLine(ExchangeText.OneLine(line));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>openmu duplicates</c>.</summary>
    public static Command DuplicatesCommand()
    {
        const int PageSize = 200;
        var (data, tenant) = (CatalogueAccess.DataOption(), CatalogueAccess.TenantOption());
        var command = new Command(
            "duplicates", "Lists tracks of the same content, byte for byte: a JSON object a group. Nothing is merged.")
        {
            data, tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
            await using var db = access.Catalogue.CreateDbContext();
            var (after, groups) = ((string?)null, 0);
            do
            {
                var page = await DuplicateTracks.FindAsync(
                    db, parsed.GetRequiredValue(tenant), after, PageSize, cancel);
                foreach (var group in page.Groups) VerbOutput.Write(group);
                (after, groups) = (page.Next, groups + page.Groups.Count);
            }
            while (after is not null);
            await Console.Error.WriteLineAsync(VerbOutput.Count(groups, "group"));
            return ExitCode.Done;
        });
        return command;
    }

    private static object Told(TrackRecord record, IReadOnlyList<PastChange>? changes)
    {
        var (summary, correction) = (record.Details.Summary, record.Details.Correction);
        return new
        {
            summary.Id,
            summary.FileName,
            summary.State,
            summary.Reason,
            Version = correction?.Version ?? 0,
            correction?.ApprovedBy,
            correction?.LockedBy,
            Fields = record.Fields.ToDictionary(view => view.Field.Name, view => new
            {
                view.Values,
                view.Origin,
                Claims = view.Claims.ToDictionary(claim => claim.Key.ToString(), claim => claim.Value),
                Differences = view.Differences.Select(one => new { one.Origin, one.Said, one.Found, one.Kind }),
            }),
            summary.Terms,
            Sources = record.Details.Analysis?.Sources ?? [],
            History = changes?.Select(past => new
            {
                past.Change.Field,
                Before = past.Change.ValuesBefore,
                After = past.Change.ValuesAfter,
                past.Change.By,
                past.Change.At,
                past.Change.Via,
                past.Change.Batch,
                past.Change.Undoes,
                past.IsUndone,
            }),
        };
    }

    private static IEnumerable<string> Lines(TrackRecord record, IReadOnlyList<PastChange>? changes)
    {
        var (summary, correction) = (record.Details.Summary, record.Details.Correction);
        yield return $"{summary.Id}  {summary.FileName}  {summary.State}{(summary.Reason is null ? "" : $": {summary.Reason}")}";
        if (correction?.ApprovedBy is { } approved) yield return $"approved by {approved}";
        if (correction?.LockedBy is { } locked) yield return $"locked by {locked}";
        foreach (var view in record.Fields)
        {
            var others = view.Claims.Where(claim => claim.Key != view.Origin)
                .Select(claim => $"{Name(claim.Key)}: {Text(claim.Value)}{Difference(view, claim.Key)}").ToList();
            yield return $"{view.Field.Name} = {Text(view.Values)}  [{Name(view.Origin)}]"
                + (others.Count == 0 ? "" : $"  ({string.Join("; ", others)})");
        }

        foreach (var tag in summary.Terms)
        {
            yield return $"{tag.Group}: {string.Join(" < ", tag.Parents.Prepend(tag.Label))}  "
                + $"[{tag.Source.ToString().ToLowerInvariant()}{(tag.By is null ? "" : $" {tag.By}")}]"
                + (tag.Confidence is { } sure ? string.Create(CultureInfo.InvariantCulture, $"  {sure:0.00}") : "")
                + (tag.Term is null ? "  (not in the taxonomy)" : "");
        }

        foreach (var tool in (record.Details.Analysis?.Sources ?? []).GroupBy(one => $"{one.Source} {one.Version}"))
            yield return $"{tool.Key}: {string.Join(", ", tool.Select(one => one.Field).Distinct())}";

        foreach (var (change, isUndone) in changes?.Select(past => (past.Change, past.IsUndone)) ?? [])
        {
            yield return $"{change.At.ToString("u", CultureInfo.InvariantCulture)}  {change.By} ({change.Via})  {change.Field}: "
                + $"{Text(change.ValuesBefore)} -> {Text(change.ValuesAfter)}  {change.Batch}{(isUndone ? "  taken back" : "")}";
        }
    }

    // How what owner or file say is related to what was measured.
    private static string Difference(FieldView view, FieldOrigin origin) =>
        view.Differences.FirstOrDefault(one => one.Origin == origin)?.Kind switch
        {
            null => "",
            DifferenceKind.Octave => ", the same beat at another level",
            DifferenceKind.Relative => ", the relative key",
            DifferenceKind.Parallel => ", the parallel key",
            DifferenceKind.Fifth => ", a fifth away",
            _ => ", not as measured",
        };

    private static string Name(FieldOrigin origin) => origin.ToString().ToLowerInvariant();

    private static string Text(IReadOnlyList<string>? values) =>
        values is null ? "-" : values.Count == 0 ? "(none)" : ExchangeText.JoinList(values);
}
