using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Search;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Meaning;

/// <summary>What is said of a track in words: what its vector is made of.</summary>
/// <param name="TrackId">Of the track.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Text">Empty where nothing is said of how it sounds or what it is about.</param>
internal sealed record TrackText(long TrackId, string Tenant, string Text)
{
    /// <summary>The encoder's, and how texts are laid out for it.</summary>
    public const string Version = $"{SentenceEncoder.Version}+1";

    // What a listener would say of it. Titles and names are found by their words.
    private static readonly (string Group, string Label)[] Told =
    [
        ("genre", "Genre"), ("mood", "Mood"), ("instrument", "Instruments"), ("theme", "Themes"), ("voice", "Voice"),
        ("energy", "Energy"), ("era", "Era"), ("tag", "Tags"),
    ];

    /// <summary>SHA-256.</summary>
    public byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes(Text));

    /// <summary>The texts of tracks, those of which nothing is left without.</summary>
    public static async Task<List<TrackText>> OfAsync(
        CatalogueDb db, IReadOnlyList<long> tracks, CancellationToken cancel)
    {
        var rows = await Rows(db, tracks).AsNoTracking().ToListAsync(cancel);
        return
        [
            .. from row in rows
               let said = row.Correction?.Fields["description"] ?? row.Owner?.Fields["description"]
                   ?? row.FileFields?["description"]
               let description = said is null ? row.Heard : string.Join(' ', said)
               select new TrackText(row.TrackId, row.Tenant, Compose(row.Caption, row.Facets, description)),
        ];
    }

    /// <summary>What texts are made of.</summary>
    internal static IQueryable<Row> Rows(CatalogueDb db, IReadOnlyList<long> tracks) =>
        from row in db.SearchRows
        where tracks.Contains(row.TrackId)
        join track in db.Tracks on row.TrackId equals track.Id
        join job in db.Jobs on track.JobId equals job.Id
        from analysis in db.Analyses.Where(a => a.JobId == track.JobId).DefaultIfEmpty()
        from owner in db.OwnerRecords.Where(o => o.TrackId == track.Id).DefaultIfEmpty()
        from correction in db.Corrections
            .Where(c => c.Tenant == job.Tenant && c.ContentId == job.ContentId).DefaultIfEmpty()
        select new Row
        {
            TrackId = row.TrackId,
            Tenant = row.Tenant,
            Caption = row.Caption,
            Facets = row.Facets,
            Correction = correction,
            Owner = owner,
            FileFields = analysis == null ? null : analysis.FileFields,
            Heard = analysis == null ? null : analysis.Description,
        };

    /// <summary>The caption, the tags by group, then the longer description, of which the end may be cut.</summary>
    internal static string Compose(string? caption, string facets, string? description)
    {
        var values = facets.Split(' ').Select(token => Facet.OfToken(token)).OfType<Facet>()
            .ToLookup(facet => facet.Group, facet => facet.Value);
        var parts = new List<string?> { caption };
        foreach (var (group, label) in Told)
        {
            if (values.Contains(group)) parts.Add($"{label}: {string.Join(", ", values[group].Distinct())}.");
        }

        parts.Add(description);
        return string.Join(' ', parts.Where(part => !string.IsNullOrWhiteSpace(part)));
    }

    /// <summary>What the text of one track is made of.</summary>
    internal sealed class Row
    {
        public long TrackId { get; init; }

        public required string Tenant { get; init; }

        public string? Caption { get; init; }

        public required string Facets { get; init; }

        public Correction? Correction { get; init; }

        public OwnerRecord? Owner { get; init; }

        public FieldSet? FileFields { get; init; }

        public string? Heard { get; init; }
    }
}
