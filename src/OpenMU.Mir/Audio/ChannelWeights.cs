namespace OpenMU.Mir.Audio;

/// <summary>How much each channel counts in a loudness sum: ITU-R BS.1770-4, tables 3 and 4.</summary>
internal static class ChannelWeights
{
    private const float Front = 1, Surround = 1.41f, Rear = 1, LowFrequency = 0;

    // ffmpeg's order is left, right, centre, low frequency, back pair, (centre of the front pairs), back centre, side
    // pair. The standard raises channels at 60 to 120 degrees: the surround pair of five channels, whatever its name,
    // and the side pair of seven, whose back pair stands further behind.
    private static readonly Dictionary<string, float[]> Layouts = new()
    {
        ["mono"] = [Front],
        ["stereo"] = [Front, Front],
        ["downmix"] = [Front, Front],
        ["2.1"] = [Front, Front, LowFrequency],
        ["3.0"] = [Front, Front, Front],
        ["3.0(back)"] = [Front, Front, Rear],
        ["3.1"] = [Front, Front, Front, LowFrequency],
        ["quad"] = [Front, Front, Surround, Surround],
        ["quad(side)"] = [Front, Front, Surround, Surround],
        ["4.0"] = [Front, Front, Front, Rear],
        ["4.1"] = [Front, Front, Front, LowFrequency, Rear],
        ["5.0"] = [Front, Front, Front, Surround, Surround],
        ["5.0(side)"] = [Front, Front, Front, Surround, Surround],
        ["5.1"] = [Front, Front, Front, LowFrequency, Surround, Surround],
        ["5.1(side)"] = [Front, Front, Front, LowFrequency, Surround, Surround],
        ["6.0"] = [Front, Front, Front, Rear, Surround, Surround],
        ["6.1"] = [Front, Front, Front, LowFrequency, Rear, Surround, Surround],
        ["7.0"] = [Front, Front, Front, Rear, Rear, Surround, Surround],
        ["7.1"] = [Front, Front, Front, LowFrequency, Rear, Rear, Surround, Surround],
    };

    private static readonly string[] UsualLayouts = ["mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"];

    /// <summary>One weight a channel.</summary>
    /// <param name="channels">Number of channels.</param>
    /// <param name="layout">ffmpeg's name; null or unknown takes the usual layout for that number.</param>
    public static float[] Of(int channels, string? layout)
    {
        if (layout is not null && Layouts.TryGetValue(layout, out var named) && named.Length == channels) return named;
        return channels <= UsualLayouts.Length
            ? Layouts[UsualLayouts[channels - 1]]
            : [.. Enumerable.Repeat(Front, channels)];
    }
}
