namespace OpenMU.Testing.Fuzzing;

/// <summary>Values that programs trip over, for parameters, headers and fields.</summary>
internal static class HostileValues
{
    /// <summary>Texts, as they are before any escaping.</summary>
    public static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\t\r\n", "'", "\"", "\"unclosed", "' OR '1'='1", "'; DROP TABLE Tracks; --", "%", "_", "*",
        "%_%[a-z]^", "((((((((", "))))", "NEAR(a b)", "a OR", "OR OR OR", "NOT", "-", "--", "-\"\"", "title:", ":x", "x.:y",
        "genre:", "genre:|", "-:", "genre:a|b|c|d|e|f|g", "../../../../etc/passwd", "..\\..\\x", "/", "//", ".", "..", "a/../b",
        "CON", "con.wav.", "a\u202eb", "\u202e\u202d\u2066", "\ufeff", "\ufffd", "\ud83d\ude80\ud83d\ude80", "e\u0301\u0301\u0301",
        "\u0130\u0131\u017f\u212a", "\ufb03", "\u0000\u0001\u001f\u007f\u0080", "\u4e2d\u6587\u97f3\u4e50", "\u0627\u0644\u0645",
        "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x/a}", "%s%n%x", "$(id)", "`id`", "null", "undefined", "None",
        "true", "false", "TRUE", "NaN", "Infinity", "-Infinity", "0", "-0", "-1", "1e400", "-1e400", "1e-400", "0x10", "1,5",
        "1.5.5", "+1", "\u0661\u0662", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999999999999999999", "00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000", "2026-13-45", "0001-01-01", "9999-12-31T23:59:59.9999999Z", "-0001-01-01",
        "2026-02-30T25:61:61+99:99", "[]", "{}", "[[[[[[", "A minor", "Cb major", "12A", "H dur", "W/\"1\"", "\"1\"", "\"-1\"",
        "\"99999999999999999999\"", "W/\"\"", ",", ",,,,", "1,2,3", "1,,2", "1,-1", "1;2",
    ];

    /// <summary>Texts that are long; the number is the most characters.</summary>
    public static string Long(Random random, int most)
    {
        var part = Texts[random.Next(Texts.Length)];
        if (part.Length == 0) part = "a";
        return string.Concat(Enumerable.Repeat(part, (random.Next(most) / part.Length) + 1));
    }

    /// <summary>One of them, now and then a long one.</summary>
    public static string Text(Random random) =>
        random.Next(20) == 0 ? Long(random, 3000) : Texts[random.Next(Texts.Length)];
}
