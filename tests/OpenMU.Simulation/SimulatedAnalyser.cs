using System.Text;
using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Worker;

namespace OpenMU.Simulation;

/// <summary>Takes the world's time instead of a processor's, and notes what it has read by which claim.</summary>
internal sealed class SimulatedAnalyser(VirtualWorld world, SimulatedProcess process, string model)
    : TrackAnalyser(DecodeLimits.Default, process.Clock)
{
    /// <summary>How the bytes begin of what is no music.</summary>
    public const string Noise = "noise";

    /// <summary>How the bytes begin of what no worker can analyse although it is music.</summary>
    public const string Poison = "poison";

    private static readonly TimeSpan ShortStep = TimeSpan.FromSeconds(2), LongStep = TimeSpan.FromSeconds(24);

    public override string ModelVersion => model;

    internal override IListener Listener { get; } = new SimulatedListener(world, process, model);

    /// <summary>What an analysis says of a content.</summary>
    public static string Caption(string content, string model, long fence) => $"{content}|{model}|{fence}";

    public override async Task<Analysis> AnalyseAsync(
        string path, SaidOfTrack said, JobProgress progress, CancellationToken cancel)
    {
        var content = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(path, cancel));
        for (var steps = world.Chance.Next(1, 6); steps > 0; steps--)
        {
            await Task.Delay(world.Between(ShortStep, LongStep), process.Clock, cancel);
            progress.Advance();
        }

        if (content.StartsWith(Noise, StringComparison.Ordinal)) throw new UnreadableAudioException("It is no music.");
        if (content.StartsWith(Poison, StringComparison.Ordinal)) throw new InvalidOperationException("It is poison.");
        var fence = long.Parse(
            Path.GetFileName(path).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
        return new Analysis
        {
            Codec = "simulated",
            DurationSeconds = 1,
            Caption = Caption(content, model, fence),
            AnalysedAt = process.Clock.GetUtcNow().UtcDateTime,
        };
    }
}
