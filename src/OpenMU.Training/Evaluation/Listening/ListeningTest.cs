using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenMU.Training.Evaluation.Listening;

/// <summary>
/// A blind comparison of what two systems say about the same recordings: for each recording both texts, on sides that
/// are drawn, so that neither the page nor whoever listens can tell which is whose.
/// </summary>
/// <param name="SystemA">Name of the first system.</param>
/// <param name="SystemB">Name of the second.</param>
/// <param name="Seed">Of the drawing.</param>
/// <param name="Trials">In the order of their numbers; each listener hears them in an order of their own.</param>
public sealed record ListeningTest(string SystemA, string SystemB, int Seed, IReadOnlyList<ListeningTrial> Trials)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Draws a test.</summary>
    /// <param name="a">Name and texts of the first system, by the recording.</param>
    /// <param name="b">Those of the second.</param>
    /// <param name="most">At most so many recordings; drawn where there are more.</param>
    /// <param name="checks">So many further trials in which one text is about another recording: who chooses that one
    /// has not listened. Fewer where there are fewer than two recordings for each.</param>
    /// <param name="seed">The same draws the same.</param>
    /// <exception cref="ArgumentException">There is no recording that both have a text for.</exception>
    public static ListeningTest Draw(SystemTexts a, SystemTexts b, int most, int checks, int seed)
    {
        var random = new Random(seed);
        string[] both = [.. a.Texts.Keys.Where(b.Texts.ContainsKey).Order(StringComparer.Ordinal)];
        if (both.Length == 0) throw new ArgumentException("There is no recording that both systems have a text for.");
        random.Shuffle(both);
        both = both[..Math.Min(most, both.Length)];
        // Half of them on either side, so that who always chooses one prefers neither.
        var isLeftA = Enumerable.Range(0, both.Length).Select(i => i % 2 == 0).ToArray();
        random.Shuffle(isLeftA);
        var trials = both.Select((recording, i) =>
        {
            var (textA, textB) = (a.Texts[recording], b.Texts[recording]);
            return isLeftA[i]
                ? new ListeningTrial(0, recording, textA, textB, Side.Left, null)
                : new ListeningTrial(0, recording, textB, textA, Side.Right, null);
        }).ToList();
        for (var i = 0; i < Math.Min(checks, both.Length / 2); i++)
        {
            var system = i % 2 == 0 ? a : b;
            var (right, wrong) = (system.Texts[both[i]], system.Texts[both[^(i + 1)]]);
            // Two recordings of which the same is said are no check.
            if (right == wrong) continue;
            trials.Add(random.Next(2) == 0
                ? new ListeningTrial(0, both[i], right, wrong, null, Side.Left)
                : new ListeningTrial(0, both[i], wrong, right, null, Side.Right));
        }

        var drawn = trials.ToArray();
        random.Shuffle(drawn);
        return new ListeningTest(a.Name, b.Name, seed, [.. drawn.Select((trial, i) => trial with { Number = i + 1 })]);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no such text.</exception>
    public static ListeningTest Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ListeningTest>(json, Json) is { Trials.Count: > 0 } test
                ? test
                : throw new InvalidDataException("It holds no trials.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>The key: what is compared with what, and where each stands. Nobody who listens should read it.
    /// </summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>What a system says about recordings.</summary>
/// <param name="Name">The system's.</param>
/// <param name="Texts">By recording.</param>
public sealed record SystemTexts(string Name, IReadOnlyDictionary<string, string> Texts);

/// <summary>A place on the page.</summary>
public enum Side
{
    /// <summary>The first text.</summary>
    Left,

    /// <summary>The second.</summary>
    Right,
}

/// <summary>One recording and two texts.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Recording">Which.</param>
/// <param name="Left">The first text.</param>
/// <param name="Right">The second.</param>
/// <param name="A">Where the first system's stands; null in a check, whose texts are one system's.</param>
/// <param name="True">In a check, where the text stands that is about this recording.</param>
public sealed record ListeningTrial(
    int Number, string Recording, string Left, string Right, Side? A, Side? True)
{
    /// <summary>Name of the sound on the page: it tells nothing.</summary>
    public string SoundFile => $"{Number:000}.wav";
}
