using System.Globalization;

namespace OpenMU.Music;

/// <summary>
/// A metre, written as a time signature. In compound time a listener taps each third unit: 6/8
/// has two beats, 12/8 four.
/// </summary>
/// <param name="Upper">Units in a bar.</param>
/// <param name="Lower">The unit: 4 is a quarter note, 8 an eighth.</param>
public sealed record Metre(int Upper, int Lower)
{
    /// <summary>Such as <c>6/8</c>.</summary>
    public string Label => $"{Upper}/{Lower}";

    /// <summary>Beats to the bar as a listener taps them.</summary>
    public int Beats => IsCompound ? Upper / 3 : Upper;

    /// <summary>Each beat divides into three.</summary>
    public bool IsCompound => Lower is 8 && Upper is 6 or 12;

    /// <summary>
    /// The metre of so many units, where nobody says which unit: eighths in compound time and in seven, as they are
    /// mostly written, quarters otherwise.
    /// </summary>
    public static Metre OfUnits(int upper) => new(upper, upper is 6 or 7 or 12 ? 8 : 4);

    /// <summary>Reads <c>3/4</c>; null for anything else.</summary>
    public static Metre? TryParse(string? label) =>
        label?.Split('/') is [var upper, var lower] && Number(upper) is { } units && Number(lower) is { } unit
            ? new Metre(units, unit)
            : null;

    /// <summary>Reads <c>3/4</c>.</summary>
    /// <exception cref="FormatException">The text is no time signature.</exception>
    public static Metre Parse(string label) =>
        TryParse(label) ?? throw new FormatException($"'{label}' is not a metre such as 3/4.");

    /// <summary>The <see cref="Label"/>.</summary>
    public override string ToString() => Label;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
}
