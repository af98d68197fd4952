using System.Text;
using System.Text.Json;

namespace OpenMU.Testing.Fuzzing;

/// <summary>Bodies with something wrong in them.</summary>
internal static class FuzzBodies
{
    private const int Deep = 20_000;
    private static readonly string[] Numbers =
        ["1e400", "-1", "0", "0.5", "99999999999999999999", "9223372036854775808", "1E2147483648", "-0", "01", "NaN"];

    private static readonly string[] NoObjects = ["null", "[]", "\"text\"", "1", "true", "", " ", "{}{}"];

    private static readonly string[] Csv =
    [
        "file,genre\na.wav,Jazz\n", "file,genre\r\na.wav,\"un\nclosed\r\n", "file\n\"\"\"\"\"\n", "\ufefffile;genre\na.wav;Jazz\n",
        "file,file\na,b\n", ",,,\n,,,\n", "file,genre\n" + "a.wav,Jazz,too,many\n", "group,term\nmood,night\n",
        "group,term,parent\nmood,a,b\nmood,b,a\n", "group,term\nmood," + "x", "\0\0\0", "file\tgenre\na.wav\tJazz", "file",
        "isrc\n'; DROP TABLE Tracks; --\n", "file,x.y\na.wav,=cmd|' /C calc'!A0\n", "{\"file\":\"a.wav\",\"genre\":[\"Jazz\"]}\n",
        "{\"file\":1}\n{\"file\":null}\nnot json\n", "{\"file\":{\"a\":[[[[]]]]}}\n", "[1,2,3]\n",
        "{\"group\":\"mood\",\"term\":\"night\",\"threshold\":1e400}\n",
    ];

    /// <summary>What becomes of a JSON text.</summary>
    public static byte[] Json(string valid, Random random) => random.Next(14) switch
    {
        0 => Encoding.UTF8.GetBytes(valid[..random.Next(valid.Length + 1)]),
        1 => Encoding.UTF8.GetBytes(new string('[', Deep)),
        2 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"query\":", Deep / 10)) + "1"),
        3 => Encoding.Unicode.GetBytes(valid),
        4 => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(valid)],
        5 => Spoil(Encoding.UTF8.GetBytes(valid), random),
        6 => Encoding.UTF8.GetBytes(NoObjects[random.Next(NoObjects.Length)]),
        7 => Encoding.UTF8.GetBytes(valid.Insert(Math.Min(1, valid.Length), "\"nothing\":1,")),
        8 => Encoding.UTF8.GetBytes(valid + valid),
        _ => Encoding.UTF8.GetBytes(Replaced(valid, random)),
    };

    /// <summary>A table, JSON Lines or any file.</summary>
    public static byte[] File(string type, Random random, bool wrong)
    {
        if (wrong && random.Next(4) == 0)
        {
            var noise = new byte[random.Next(1 << 16)];
            random.NextBytes(noise);
            return noise;
        }

        if (type == "application/octet-stream" && random.Next(2) == 0) return "RIFF\0\0\0\0WAVEfmt "u8.ToArray();
        var table = Csv[random.Next(wrong ? Csv.Length : 1)];
        return Encoding.UTF8.GetBytes(wrong && random.Next(10) == 0
            ? table + HostileValues.Long(random, 1 << 16)
            : table);
    }

    // One value of the text in place of another: of another kind, too large, hostile.
    private static string Replaced(string valid, Random random)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(valid);
        if (node is not System.Text.Json.Nodes.JsonObject { Count: > 0 } fields) return valid;
        var name = fields.ElementAt(random.Next(fields.Count)).Key;
        const string mark = "\u0007here";
        fields[name] = mark;
        var hole = JsonSerializer.Serialize(mark);
        var value = random.Next(6) switch
        {
            0 => Numbers[random.Next(Numbers.Length)],
            1 => "null",
            2 => $"[{string.Join(',', Enumerable.Repeat(Numbers[random.Next(4)], random.Next(12_000)))}]",
            3 => "{\"a\":{\"b\":[]}}",
            4 => "\"\\ud800\"",
            _ => JsonSerializer.Serialize(HostileValues.Text(random)),
        };
        return fields.ToJsonString().Replace(hole, value, StringComparison.Ordinal);
    }

    private static byte[] Spoil(byte[] bytes, Random random)
    {
        for (var i = 0; i < 3 && bytes.Length > 0; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }
}
