namespace OpenMU.Catalogue.Search;

/// <summary>As much of a <see cref="SearchRow"/> as facets need, read from an index alone.</summary>
/// <param name="TrackId">Of the track.</param>
/// <param name="State">Name of its state.</param>
/// <param name="Camelot">Null where no key is known.</param>
/// <param name="Bpm">See <see cref="SearchRow"/>, as for the others; null where no bounds are asked for.</param>
/// <param name="Lufs">See BPM.</param>
/// <param name="Seconds">See BPM.</param>
/// <param name="Facets">All, as <see cref="SearchRow"/> has them.</param>
internal sealed record SearchHit(
    long TrackId, string State, string? Camelot, double? Bpm, double? Lufs, double? Seconds, string Facets);

/// <summary>How a page of rows is found.</summary>
internal enum SearchWay
{
    /// <summary>In the order of the list until the page is full: where much of what is met belongs to it.</summary>
    Order,

    /// <summary>By state and key, then sorted: where few tracks have them.</summary>
    State,

    /// <summary>One by one by their ids, then sorted.</summary>
    Ids,
}
