using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Web;

/// <summary>A search as a query string states it. What is left out does not narrow the search.</summary>
internal sealed class TrackParameters
{
    /// <summary>
    /// Words, or beginnings of words, that title, artist, album, file name, caption, tags or lyrics must have.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>Slowest tempo, beats per minute.</summary>
    public double? BpmFrom { get; init; }

    /// <summary>Fastest tempo, beats per minute.</summary>
    public double? BpmTo { get; init; }

    /// <summary>A key such as C# minor, C#m, 12A (Camelot) or 5m (Open Key).</summary>
    public string? Key { get; init; }

    /// <summary>Also the key's neighbours on the Camelot wheel, which mix well with it.</summary>
    public bool? KeyNeighbours { get; init; }

    /// <summary>Softest integrated loudness, LUFS.</summary>
    public double? LufsFrom { get; init; }

    /// <summary>Loudest integrated loudness, LUFS.</summary>
    public double? LufsTo { get; init; }

    /// <summary>Shortest duration.</summary>
    public double? SecondsFrom { get; init; }

    /// <summary>Longest duration.</summary>
    public double? SecondsTo { get; init; }

    /// <summary>Only tracks in this state; when left out, all whose file is there.</summary>
    public TrackState? State { get; init; }

    /// <summary>What to order by; the file name when left out.</summary>
    public TrackSort? Sort { get; init; }

    /// <summary>From the highest to the lowest.</summary>
    public bool? Descending { get; init; }

    /// <summary>The page after another one: what that one calls its next. Of the same search and order.</summary>
    public string? After { get; init; }

    /// <summary>The page before another one: what that one calls its previous. Of the same search and order.</summary>
    public string? Before { get; init; }

    /// <summary>Tracks on a page, 1 to 500; 50 when left out.</summary>
    public int? PageSize { get; init; }

    private const string NoPlace =
        "This is no place in this list: take next or previous from an answer in the same order, or leave it out.";

    public TrackQuery ToQuery() => new()
    {
        Text = Text,
        BpmFrom = BpmFrom,
        BpmTo = BpmTo,
        Key = Key,
        KeyNeighbours = KeyNeighbours ?? false,
        LufsFrom = LufsFrom,
        LufsTo = LufsTo,
        SecondsFrom = SecondsFrom,
        SecondsTo = SecondsTo,
        State = State,
        Sort = Sort ?? default,
        Descending = Descending ?? false,
        After = TrackCursor.TryParse(After),
        Before = TrackCursor.TryParse(Before),
        PageSize = PageSize ?? 50,
    };

    /// <summary>What is wrong with the values, by parameter; empty for a search that can be done.</summary>
    public Dictionary<string, string[]> Mistakes()
    {
        var mistakes = new Dictionary<string, string[]>();
        Check("text", Text is null || Text.Length <= 200, "Give at most 200 characters.");
        Check(
            "key", string.IsNullOrWhiteSpace(Key) || MusicalKey.TryParse(Key) is not null,
            "Give a key such as A minor, Am, 8A or 1m.");
        Check("after", IsOfThisOrder(After), NoPlace);
        Check("before", IsOfThisOrder(Before), NoPlace);
        Check("before", Before is null || After is null, "Give either after or before.");
        Check(
            "pageSize", PageSize is null or (> 0 and <= TrackQuery.MaxPageSize),
            $"A page holds 1 to {TrackQuery.MaxPageSize} tracks.");
        CheckRange("bpm", BpmFrom, BpmTo);
        CheckRange("lufs", LufsFrom, LufsTo);
        CheckRange("seconds", SecondsFrom, SecondsTo);
        return mistakes;

        void Check(string name, bool good, string mistake)
        {
            if (!good) mistakes[name] = [mistake];
        }

        void CheckRange(string name, double? from, double? to)
        {
            if (!(from > to)) return;
            mistakes[name + "From"] =
                [FormattableString.Invariant($"The range runs from {from} down to {to}; turn it round.")];
        }
    }

    private bool IsOfThisOrder(string? place) => place is null || (TrackCursor.TryParse(place) is { } cursor
        && cursor.Sort == (Sort ?? default) && cursor.Descending == (Descending ?? false));
}
