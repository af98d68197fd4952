namespace OpenMU.Training.Evaluation.Text;

/// <summary>One thing that can be said of music and checked against its truth.</summary>
/// <param name="Aspect">One of <see cref="Aspects"/>.</param>
/// <param name="Value">Its label; keys as pitch class and mode, so that C# and Db are one.</param>
public readonly record struct Fact(string Aspect, string Value)
{
    public const string Genre = "genre", Instrument = "instrument", Mood = "mood", TempoClass = "tempo class", Metre = "metre", Key = "key", Mode = "mode";

    /// <summary>Every aspect, in the order of tables.</summary>
    public static IReadOnlyList<string> Aspects { get; } = [Genre, Instrument, Mood, TempoClass, Metre, Key, Mode];
}
