using System.Globalization;

namespace OpenMU.Training.Stages;

/// <summary>How long a stage trains, as the command line says it: <c>500</c> steps, <c>3e</c> passes over the data, <c>90s</c>, <c>5m</c>, <c>2h</c>.</summary>
internal static class StageLength
{
    /// <exception cref="FormatException">The text says no length.</exception>
    public static StageOptions Apply(StageOptions options, string text)
    {
        var none = options with { Steps = null, Minutes = null, Epochs = null };
        var (digits, unit) = text.Length > 0 && char.IsAsciiLetter(text[^1]) ? (text[..^1], text[^1]) : (text, ' ');
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)) throw Unreadable(text);
        return unit switch
        {
            ' ' when amount == Math.Floor(amount) => none with { Steps = (long)amount },
            'e' => none with { Epochs = amount },
            's' => none with { Minutes = amount / 60 },
            'm' => none with { Minutes = amount },
            'h' => none with { Minutes = amount * 60 },
            _ => throw Unreadable(text),
        };
    }

    private static FormatException Unreadable(string text) => new($"'{text}' is no length: 500 (steps), 3e (passes over the data), 90s, 5m or 2h.");
}
