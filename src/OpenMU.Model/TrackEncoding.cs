using OpenMU.Model.Audio;
using OpenMU.Model.Families;

namespace OpenMU.Model;

/// <summary>A recording whose windows are being encoded, in their order.</summary>
internal sealed class TrackEncoding : IDisposable
{
    private readonly float[] samples;
    private readonly float mean;
    private readonly IReadOnlyList<int> starts;
    private readonly List<EncodedWindow> windows = [];

    /// <exception cref="ArgumentException">There are fewer than 0.25 s, or a sample is NaN or infinite.</exception>
    public TrackEncoding(float[] mono16kHz, Func<int, IReadOnlyList<int>> windowStarts)
        => (samples, mean, starts) = (mono16kHz, AudioPreprocessor.MeanOf(mono16kHz), windowStarts(mono16kHz.Length));

    /// <summary>The recording, mono at 16 kHz.</summary>
    public float[] Recording => samples;

    /// <summary>Samples of the recording.</summary>
    public int Samples => samples.Length;

    /// <summary>The greatest magnitude, the mean left out.</summary>
    public float Peak
    {
        get
        {
            var peak = 0f;
            foreach (var sample in samples) peak = Math.Max(peak, Math.Abs(sample - mean));
            return peak;
        }
    }

    /// <summary>How many windows there are.</summary>
    public int Count => starts.Count;

    /// <summary>Those that are encoded.</summary>
    public IReadOnlyList<EncodedWindow> Windows => windows;

    /// <summary>The window to be encoded next; null when all are.</summary>
    public SoundWindow? Next => windows.Count < starts.Count ? this[windows.Count] : null;

    /// <summary>The window of an index below <see cref="Count"/>.</summary>
    public SoundWindow this[int index] => new(samples, mean, starts[index]);

    /// <summary>The next window is encoded.</summary>
    public void Add(EncodedWindow window) => windows.Add(window);

    public void Dispose()
    {
        foreach (var window in windows)
        {
            window.Music.Dispose();
            window.Mean.Dispose();
        }
    }
}
