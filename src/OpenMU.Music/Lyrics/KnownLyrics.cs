namespace OpenMU.Music.Lyrics;

/// <summary>What is known of a track's lyrics when somebody asks about them.</summary>
/// <param name="Song">The words.</param>
/// <param name="Language">ISO 639-1; null where none is plain.</param>
/// <param name="IsExplicit">Null where nobody can tell.</param>
/// <param name="Themes">What they are about, as far as a model has said.</param>
/// <param name="Summary">What they say in short; null where no model has said.</param>
public sealed record KnownLyrics(
    SongLyrics Song, string? Language = null, bool? IsExplicit = null, IReadOnlyList<string>? Themes = null,
    string? Summary = null);
