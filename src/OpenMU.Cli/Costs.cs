using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Music;

namespace OpenMU.Cli;

/// <summary><c>openmu costs</c>: what a library has cost, and what more music would cost.</summary>
internal sealed class Costs
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string?> tenant = new("--tenant")
    {
        Description = "Only this library (default: all).",
        HelpName = "NAME"
    };

    private readonly Option<double> rate = new Option<double>("--rate")
    {
        Description = "What an hour of a worker costs; without it no money is shown.",
        HelpName = "MONEY"
    }.AtLeast(0);

    private readonly Option<bool> json = new("--json") { Description = "One JSON object instead of a table." };
    private readonly Option<DirectoryInfo?> preview = new("--preview")
    {
        Description = "What the music in a folder would cost that is not analysed yet.",
        HelpName = "FOLDER"
    };

    private readonly Option<long[]> retry = new("--retry")
    {
        Description = "What it would cost to analyse these tracks again.",
        HelpName = "TRACK",
        AllowMultipleArgumentsPerToken = true
    };

    public static Command Command()
    {
        var costs = new Costs();
        var command = new Command(
            "costs", "Shows seconds of work by stage and stored bytes, by library, and what more would cost.")
        {
            costs.data, costs.tenant, costs.rate, costs.json, costs.preview, costs.retry,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(costs.preview) is not null && result.GetValue(costs.retry) is { Length: > 0 })
                result.AddError("--preview and --retry exclude each other.");
        });
        command.SetAction(costs.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
        await using var db = access.Catalogue.CreateDbContext();
        var libraries = (await CatalogueCosts.OfAsync(db, parsed.GetValue(tenant), cancel))
            .Select(costs => new Library(costs, parsed.GetValue(rate))).ToList();
        var (folder, ids) = (parsed.GetValue(preview), parsed.GetValue(retry) ?? []);
        if (folder is null && ids.Length == 0)
        {
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(libraries, Json));
            else Console.WriteLine(string.Join(Environment.NewLine, libraries.Select(library => library.ToText())));
            return ExitCode.Done;
        }

        var (tracks, seconds, unreadable) = folder is not null
            ? await InFolderAsync(folder, cancel)
            : await AgainAsync(db, ids, cancel);
        var sound = libraries.Sum(library => library.Costs.SoundSeconds);
        var estimate = new Preview(
            tracks, seconds, sound > 0 ? seconds * libraries.Sum(library => library.WorkSeconds) / sound : null,
            parsed.GetValue(rate), unreadable);
        Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(estimate, Json) : estimate.ToText());
        return ExitCode.Done;
    }

    private static async Task<(int Tracks, double Seconds, int Unreadable)> InFolderAsync(
        DirectoryInfo folder, CancellationToken cancel)
    {
        if (!folder.Exists) throw new UsageException($"There is no folder {folder}.");
        var (tracks, seconds, unreadable) = (0, 0.0, 0);
        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => AudioFileTypes.IsAudio(file.Extension)))
        {
            try
            {
                var info = await AudioFile.ProbeAsync(file.FullName, new DecodeLimits(), cancel);
                seconds += info.EstimatedSeconds ?? 0;
                tracks++;
            }
            catch (UnreadableAudioException)
            {
                unreadable++;
            }
        }

        return (tracks, seconds, unreadable);
    }

    private static async Task<(int Tracks, double Seconds, int Unreadable)> AgainAsync(
        CatalogueDb db, long[] ids, CancellationToken cancel)
    {
        var (tracks, seconds) = (0, 0.0);
        foreach (var id in ids.Distinct())
        {
            var track = await db.Tracks.Where(t => t.Id == id).Select(t => new
            {
                Seconds = t.Job.Analysis == null ? (double?)null : t.Job.Analysis.DurationSeconds
            }).SingleOrDefaultAsync(cancel) ?? throw new UsageException($"There is no track {id}.");
            tracks++;
            seconds += track.Seconds ?? 0;
        }

        return (tracks, seconds, 0);
    }

    private static string Number(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);

    /// <summary>A library's costs as they are shown.</summary>
    private sealed record Library(CatalogueCosts Costs, double Rate)
    {
        public double WorkSeconds => Costs.Work.Sum;

        public double? Money => Rate > 0 ? Math.Round(WorkSeconds / 3600 * Rate, 4) : null;

        public string ToText()
        {
            var work = Costs.Work;
            string[] lines =
            [
                $"{Costs.Tenant}: {VerbOutput.Count(Costs.Tracks, "track")}, {Costs.Analyses} analyses",
                $"  work      {Number(work.Sum)} s ({Number(work.Download)} download, {Number(work.Decode)} decode, "
                    + $"{Number(work.Measure)} measure, {Number(work.Encode)} encode, {Number(work.Generate)} write)",
                $"  sound     {Number(Costs.SoundSeconds)} s"
                    + (Costs.WorkPerSecond is { } ratio ? $", {ratio:0.000} s of work for each" : ""),
                $"  audio     {Number(Costs.AudioBytes)} bytes",
                $"  rows      {Number(Costs.RowBytes)} bytes",
                .. Money is { } money ? (string[])[$"  money     {money:0.00##} at {Number(Rate)} an hour"] : [],
            ];
            return string.Join(Environment.NewLine, lines);
        }
    }

    /// <summary>What is expected of tracks that are not analysed yet.</summary>
    private sealed record Preview(int Tracks, double SoundSeconds, double? WorkSeconds, double Rate, int Unreadable)
    {
        public double? Money => Rate > 0 && WorkSeconds is { } seconds ? Math.Round(seconds / 3600 * Rate, 4) : null;

        public string ToText() =>
            $"{VerbOutput.Count(Tracks, "track")}, {Number(SoundSeconds)} s of sound"
            + (Unreadable > 0 ? $", {VerbOutput.Count(Unreadable, "file")} that cannot be read" : "")
            + (WorkSeconds is { } work ? $"; {Number(work)} s of work expected" : "; no work was measured yet to go by")
            + (Money is { } money ? $", {money:0.00##} at {Number(Rate)} an hour" : "");
    }
}
