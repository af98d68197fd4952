using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpenMU.Catalogue.Exchange;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

namespace OpenMU.Cli;

/// <summary>
/// <c>openmu similar</c> and <c>openmu path</c>: tracks like a track or a file, and ways from one track to another.
/// </summary>
internal sealed class Similar
{
    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly SimilarityWeights Usual = new();

    private readonly Option<DirectoryInfo?> data = CatalogueAccess.DataOption();
    private readonly Option<string> tenant = new("--tenant")
    {
        Description = "Whose library.",
        HelpName = "NAME",
        DefaultValueFactory = _ => TrackBlob.DefaultTenant
    };

    private readonly Option<bool> json = new("--json") { Description = "A JSON object a line." };

    private readonly Argument<long?> track = new("track")
    {
        Description = "The track's number, as the page and exports show it.",
        Arity = ArgumentArity.ZeroOrOne
    };

    private readonly Option<FileInfo?> file = new("--file")
    {
        Description = "An audio file instead of a track; the model must be that which heard the catalogue.",
        HelpName = "CLIP"
    };

    private readonly Option<bool> duplicates = new("--duplicates")
    {
        Description = "Instead: all pairs of tracks that sound alike and are as long: perhaps the same recording."
    };

    private readonly Option<int> limit = new Option<int>("--limit")
    {
        Description = "Tracks shown.",
        HelpName = "N",
        DefaultValueFactory = _ => 20
    }.Between(1, SimilarTracks.MaxCount);

    private readonly Option<double> sound = Weight("--sound", "the sound as the model hears it", Usual.Sound);
    private readonly Option<double> tempo = Weight("--tempo", "the tempo; half and double are the same", Usual.Tempo);
    private readonly Option<double> key = Weight("--key", "the key; Camelot neighbours are near", Usual.Key);
    private readonly Option<double> mood = Weight("--mood", "shared moods", Usual.Mood);
    private readonly Option<double> instruments = Weight("--instruments", "shared instruments", Usual.Instruments);
    private readonly ModelOptions model = new();

    /// <summary><c>openmu similar</c>.</summary>
    public static Command Command()
    {
        var similar = new Similar();
        var command = new Command("similar", "Finds tracks like a track or a file, the most alike first, and says why.")
        {
            similar.track, similar.file, similar.duplicates, similar.limit, similar.json, similar.data, similar.tenant,
            similar.sound, similar.tempo, similar.key, similar.mood, similar.instruments
        };
        similar.model.AddTo(command);
        command.Validators.Add(result =>
        {
            var ways = (result.GetValue(similar.track) is null ? 0 : 1)
                + (result.GetValue(similar.file) is null ? 0 : 1) + (result.GetValue(similar.duplicates) ? 1 : 0);
            if (ways != 1) result.AddError("Give a track, or --file, or --duplicates.");
        });
        command.SetAction(similar.RunAsync);
        return command;
    }

    /// <summary><c>openmu path</c>.</summary>
    public static Command PathCommand()
    {
        var similar = new Similar();
        var from = new Argument<long>("from") { Description = "The track that it begins with." };
        var to = new Argument<long>("to") { Description = "The track that it ends with." };
        var steps = new Option<int>("--steps")
        {
            Description = "Tracks between the two.",
            HelpName = "N",
            DefaultValueFactory = _ => 8
        }.Between(0, SimilarTracks.MaxSteps);
        var command = new Command("path", "Finds a way from one track to another, from like to like.")
        {
            from, to, steps, similar.json, similar.data, similar.tenant
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var access =
                await CatalogueAccess.OpenAsync(parsed.GetValue(similar.data), withStorage: false, cancel);
            var answer = await access.Services.GetRequiredService<SimilarTracks>().PathAsync(
                parsed.GetRequiredValue(similar.tenant), parsed.GetValue(from), parsed.GetValue(to),
                parsed.GetValue(steps), cancel);
            return similar.Show(parsed, answer, access);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        await using var access = await CatalogueAccess.OpenAsync(parsed.GetValue(data), withStorage: false, cancel);
        var tracks = access.Services.GetRequiredService<SimilarTracks>();
        var whose = parsed.GetRequiredValue(tenant);
        if (parsed.GetValue(duplicates))
            return await ShowPairsAsync(parsed, tracks.NearDuplicatesAsync(whose, cancel: cancel));

        var weights = new SimilarityWeights(
            parsed.GetValue(sound), parsed.GetValue(tempo), parsed.GetValue(key), parsed.GetValue(mood),
            parsed.GetValue(instruments));
        if (!weights.AreUsable) throw new UsageException("One weight must be above 0.");
        var count = parsed.GetValue(limit);
        if (parsed.GetValue(track) is { } id)
            return Show(parsed, await tracks.FindAsync(whose, id, weights, count, cancel), access);

        var (heard, version) = await HearAsync(parsed.GetValue(file)!, model.Of(parsed), cancel);
        var answer = await tracks.FindAsync(whose, version, heard, weights, count, cancel);
        if (answer.Tracks.Count == 0)
        {
            throw new UsageException(
                $"No track in {access.Where} was heard by {version}: name its model with --model.");
        }

        return Show(parsed, answer, access);
    }

    private static async Task<(SoundFacts Sound, string Version)> HearAsync(
        FileInfo clip, WorkerOptions options, CancellationToken cancel)
    {
        await WorkingDecoder.RequireAsync(cancel);
        using var listener = ModelSession.Open(options)
            ?? throw new UsageException("Name the model that heard the catalogue with --model.");
        try
        {
            var analyser = new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener);
            return (await analyser.HearAsync(clip.FullName, cancel), listener.Version);
        }
        catch (UnreadableAudioException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private int Show(ParseResult parsed, SimilarAnswer answer, CatalogueAccess access)
    {
        switch (answer.Outcome)
        {
            case SimilarOutcome.NoTrack:
                throw new UsageException($"There is no such track in {access.Where}.");
            case SimilarOutcome.NotHeard:
                throw new InvalidOperationException("No model has heard this track, so it cannot be compared.");
            case SimilarOutcome.OtherModel:
                throw new InvalidOperationException(
                    "The two tracks were heard by different versions of the model, so they cannot be compared.");
        }

        foreach (var found in answer.Tracks)
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(found, Json) : Line(found));
        return ExitCode.Done;
    }

    private async Task<int> ShowPairsAsync(ParseResult parsed, IAsyncEnumerable<NearDuplicatePair> pairs)
    {
        var count = 0;
        await foreach (var pair in pairs)
        {
            count++;
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(pair, Json)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{pair.Sound:0.000}  {Named(pair.First)}  {Named(pair.Second)}"));
        }

        await Console.Error.WriteLineAsync($"{VerbOutput.Count(count, "pair")} that may be the same recording; nothing was changed");
        return ExitCode.Done;
    }

    private static string Named(SimilarTrack track) => ExchangeText.OneLine($"{track.Id} {track.FileName}");

    private static string Line(SimilarTrack track)
    {
        var name = ExchangeText.OneLine(
            track.Title is null ? track.FileName : $"{track.Artist ?? "?"} - {track.Title} ({track.FileName})");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{track.Id}  {track.Score:0.000}  {name}  {string.Join("; ", track.Reasons)}");
    }

    private static Option<double> Weight(string name, string what, double usual) =>
        new Option<double>(name)
        {
            Description = $"What counts, 0 to 1: {what}.",
            HelpName = "WEIGHT",
            DefaultValueFactory = _ => usual
        }.Between(0, 1);
}
