using System.Globalization;
using OpenMU.Mir.Audio;
using OpenMU.Model.Audio;

namespace OpenMU.Training.Data;

/// <summary>A recording with soft labels: what others have heard in it, or its file says.</summary>
/// <param name="File">Full path.</param>
/// <param name="Package">Where it comes from: recordings of one package resemble each other.</param>
/// <param name="Labels">0 to 1 by "group:label"; what is not among them is not known.</param>
public sealed record LabelledRecording(string File, string Package, IReadOnlyDictionary<string, double> Labels)
{
    /// <summary>From here on a label is present; between both nobody knows.</summary>
    public const double Present = 0.6;

    /// <summary>Up to here a label is absent.</summary>
    public const double Absent = 0.4;

    // As much as the product hears by default.
    private const double MaxSeconds = 600;

    /// <summary>Whether a label holds; null where it is not known.</summary>
    public bool? Holds(string group, string label) =>
        !Labels.TryGetValue($"{group}:{label}", out var value) ? null
        : value >= Present ? true
        : value <= Absent ? false
        : null;

    /// <summary>Mono samples at 16 kHz.</summary>
    /// <exception cref="UnreadableAudioException">The file cannot be decoded.</exception>
    public float[] Read() => AudioFile
        .ReadMonoAsync(File, Fbank.SampleRate, MaxSeconds, DecodeLimits.Default, CancellationToken.None)
        .GetAwaiter().GetResult().Samples;

    /// <summary>
    /// Reads a table with tabs: columns "file" (relative to the table), "package", and one for each label, "group:label".
    /// Files that are not there are left out, and so are columns "truth:...", which hold words.
    /// </summary>
    /// <exception cref="InvalidDataException">A column is missing, or a label is no number.</exception>
    public static IReadOnlyList<LabelledRecording> ReadTable(string path)
    {
        var lines = System.IO.File.ReadAllLines(path);
        var names = lines.FirstOrDefault()?.Split('\t') ?? [];
        var (file, package) = (Array.IndexOf(names, "file"), Array.IndexOf(names, "package"));
        if (file < 0 || package < 0) throw new InvalidDataException($"{path} has no columns 'file' and 'package'.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return [.. lines.Skip(1).Select(line => line.Split('\t')).Where(row => row.Length == names.Length)
            .Select(row => new LabelledRecording(
                Path.Combine(folder, row[file]), row[package],
                names.Zip(row).Where(cell => cell.First.Contains(':') && cell.Second.Length > 0
                        && !cell.First.StartsWith("truth:", StringComparison.Ordinal))
                    .ToDictionary(cell => cell.First, cell => Number(path, cell.Second))))
            .Where(recording => System.IO.File.Exists(recording.File))];
    }

    private static double Number(string path, string cell) =>
        double.TryParse(cell, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"{path}: '{cell}' is no number.");
}
