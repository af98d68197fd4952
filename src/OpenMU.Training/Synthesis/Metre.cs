namespace OpenMU.Training.Synthesis;

/// <summary>A metre by its beats as a listener taps them: two in 6/8, four in 12/8.</summary>
/// <param name="Label">Such as <c>"6/8"</c>.</param>
/// <param name="Beats">Taps a bar.</param>
internal sealed record Metre(string Label, int Beats)
{
    /// <summary>The tap divides into three.</summary>
    public bool IsCompound => Label is "6/8" or "12/8";

    public static Metre Parse(string label) => new(label, label switch { "6/8" => 2, "12/8" => 4, _ => int.Parse(label.Split('/')[0]) });
}
