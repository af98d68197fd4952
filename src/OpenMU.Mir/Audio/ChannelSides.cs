namespace OpenMU.Mir.Audio;

/// <summary>On which side of the listener each channel stands, in ffmpeg's order.</summary>
internal static class ChannelSides
{
    public const char Left = 'L', Right = 'R', Centre = 'C', LowFrequency = 'F';

    private static readonly Dictionary<string, string> Layouts = new()
    {
        ["2.1"] = "LRF",
        ["3.0"] = "LRC",
        ["3.0(back)"] = "LRC",
        ["3.1"] = "LRCF",
        ["quad"] = "LRLR",
        ["quad(side)"] = "LRLR",
        ["4.0"] = "LRCC",
        ["4.1"] = "LRCFC",
        ["5.0"] = "LRCLR",
        ["5.0(side)"] = "LRCLR",
        ["5.1"] = "LRCFLR",
        ["5.1(side)"] = "LRCFLR",
        ["6.0"] = "LRCCLR",
        ["6.0(front)"] = "LRLRLR",
        ["hexagonal"] = "LRCLRC",
        ["6.1"] = "LRCFCLR",
        ["7.0"] = "LRCLRLR",
        ["7.1"] = "LRCFLRLR",
        ["7.1(wide)"] = "LRCFLRLR",
    };

    private static readonly string[] Usual = ["C", "LR", "LRC", "LRLR", "LRCLR", "LRCFLR", "LRCFCLR", "LRCFLRLR"];

    /// <summary>One letter a channel.</summary>
    /// <param name="channels">Number of channels.</param>
    /// <param name="layout">ffmpeg's name; null or unknown takes the usual layout for that number.</param>
    public static string Of(int channels, string? layout)
    {
        if (layout is not null && Layouts.TryGetValue(layout, out var named) && named.Length == channels) return named;
        return channels <= Usual.Length ? Usual[channels - 1] : new string(Centre, channels);
    }
}
