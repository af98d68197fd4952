namespace OpenMU.Music;

/// <summary>
/// What names of files say about them: which are taken for audio, and how a browser is told of those that it can play.
/// The name only decides what is tried; the decoder decides what is audio.
/// </summary>
public static class AudioFileTypes
{
    /// <summary>The type of a file of which nothing is claimed.</summary>
    public const string Bytes = "application/octet-stream";

    // The containers that ffmpeg commonly finds audio in; with a media type where browsers play them (IANA's names).
    private static readonly Dictionary<string, string?> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".aac"] = "audio/aac",
        [".ac3"] = null,
        [".aif"] = "audio/aiff",
        [".aifc"] = null,
        [".aiff"] = "audio/aiff",
        [".alac"] = null,
        [".amr"] = null,
        [".ape"] = null,
        [".au"] = null,
        [".caf"] = null,
        [".dff"] = null,
        [".dsf"] = null,
        [".dts"] = null,
        [".eac3"] = null,
        [".flac"] = "audio/flac",
        [".m4a"] = "audio/mp4",
        [".m4b"] = null,
        [".mka"] = "audio/x-matroska",
        [".mkv"] = null,
        [".mov"] = null,
        [".mp2"] = null,
        [".mp3"] = "audio/mpeg",
        [".mp4"] = "audio/mp4",
        [".mpc"] = null,
        [".oga"] = "audio/ogg",
        [".ogg"] = "audio/ogg",
        [".opus"] = "audio/ogg",
        [".rf64"] = null,
        [".snd"] = null,
        [".spx"] = null,
        [".tta"] = null,
        [".w64"] = null,
        [".wav"] = "audio/wav",
        [".webm"] = "audio/webm",
        [".wma"] = null,
        [".wv"] = null,
    };

    /// <summary>The media types under which browsers play files.</summary>
    public static IReadOnlyList<string> AllPlayable { get; } =
        [.. Types.Values.OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether files of this extension are taken for audio.</summary>
    /// <param name="extension">With its dot, in any case.</param>
    public static bool IsAudio(string extension) => Types.ContainsKey(extension);

    /// <summary>
    /// The media type under which a browser plays a file; null where none does, or where the file
    /// is not named like audio.
    /// </summary>
    /// <param name="name">The file's name or path.</param>
    public static string? PlayableAs(string name) => Types.GetValueOrDefault(Path.GetExtension(name));
}
