using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace OpenMU.Benchmarks;

/// <summary>What Hugging Face transformers does with the same sizes, by transformers_peer.py.</summary>
/// <param name="Version">Of PyTorch and transformers.</param>
/// <param name="Figures">By the names of <see cref="GpuFigure.Measure"/>.</param>
internal sealed record GpuPeer(string Version, IReadOnlyDictionary<string, double> Figures)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower
    };

    /// <summary>
    /// Runs the peer, with the python that OPENMU_PYTHON names or that is found first. Without one that has torch and
    /// transformers, the second value says what is missing.
    /// </summary>
    public static async Task<(GpuPeer? Peer, string? Missing)> RunAsync(
        GpuShape shape, GpuReport ours, string device, TimeSpan limit)
    {
        if (limit < TimeSpan.FromSeconds(5)) return (null, null);
        var (decoded, clips) = GpuMeasurement.Batches(device == "cpu");
        var wanted = JsonSerializer.Serialize(
            new
            {
                family = shape.Config.Family,
                llama = shape.Config.Llama,
                head_dim = shape.Config.Llama.HeadDim,
                encoder = shape.Encoder,
                music_positions = ours.MusicPositions,
                device,
                decoded,
                clips,
                prompt = GpuMeasurement.PromptLength,
                steps = GpuMeasurement.Steps,
                long_prompt = GpuMeasurement.LongPrompt,
                new_tokens = GpuMeasurement.NewTokens,
                clip_seconds = GpuMeasurement.ClipSeconds,
                seconds = limit.TotalSeconds
            }, Json);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                Environment.GetEnvironmentVariable("OPENMU_PYTHON") ?? "python3",
                [Path.Combine(AppContext.BaseDirectory, "transformers_peer.py"), wanted])
            {
                RedirectStandardOutput = true
            })!;
            var text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode == 3) return (null, text.Trim());
            if (process.ExitCode == 0) return (JsonSerializer.Deserialize<GpuPeer>(text, Json), null);
            Console.Error.WriteLine($"transformers failed on {shape.Name}: its column stays empty");
            return (null, null);
        }
        catch (Win32Exception)
        {
            return (null, "there is no python3");
        }
    }
}
