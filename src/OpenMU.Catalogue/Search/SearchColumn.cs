using OpenMU.Catalogue.Fields;

namespace OpenMU.Catalogue.Search;

/// <summary>A part of what is known about a track that words may be looked for in; all of them make up its row in the
/// index of words.</summary>
internal enum SearchColumn
{
    NameWords,
    TitleWords,
    ArtistWords,
    AlbumWords,
    GenreWords,
    MoodWords,
    InstrumentWords,
    TagWords,
    ComposerWords,
    LabelWords,
    AboutWords,
    IdWords,
    CustomWords,
    LyricsWords,
    Facets,
}

/// <summary>What is in the parts, and what people call them.</summary>
internal static class SearchColumns
{
    /// <summary>All, in their order.</summary>
    public static IReadOnlyList<SearchColumn> All { get; } = Enum.GetValues<SearchColumn>();

    /// <summary>All, as the databases name them.</summary>
    public static IReadOnlyList<string> Names { get; } = Enum.GetNames<SearchColumn>();

    /// <summary>The fields in a part that are corrected one by one, by the names of <see cref="CatalogueField"/>.</summary>
    public static IReadOnlyDictionary<SearchColumn, string[]> Fields { get; } = new Dictionary<SearchColumn, string[]>
    {
        [SearchColumn.TitleWords] = [FieldNames.Title, "version"],
        [SearchColumn.ArtistWords] = [FieldNames.Artists, "albumArtists"],
        [SearchColumn.AlbumWords] = [FieldNames.Album],
        [SearchColumn.GenreWords] = [FieldNames.Genres],
        [SearchColumn.MoodWords] = [FieldNames.Moods],
        [SearchColumn.InstrumentWords] = [FieldNames.Instruments],
        [SearchColumn.TagWords] = [FieldNames.Themes, FieldNames.Voices, "energy", "era", FieldNames.Tags],
        [SearchColumn.ComposerWords] = ["composers", "lyricists"],
        [SearchColumn.LabelWords] = ["label", "publishers"],
        [SearchColumn.AboutWords] = [FieldNames.Caption, "description", "comment"],
        [SearchColumn.IdWords] = [FieldNames.OwnId, FieldNames.Isrc, "iswc", "upc"],
    };

    /// <summary>What a search calls the parts, as in <c>title:dawn</c>.</summary>
    public static IReadOnlyDictionary<string, SearchColumn> ByName { get; } =
        new Dictionary<string, SearchColumn>(StringComparer.OrdinalIgnoreCase)
        {
            ["file"] = SearchColumn.NameWords,
            ["title"] = SearchColumn.TitleWords,
            ["artist"] = SearchColumn.ArtistWords,
            ["album"] = SearchColumn.AlbumWords,
            ["genre"] = SearchColumn.GenreWords,
            ["mood"] = SearchColumn.MoodWords,
            ["instrument"] = SearchColumn.InstrumentWords,
            ["tag"] = SearchColumn.TagWords,
            ["theme"] = SearchColumn.TagWords,
            ["voice"] = SearchColumn.TagWords,
            ["composer"] = SearchColumn.ComposerWords,
            ["lyricist"] = SearchColumn.ComposerWords,
            ["label"] = SearchColumn.LabelWords,
            ["publisher"] = SearchColumn.LabelWords,
            ["caption"] = SearchColumn.AboutWords,
            ["description"] = SearchColumn.AboutWords,
            ["id"] = SearchColumn.IdWords,
            ["isrc"] = SearchColumn.IdWords,
            ["iswc"] = SearchColumn.IdWords,
            ["upc"] = SearchColumn.IdWords,
            ["lyrics"] = SearchColumn.LyricsWords,
        };
}
