using System.Globalization;
using OpenMU.Music;

namespace OpenMU.Catalogue.Fields;

/// <summary>
/// Where the owner or the file says something else about tempo, key or duration than was measured: a wrong tag, a wrong
/// file, or a measurement to put right. <see cref="Search.SearchDifferences"/> has the databases find the same.
/// </summary>
public static class TrackDifferences
{
    // Tags hold whole beats per minute, and people round.
    private const double BpmTolerance = 0.02, SecondsTolerance = 2;

    private static readonly FieldOrigin[] Claiming = [FieldOrigin.Owner, FieldOrigin.File];
    private static readonly double[] Octaves = [0.5, 2, 1.0 / 3, 3, 2.0 / 3, 1.5];

    /// <summary>All of a track, in the order of its fields, the owner's before the file's.</summary>
    /// <param name="fields">As <see cref="TrackFields.Of"/> gives them.</param>
    public static IReadOnlyList<FieldDifference> Of(IEnumerable<FieldView> fields)
    {
        var differences = new List<FieldDifference>();
        foreach (var view in fields)
        {
            if (One(view, FieldOrigin.Found) is not { } found) continue;
            foreach (var origin in Claiming)
            {
                if (One(view, origin) is { } said && Kind(view.Field.Name, said, found) is { } kind)
                    differences.Add(new FieldDifference(view.Field.Name, origin, said, found, kind));
            }
        }

        return differences;
    }

    private static string? One(FieldView view, FieldOrigin origin) =>
        view.Claims.TryGetValue(origin, out var values) && values is [var value] ? value : null;

    // Null where they agree, or where nothing of the kind is compared.
    private static DifferenceKind? Kind(string field, string said, string found) => field switch
    {
        FieldNames.Bpm => OfTempo(Number(said), Number(found)),
        FieldNames.Key => OfKey(MusicalKey.Parse(said), MusicalKey.Parse(found)),
        "duration" when Math.Abs(Number(said) - Number(found)) > SecondsTolerance => DifferenceKind.Other,
        _ => null,
    };

    private static DifferenceKind? OfTempo(double said, double found)
    {
        if (Math.Abs(said - found) <= found * BpmTolerance) return null;
        return Octaves.Any(factor => Math.Abs(said - (found * factor)) <= found * factor * BpmTolerance)
            ? DifferenceKind.Octave
            : DifferenceKind.Other;
    }

    private static DifferenceKind? OfKey(MusicalKey said, MusicalKey found)
    {
        if (said == found) return null;
        if (said.Camelot[..^1] == found.Camelot[..^1]) return DifferenceKind.Relative;
        if (said.Tonic == found.Tonic) return DifferenceKind.Parallel;
        return said.IsMinor == found.IsMinor && (said.Transposed(7) == found || found.Transposed(7) == said)
            ? DifferenceKind.Fifth
            : DifferenceKind.Other;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What somebody says of a track that was measured otherwise.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Origin">The owner or the file.</param>
/// <param name="Said">What they say.</param>
/// <param name="Found">What was measured.</param>
/// <param name="Kind">How the two are related.</param>
public sealed record FieldDifference(string Field, FieldOrigin Origin, string Said, string Found, DifferenceKind Kind);

/// <summary>How what is said is related to what was measured.</summary>
public enum DifferenceKind
{
    /// <summary>The same beat counted at another level: twice, half, three times, or three for two.</summary>
    Octave,

    /// <summary>The relative major or minor: the same notes.</summary>
    Relative,

    /// <summary>Major for minor on the same tonic, or the other way round.</summary>
    Parallel,

    /// <summary>A fifth away, of the same mode.</summary>
    Fifth,

    /// <summary>Neither.</summary>
    Other,
}
