using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenMU.Training.Data;

namespace OpenMU.Training.Synthesis;

/// <summary>What <c>openmu synthesise</c> is asked for.</summary>
/// <param name="Output">Data folder.</param>
/// <param name="Clips">How many clips.</param>
/// <param name="Seconds">Length of each.</param>
/// <param name="Seed">Of all random choices.</param>
/// <param name="Split">"train" or "held-out": which groove families to draw from, and which wordings.</param>
/// <param name="Soundfonts">Files; each clip is played with one.</param>
/// <param name="MmaLibrary">MMA's library.</param>
/// <param name="Jobs">Clips at a time; no result depends on it.</param>
/// <param name="Audio">Whether to render; without, truths and records alone are written.</param>
internal sealed record SynthesisOptions(
    string Output, int Clips, double Seconds, int Seed, string Split, IReadOnlyList<string> Soundfonts,
    string MmaLibrary, int Jobs, bool Audio);

/// <summary>
/// Makes a data folder: audio/ID.wav and clips/ID.json for each clip, then from these truth.jsonl, records.jsonl and
/// manifest.json. A clip whose file in clips/ is there and was made by the same plan is kept, so a run that was
/// stopped goes on where it was.
/// </summary>
internal sealed class SynthesisRun
{
    // Part of every plan's fingerprint: raised when the same plan would sound otherwise or be described otherwise.
    public const int Version = 2;

    private readonly SynthesisOptions options;
    private readonly GrooveLibrary library;
    private readonly ConcurrentBag<string> failures = [];
    private int made;

    public SynthesisRun(SynthesisOptions options)
    {
        this.options = options;
        library = GrooveLibrary.Load(options.MmaLibrary);
        if (options.Split is not (GrooveLibrary.Train or GrooveLibrary.HeldOut))
        {
            throw new InvalidOperationException(
                $"--split is '{GrooveLibrary.Train}' or '{GrooveLibrary.HeldOut}', not '{options.Split}'.");
        }
        foreach (var font in options.Soundfonts)
        {
            if (options.Audio && !File.Exists(font))
                throw new InvalidOperationException($"The soundfont {font} is not there.");
            if (options.Split == GrooveLibrary.Train
                && Path.GetFileName(font).StartsWith("FluidR3", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException("FluidR3 is held out: name another soundfont for --split train.");
            }
        }
    }

    /// <summary>Why clips could not be made.</summary>
    public IReadOnlyCollection<string> Failures => failures;

    public BatchProgress Progress => new(options.Clips, made, failures.Count, 0);

    /// <summary>Makes what is missing, and writes the data set's files.</summary>
    public async Task<DataSet> MakeAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(options.Output, "audio"));
        Directory.CreateDirectory(Path.Combine(options.Output, "clips"));
        var truths = new ClipTruth?[options.Clips];
        await Parallel.ForAsync(
            0, options.Clips, new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancel },
            async (index, stop) =>
            {
                try
                {
                    truths[index] = await ClipAsync(index, stop);
                    Interlocked.Increment(ref made);
                }
                catch (InvalidDataException e)
                {
                    failures.Add(e.Message);
                }
            });
        return DataSet.Write(options, [.. truths.OfType<ClipTruth>()]);
    }

    private async Task<ClipTruth> ClipAsync(int index, CancellationToken cancel)
    {
        var plan = ClipPlan.Draw(options.Seed, options.Split, index, library, options.Soundfonts, options.Seconds);
        string kept = Path.Combine(options.Output, "clips", plan.Id + ".json"),
            audio = Path.Combine(options.Output, "audio", plan.Id + ".wav");
        var print = Fingerprint(plan);
        if (File.Exists(kept) && (!options.Audio || File.Exists(audio)))
        {
            var lines = await File.ReadAllLinesAsync(kept, cancel);
            if (lines.Length == 2 && lines[0] == print) return ClipTruth.Parse(lines[1]);
        }

        var folder = Directory.CreateTempSubdirectory("openmu-clip-").FullName;
        try
        {
            var (played, drums) = await MmaScore.PlayAsync(
                plan, options.MmaLibrary == GrooveLibrary.DefaultFolder ? null : options.MmaLibrary, folder, cancel);
            var piece = Arrangement.Make(played, drums, plan);
            var hash = options.Audio
                ? await ClipRenderer.RenderAsync(RenderPlan.Of(plan), piece, folder, audio, cancel)
                : null;
            var truth = TruthWriter.Write(plan, piece, hash);
            await File.WriteAllLinesAsync(kept + ".new", [print, truth.ToJson()], cancel);
            File.Move(kept + ".new", kept, overwrite: true);
            return truth;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Of everything that decides about the clip's sound and truth.
    private string Fingerprint(ClipPlan plan)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Version}/{options.Audio}/{plan.CropStart}/"
            + $"{plan.Seconds}/{plan.TuningCents}/{plan.HasMelody}/{plan.DropsDrums}/{Path.GetFileName(plan.Soundfont)}"
            + $"/{string.Join(' ', plan.Drummer?.Grooves ?? [])}/{MmaScore.Write(plan, null)}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
