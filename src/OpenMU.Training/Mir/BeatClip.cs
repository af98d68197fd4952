using System.Text.Json;
using OpenMU.Mir.Audio;
using OpenMU.Mir.Dsp;

namespace OpenMU.Training.Mir;

/// <summary>One clip with known beats, as the beat network learns from it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Levels">Band levels as in <see cref="OnsetEnvelope.Levels"/>: [frames * bands].</param>
/// <param name="Changes">Harmonic changes as in <see cref="OnsetEnvelope.Changes"/>.</param>
/// <param name="Beats">Seconds.</param>
/// <param name="Downbeats">Seconds.</param>
/// <param name="Bpm">Tempo that a listener taps; 0 where there is none.</param>
/// <param name="BeatsPerBar">2, 3, 4 or 5; of others beats and downbeats alone are learnt.</param>
/// <param name="Family">Where its groove comes from; a family is held out as a whole.</param>
public sealed record BeatClip(
    string Id,
    float[] Levels,
    float[] Changes,
    double[] Beats,
    double[] Downbeats,
    double Bpm,
    int BeatsPerBar,
    string Family)
{
    public int Frames => Levels.Length / OnsetStrength.Bands;

    /// <summary>
    /// Reads a truth file: one JSON object a line with id, file, tempo, beats_per_bar, beats, downbeats and
    /// groove_family, the audio beside it.
    /// </summary>
    public static async Task<List<BeatClip>> LoadAsync(string truthPath, DecodeLimits limits, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(truthPath))!;
        List<BeatClip> clips = [];
        foreach (var line in await File.ReadAllLinesAsync(truthPath, cancel))
        {
            if (line.Length == 0) continue;
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (!root.TryGetProperty("file", out var file)) continue;
            var audio = await AudioFile.ReadMonoAsync(
                Path.Combine(folder, file.GetString()!), OnsetStrength.SampleRate, null, limits, cancel);
            var onsets = OnsetStrength.Of(audio);
            clips.Add(new(
                root.GetProperty("id").GetString()!, onsets.Levels, onsets.Changes, Numbers(root, "beats"),
                Numbers(root, "downbeats"),
                root.GetProperty("tempo").GetDouble(), BeatsOf(root),
                root.GetProperty("groove_family").GetString()!));
        }
        return clips;
    }

    // The network's two beats a bar are those of 6/8: of 2/4 it learns the beats alone.
    private static int BeatsOf(JsonElement root) =>
        root.TryGetProperty("metre", out var metre) && metre.GetString() == "2/4"
            ? 0
            : root.GetProperty("beats_per_bar").GetInt32();

    private static double[] Numbers(JsonElement root, string name) =>
        [.. root.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
}
