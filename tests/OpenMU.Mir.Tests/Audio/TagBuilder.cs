using System.Buffers.Binary;
using System.Text;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>Tags byte by byte, as programs write them, rightly and wrongly.</summary>
internal static class TagBuilder
{
    /// <summary>The smallest PNG there is, as far as its first bytes go.</summary>
    public static readonly byte[] Picture = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 1, 2, 3];

    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>UTF-16 with a byte order mark.</summary>
    public static byte[] Utf16(string text) => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)];

    public static byte[] Id3v2(int version, params (string Name, byte[] Content)[] frames)
    {
        var body = frames.SelectMany(frame => Frame(version, frame.Name, frame.Content)).ToArray();
        return [.. "ID3"u8, (byte)version, 0, 0, .. SyncSafe(body.Length), .. body];
    }

    public static byte[] Frame(int version, string name, byte[] content) => version switch
    {
        2 => [.. Latin1(name), .. BigEndian(content.Length)[1..], .. content],
        3 => [.. Latin1(name), .. BigEndian(content.Length), 0, 0, .. content],
        _ => [.. Latin1(name), .. SyncSafe(content.Length), 0, 0, .. content],
    };

    public static byte[] Id3v1(string title, string artist, string album, string year, byte track, byte genre)
    {
        byte[] Field(string text, int length) => [.. Latin1(text), .. new byte[length - text.Length]];
        return [.. "TAG"u8, .. Field(title, 30), .. Field(artist, 30), .. Field(album, 30), .. Field(year, 4),
            .. new byte[29], track, genre];
    }

    public static byte[] Ape(params (string Name, uint Flags, byte[] Value)[] items)
    {
        byte[] body = [.. items.SelectMany(item => (byte[])[.. LittleEndian(item.Value.Length),
            .. LittleEndian((int)item.Flags), .. Latin1(item.Name), 0, .. item.Value])];
        return [.. body, .. "APETAGEX"u8, .. LittleEndian(2000), .. LittleEndian(body.Length + 32),
            .. LittleEndian(items.Length), .. new byte[12]];
    }

    /// <summary>A chunk of RIFF, padded to an even size.</summary>
    public static byte[] Chunk(string name, byte[] content) =>
        [.. Latin1(name), .. LittleEndian(content.Length), .. content, .. new byte[content.Length & 1]];

    public static byte[] Info(params (string Name, byte[] Value)[] items) =>
        Chunk("LIST", [.. "INFO"u8, .. items.SelectMany(item => Chunk(item.Name, [.. item.Value, 0]))]);

    /// <summary>A second of 16-bit sound with chunks before and after it.</summary>
    public static byte[] Wave(byte[] before, byte[] after)
    {
        var data = new byte[16_000];
        for (var i = 0; i < data.Length; i += 2)
            BinaryPrimitives.WriteInt16LittleEndian(data.AsSpan(i), (short)(5000 * Math.Sin(i * 0.1)));
        byte[] format = [1, 0, 1, 0, .. LittleEndian(8000), .. LittleEndian(16_000), 2, 0, 16, 0];
        byte[] body = [.. "WAVE"u8, .. Chunk("fmt ", format), .. before, .. Chunk("data", data), .. after];
        return Chunk("RIFF", body);
    }

    /// <summary>An item of iTunes' list with one data atom for each value.</summary>
    public static byte[] Item(string name, int type, params byte[][] values) =>
        Box(name, [.. values.SelectMany(value => Box("data", [.. BigEndian(type), .. new byte[4], .. value]))]);

    public static byte[] FreeItem(string name, params byte[][] values) => Box("----",
    [
        .. Box("mean", [0, 0, 0, 0, .. "com.apple.iTunes"u8]), .. Box("name", [0, 0, 0, 0, .. Utf8(name)]),
        .. values.SelectMany(value => Box("data", [.. BigEndian(1), .. new byte[4], .. value])),
    ]);

    public static byte[] Box(string name, byte[] content) =>
        [.. BigEndian(content.Length + 8), .. Latin1(name), .. content];

    /// <summary>
    /// Puts a user data box with a list of items at the end of an MP4 file's movie box, which must be the file's last.
    /// </summary>
    public static byte[] WithItems(byte[] mp4, params byte[][] items)
    {
        var handler = Box("hdlr", [.. new byte[8], .. "mdirappl"u8, .. new byte[9]]);
        var userData =
            Box("udta", Box("meta", [0, 0, 0, 0, .. handler, .. Box("ilst", [.. items.SelectMany(item => item)])]));
        var movie = mp4.AsSpan().LastIndexOf("moov"u8) - 4;
        var longer = (byte[])[.. mp4, .. userData];
        BinaryPrimitives.WriteInt32BigEndian(longer.AsSpan(movie),
            BinaryPrimitives.ReadInt32BigEndian(mp4.AsSpan(movie)) + userData.Length);
        return longer;
    }

    public static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] LittleEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] SyncSafe(int value) =>
        [(byte)(value >> 21 & 127), (byte)(value >> 14 & 127), (byte)(value >> 7 & 127), (byte)(value & 127)];
}
