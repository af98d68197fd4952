using System.Globalization;

namespace OpenMU.Web;

/// <summary>The version of a track's corrections as ETag and If-Match have it.</summary>
internal static class FieldVersion
{
    /// <summary>Names a version.</summary>
    public static string Tag(int version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";

    /// <summary>The same as a part of a document with more in it than corrections.</summary>
    public static string PartTag(string tag) => $"W/{tag}";

    /// <summary>The version that a change may replace.</summary>
    /// <param name="ifMatch">One of the tags above, with or without what names the whole document, or <c>*</c>.</param>
    /// <returns>Null for any version; one that never is for a tag that is none of ours.</returns>
    public static int? Of(string ifMatch)
    {
        var tag = ifMatch.Trim();
        if (tag == "*") return null;
        if (tag.StartsWith("W/", StringComparison.Ordinal)) tag = tag[2..];
        var number = tag.Trim('"').Split('.')[0];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;
    }
}
