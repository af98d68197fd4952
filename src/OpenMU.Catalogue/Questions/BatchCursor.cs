using System.Globalization;

namespace OpenMU.Catalogue.Questions;

/// <summary>A place in the order in which a batch's questions end: behind one that has been seen.</summary>
/// <param name="Place">The question's <see cref="Question.EndedAs"/>.</param>
/// <param name="QuestionId">The question's.</param>
public sealed record BatchCursor(long Place, long QuestionId)
{
    /// <summary>Before the first.</summary>
    public static BatchCursor Start { get; } = new(0, 0);

    /// <summary>As addresses hold it; nobody need understand it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Place:x}-{QuestionId:x}");

    /// <summary>Null if a text is no cursor.</summary>
    public static BatchCursor? TryParse(string? text) =>
        text?.Split('-') is [var place, var id] && Hex(place) is { } number && Hex(id) is { } question
            ? new BatchCursor(number, question)
            : null;

    private static long? Hex(string text) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : null;
}
