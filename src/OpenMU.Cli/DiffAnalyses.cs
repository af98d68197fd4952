using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Publishing;

namespace OpenMU.Cli;

/// <summary><c>openmu diff</c>: what would change if a model's analyses were published.</summary>
internal static class DiffAnalyses
{
    public static Command Command()
    {
        var (ids, choice) = (TrackChoice.Ids(), new TrackChoice());
        var model = PublishAnalyses.ModelOption();
        var against = new Option<string?>("--against")
        {
            Description = "Another model's version to compare with (default: what is shown now).",
            HelpName = "VERSION"
        };
        var json = new Option<bool>("--json") { Description = "As one JSON object." };
        var command = choice.AddTo(new Command(
            "diff", "Shows what would change if the analyses of a new model were published: fields, tracks, examples and cost.")
        {
            ids, model, against, json
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var selection = choice.OrAll(parsed, ids);
            await using var access = await choice.OpenAsync(parsed, withStorage: false, cancel);
            var (services, tenant) = (access.Services, choice.Tenant(parsed));
            var version = parsed.GetValue(model)
                ?? await PublishAnalyses.HeldAsync(services.GetRequiredService<Publisher>(), tenant, cancel);
            var diff = await services.GetRequiredService<AnalysisComparison>().RunAsync(
                tenant, selection, version, parsed.GetValue(against), new Told(), cancel);
            if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync();
            if (parsed.GetValue(json)) VerbOutput.Write(diff);
            else foreach (var line in Lines(diff)) Console.WriteLine(line);
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> Lines(AnalysisDiff diff)
    {
        yield return $"{diff.ModelVersion} beside {diff.Against ?? "what is shown"}: {VerbOutput.Count(diff.Tracks, "track")}";
        yield return $"  {diff.Changed} would change, {diff.Same} would not, {diff.Shown} show it already";
        yield return $"  {diff.Open} still open, {diff.Failed} failed, {diff.Rejected} rejected, {diff.NotAskedFor} not asked for";
        foreach (var field in diff.Fields)
        {
            yield return $"{field.Field}: {VerbOutput.Count(field.Tracks, "track")}, "
                + $"{field.Appears} of them had none, {field.Vanishes} would have none"
                + (field.Corrected > 0 ? $"; of {field.Corrected} a correction stands above" : "");
            foreach (var example in field.Examples.Where(example => (example.Before ?? example.After) is not null))
                yield return $"  {example.TrackId} {example.FileName}: {example.Before ?? "-"} -> {example.After ?? "-"}";
        }

        var (tempo, key, tags, texts, costs) = (diff.Tempo, diff.Key, diff.Tags, diff.Texts, diff.Costs);
        yield return $"tempo: {tempo.Within2Percent} within 2 %, {tempo.Octave} double or half, {tempo.Other} other"
            + (tempo.MeanChange is { } mean ? $"; {Number(mean)} bpm on average" : "");
        yield return $"key: {key.Neighbour} to a neighbour, {key.Parallel} major or minor of the same tonic, {key.Other} other";
        yield return $"tags: {Number(tags.MeanBefore)} -> {Number(tags.MeanAfter)} a track"
            + string.Concat(tags.Words.Select(word => $"; {word.Tag} +{word.Added} -{word.Removed}"));
        yield return $"texts: {Text(texts.Before)} -> {Text(texts.After)}";
        yield return $"cost: {Number(costs.WorkSeconds)} s of work for {Number(costs.SoundSeconds)} s of sound in "
            + $"{costs.Analyses} analyses; {costs.OpenAnalyses} to come"
            + (costs.ExpectedWorkSeconds is { } expected ? $", {Number(expected)} s expected" : "");
    }

    private static string Text(TextFigures figures) =>
        $"{figures.Captions} captions of {Number(figures.MeanCaptionWords)} words, {figures.DroppedSentences} sentences dropped, "
            + $"{figures.WithoutWords} without words";

    private static string Number(double? value) => value?.ToString("#,0.#", CultureInfo.InvariantCulture) ?? "-";

    private sealed class Told : IProgress<int>
    {
        public void Report(int value) => VerbOutput.Progress(VerbOutput.Count(value, "track"));
    }
}
