using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Fields;

/// <summary>
/// Some contents' corrections while they are changed, inside one transaction. Each change is written with its line of
/// history, and raises the version: of two who change at once, the second one's transaction fails as a whole.
/// </summary>
internal sealed class CorrectionWrite
{
    private readonly CatalogueDb db;
    private readonly string tenant, batch;
    private readonly CorrectionAuthor author;
    private readonly DateTime now;
    private readonly Dictionary<string, Correction> corrections;
    private bool isAudited;

    private CorrectionWrite(
        CatalogueDb db, string tenant, string batch, CorrectionAuthor author, DateTime now,
        IEnumerable<Correction> corrections)
    {
        (this.db, this.tenant, this.batch, this.author, this.now) = (db, tenant, batch, author, now);
        this.corrections = corrections.ToDictionary(correction => correction.ContentId);
    }

    /// <summary>Loads what is to be changed.</summary>
    public static async Task<CorrectionWrite> BeginAsync(
        CatalogueDb db, string tenant, IReadOnlyCollection<string> contents, string batch, CorrectionAuthor author,
        DateTime now, CancellationToken cancel) =>
        new(db, tenant, batch, author, now,
            await db.Corrections.Where(c => c.Tenant == tenant && contents.Contains(c.ContentId)).ToListAsync(cancel));

    /// <summary>A content's correction; null where there is none yet.</summary>
    public Correction? this[string content] => corrections.GetValueOrDefault(content);

    /// <summary>0 where there is none yet.</summary>
    public int Version(string content) => this[content]?.Version ?? 0;

    /// <summary>Changes fields; of a content that is locked, none.</summary>
    /// <param name="content">Whose.</param>
    /// <param name="edits">What each is to be, given what the correction says so far.</param>
    /// <param name="undoes">The batch that is taken back; null where none is.</param>
    /// <returns>Done, or why it is not; nothing to do, also of a locked content, where all was so already.</returns>
    public CorrectionAnswer Change(
        string content, IEnumerable<(string Field, Func<IReadOnlyList<string>?, IReadOnlyList<string>?> After)> edits,
        string? undoes = null)
    {
        var fields = this[content]?.Fields ?? FieldSet.Empty;
        var changes = new List<(string Field, IReadOnlyList<string>? Before, IReadOnlyList<string>? After)>();
        foreach (var (field, edit) in edits)
        {
            var before = fields[field];
            var after = edit(before);
            if (before is null ? after is null : after is not null && before.SequenceEqual(after)) continue;
            fields = fields.With(field, after);
            changes.Add((field, before, after));
        }

        if (changes.Count == 0) return new CorrectionAnswer(CorrectionOutcome.NothingToDo, Version: Version(content));
        if (this[content]?.LockedBy is { } by)
        {
            return new CorrectionAnswer(
                CorrectionOutcome.Locked, $"{by} has locked this track's data: unlock it to change it.", Version(content));
        }

        foreach (var (field, before, after) in changes) Note(content, field, before, after, undoes);
        var correction = Touch(content);
        correction.Fields = fields;
        // Who said that all is right has not seen this.
        if (correction.ApprovedBy is not null) Approve(correction, by: null);
        return new CorrectionAnswer(CorrectionOutcome.Done, Version: Version(content));
    }

    /// <summary>Says, or no longer says, that all is right.</summary>
    public bool Approve(string content, string? by)
    {
        if (this[content]?.ApprovedBy == by) return false;
        Approve(Touch(content), by);
        return true;
    }

    /// <summary>Ends an approval, if there is one, since something that is no field of the correction has changed:
    /// who said that all is right has not seen it.</summary>
    public void EndApproval(string content) => Approve(content, by: null);

    /// <summary>Locks, or unlocks.</summary>
    public bool Lock(string content, string? by)
    {
        if ((this[content]?.LockedBy is null) == (by is null)) return false;
        var correction = Touch(content);
        Note(content, CorrectionChange.Locked, One(correction.LockedBy), One(by), undoes: null);
        correction.LockedBy = by;
        return true;
    }

    /// <summary>What holds of a list field of a track, whoever says it.</summary>
    public IReadOnlyList<string> Holds(string field, string content, OwnerRecord? owner, Analysis? analysis)
    {
        FieldSet?[] said =
        [
            this[content]?.Fields, owner?.Fields, analysis?.FileFields,
            analysis is null ? null : TrackFields.Found(analysis),
        ];
        return TrackFields.Order(field).Select(origin => said[(int)origin]?[field])
            .FirstOrDefault(values => values is not null) ?? [];
    }

    private void Approve(Correction correction, string? by)
    {
        Note(correction.ContentId, CorrectionChange.Approved, One(correction.ApprovedBy), One(by), undoes: null);
        correction.ApprovedBy = by;
        correction.ApprovedAt = by is null ? null : now;
    }

    private Correction Touch(string content)
    {
        if (this[content] is not { } correction)
        {
            correction = corrections[content] = db.Corrections.Add(
                new Correction { Tenant = tenant, ContentId = content, By = author.By }).Entity;
        }

        (correction.By, correction.At) = (author.By, now);
        // Once, however much is changed in one transaction.
        var version = db.Entry(correction).Property(c => c.Version);
        version.CurrentValue = (db.Entry(correction).State == EntityState.Added ? 0 : version.OriginalValue) + 1;
        return correction;
    }

    private void Note(
        string content, string field, IReadOnlyList<string>? before, IReadOnlyList<string>? after, string? undoes)
    {
        // One line for a transaction: what was changed of each content is in the history, under the batch.
        if (!isAudited)
        {
            db.AuditEntries.Add(AuditEntry.Of(
                tenant, author, AuditActions.Corrected, batch, now, new { content, field, undoes }));
        }

        isAudited = true;
        db.CorrectionChanges.Add(new CorrectionChange
        {
            Tenant = tenant,
            ContentId = content,
            Field = field,
            Before = CorrectionChange.Write(before),
            After = CorrectionChange.Write(after),
            By = author.By,
            At = now,
            Via = author.Via,
            Batch = batch,
            Undoes = undoes,
        });
    }

    private static string[]? One(string? value) => value is null ? null : [value];
}
