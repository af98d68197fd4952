using System.CommandLine;
using System.Globalization;

namespace OpenMU.Cli;

/// <summary>
/// Bounds of options that are numbers. Whether a value is a number at all is <see cref="UsageErrors"/>' to say.
/// </summary>
internal static class OptionBounds
{
    /// <summary>Refuses numbers outside of the bounds, which belong to them.</summary>
    public static Option<T> Between<T>(this Option<T> option, double least, double most)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                    && !(value >= least && value <= most))
                {
                    result.AddError(double.IsPositiveInfinity(most)
                        ? $"{option.Name} must be at least {least}, not {token.Value}."
                        : $"{option.Name} must lie between {least} and {most}, not {token.Value}.");
                }
            }
        });
        return option;
    }

    /// <summary>Refuses numbers below a bound.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, double least) =>
        option.Between(least, double.PositiveInfinity);

    /// <summary>Refuses all but <c>cpu</c>, <c>cuda</c> and <c>cuda:N</c>.</summary>
    public static Option<string> OnlyDevices(this Option<string> option)
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                var isNumbered = token.Value.StartsWith("cuda:", StringComparison.Ordinal)
                    && byte.TryParse(token.Value.AsSpan(5), CultureInfo.InvariantCulture, out _);
                if (token.Value is not ("cpu" or "cuda") && !isNumbered)
                    result.AddError($"{option.Name} must be cpu, cuda or cuda:N, not {token.Value}.");
            }
        });
        return option;
    }
}
