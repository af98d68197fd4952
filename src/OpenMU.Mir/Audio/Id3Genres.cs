using System.Globalization;

namespace OpenMU.Mir.Audio;

/// <summary>Genres that ID3 gives by number: the 80 of ID3v1 and those that Winamp added.</summary>
internal static class Id3Genres
{
    private static readonly string[] Names = string.Join('|', (string[])[
        "Blues|Classic Rock|Country|Dance|Disco|Funk|Grunge|Hip-Hop|Jazz|Metal|New Age|Oldies|Other|Pop|R&B|Rap",
        "Reggae|Rock|Techno|Industrial|Alternative|Ska|Death Metal|Pranks|Soundtrack|Euro-Techno|Ambient|Trip-Hop",
        "Vocal|Jazz+Funk|Fusion|Trance|Classical|Instrumental|Acid|House|Game|Sound Clip|Gospel|Noise",
        "Alternative Rock|Bass|Soul|Punk|Space|Meditative|Instrumental Pop|Instrumental Rock|Ethnic|Gothic|Darkwave",
        "Techno-Industrial|Electronic|Pop-Folk|Eurodance|Dream|Southern Rock|Comedy|Cult|Gangsta|Top 40",
        "Christian Rap|Pop/Funk|Jungle|Native American|Cabaret|New Wave|Psychedelic|Rave|Showtunes|Trailer|Lo-Fi",
        "Tribal|Acid Punk|Acid Jazz|Polka|Retro|Musical|Rock & Roll|Hard Rock|Folk|Folk-Rock|National Folk|Swing",
        "Fast Fusion|Bebop|Latin|Revival|Celtic|Bluegrass|Avantgarde|Gothic Rock|Progressive Rock|Psychedelic Rock",
        "Symphonic Rock|Slow Rock|Big Band|Chorus|Easy Listening|Acoustic|Humour|Speech|Chanson|Opera|Chamber Music",
        "Sonata|Symphony|Booty Bass|Primus|Porn Groove|Satire|Slow Jam|Club|Tango|Samba|Folklore|Ballad",
        "Power Ballad|Rhythmic Soul|Freestyle|Duet|Punk Rock|Drum Solo|A Cappella|Euro-House|Dance Hall|Goa",
        "Drum & Bass|Club-House|Hardcore|Terror|Indie|BritPop|Worldbeat|Polsk Punk|Beat|Christian Gangsta Rap",
        "Heavy Metal|Black Metal|Crossover|Contemporary Christian|Christian Rock|Merengue|Salsa|Thrash Metal|Anime",
        "JPop|Synthpop|Abstract|Art Rock|Baroque|Bhangra|Big Beat|Breakbeat|Chillout|Downtempo|Dub|EBM|Eclectic",
        "Electro|Electroclash|Emo|Experimental|Garage|Global|IDM|Illbient|Industro-Goth|Jam Band|Krautrock",
        "Leftfield|Lounge|Math Rock|New Romantic|Nu-Breakz|Post-Punk|Post-Rock|Psytrance|Shoegaze|Space Rock",
        "Trop Rock|World Music|Neoclassical|Audiobook|Audio Theatre|Neue Deutsche Welle|Podcast|Indie Rock|G-Funk",
        "Dubstep|Garage Rock|Psybient",
    ]).Split('|');

    /// <summary>The name of a number; null beyond the list.</summary>
    public static string? Of(int number) => number >= 0 && number < Names.Length ? Names[number] : null;

    /// <summary>
    /// Genres of one ID3v2 text: <c>17</c>, <c>(17)</c>, <c>(51)(39)</c>, <c>(4)Eurodisco</c> and plain words.
    /// </summary>
    public static IEnumerable<string> Parse(string text)
    {
        while (text.StartsWith('(') && text.IndexOf(')', StringComparison.Ordinal) is var end and > 0)
        {
            if (Named(text[1..end]) is not { } name) break;
            text = text[(end + 1)..];
            // A refinement says more than the number before it.
            if (text.Length == 0 || text.StartsWith('(')) yield return name;
        }

        if (text.StartsWith("((", StringComparison.Ordinal)) text = text[1..];
        if (text.Length > 0) yield return Named(text) ?? text;
    }

    private static string? Named(string reference) => reference switch
    {
        "RX" => "Remix",
        "CR" => "Cover",
        _ => int.TryParse(reference, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Of(number)
            : null,
    };
}
