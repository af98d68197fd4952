using System.Globalization;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Access;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Catalogue.Tracks;
using OpenMU.Functions;

namespace OpenMU.Cli;

/// <summary>Files, tracks, jobs and messages, counted and held against each other.</summary>
/// <param name="catalogue">Tracks and jobs.</param>
/// <param name="storage">Files and messages.</param>
/// <param name="jobs">Which message belongs to which kind of job.</param>
/// <param name="time">Ages are counted by it.</param>
/// <param name="mostNamed">Of each thing that is open, so many are named.</param>
internal sealed class CatalogueBooks(
    IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, JobQueues jobs, TimeProvider time, int mostNamed)
{
    // Longer than the longest pause that a message is hidden for after a failed try.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(20);

    private readonly List<string> open = [];
    private readonly List<string> wrong = [];

    /// <summary>Work that waits or is being done.</summary>
    public IReadOnlyList<string> Open => open;

    /// <summary>What somebody should look at.</summary>
    public IReadOnlyList<string> Wrong => wrong;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>A time for people, such as <c>3 min</c>.</summary>
    public static string Say(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, age.TotalSeconds):0} s"),
    };

    /// <summary>A line for each tenant: its tracks by state.</summary>
    public async Task<IReadOnlyList<string>> TracksAsync(CancellationToken cancel)
    {
        await using var db = catalogue.CreateDbContext();
        var counts = await db.TrackCounts.AsNoTracking().Where(count => count.Tracks > 0).ToListAsync(cancel);
        return
        [
            .. from tenant in counts.GroupBy(count => count.Tenant)
               orderby tenant.Key
               let states = tenant.GroupBy(count => count.State).OrderBy(state => state.Key)
                   .Select(state => $"{state.Key} {state.Sum(count => count.Tracks)}")
               select $"{tenant.Key}: {tenant.Sum(count => count.Tracks)} ({string.Join(", ", states)})",
        ];
    }

    /// <summary>A line for each kind and state that is not Ready, with the age of its oldest job.</summary>
    public async Task<IReadOnlyList<string>> JobsAsync(CancellationToken cancel)
    {
        var lines = new List<string>();
        await using var db = catalogue.CreateDbContext();
        foreach (var queue in jobs.All)
        {
            foreach (var state in (JobState[])[JobState.Queued, JobState.Analysing])
            {
                var some = queue.Outbox.Open(db).Where(job => job.State == state);
                var count = await some.CountAsync(cancel);
                if (count == 0) continue;
                var oldest = Now - await some.MinAsync(job => job.CreatedAt, cancel);
                lines.Add($"{queue.Kind} {state}: {count}, the oldest {Say(oldest)} old");
                open.AddRange(await NamedAsync(some, $"{queue.Kind} {state}", cancel));
            }

            var kind = queue.Kind;
            var waits = await db.Jobs.CountAsync(j => j.Kind == kind && j.State == JobState.Waiting, cancel);
            if (waits > 0) lines.Add($"{kind} Waiting for its track: {waits}");

            foreach (var state in (JobState[])[JobState.Failed, JobState.Rejected])
            {
                var some = queue.Outbox.EndedBadly(db).Where(job => job.State == state);
                var count = await some.CountAsync(cancel);
                if (count == 0) continue;
                lines.Add($"{queue.Kind} {state}: {count}");
                if (state == JobState.Failed)
                {
                    wrong.AddRange(await NamedAsync(some, $"{queue.Kind} failed", cancel));
                    wrong.Add("Failed jobs are tried again by `openmu redrive`.");
                }
            }

            await FindLostAsync(db, queue, cancel);
        }

        var speechless = db.Analyses.Where(analysis => analysis.ModelProblem != null
            && analysis.ModelProblem.StartsWith(Analysis.ModelFailed));
        if (await speechless.CountAsync(cancel) is > 0 and var silent)
        {
            wrong.Add($"{VerbOutput.Count(silent, "track")} {(silent == 1 ? "lacks" : "lack")} the model's words because "
                + "it failed: `openmu redrive --without-words`.");
        }
        return lines;
    }

    /// <summary>The queues with what they hold; messages on poison queues are wrong.</summary>
    public async Task<IReadOnlyList<QueueLine>> QueuesAsync(CancellationToken cancel)
    {
        var lines = new List<QueueLine>();
        QueueClient[] queues =
        [
            storage.Uploads, storage.Removals, storage.Analysis, storage.AnalysisPoison, storage.Questions,
            storage.QuestionsPoison,
        ];
        foreach (var queue in queues)
        {
            QueueProperties properties = await queue.GetPropertiesAsync(cancel);
            PeekedMessage[] front = await queue.PeekMessagesAsync(StorageNames.MaxReceivedMessages, cancel);
            var oldest = time.GetUtcNow() - front.Min(message => message.InsertedOn);
            lines.Add(new QueueLine(queue.Name, properties.ApproximateMessagesCount, oldest));
            if (properties.ApproximateMessagesCount == 0) continue;
            if (queue.Name.EndsWith("-poison", StringComparison.Ordinal))
                wrong.Add($"{queue.Name} holds messages: nobody has noted yet that their jobs failed.");
            else if (queue == storage.Uploads || queue == storage.Removals)
                open.Add($"{queue.Name}: names that nobody has looked at yet");
        }

        return lines;
    }

    /// <summary>Names the folders of the storage that are no tenant's.</summary>
    public async Task FindUnknownPrefixesAsync(CancellationToken cancel)
    {
        foreach (var one in await new TenantPrefixes(catalogue, time).UnknownAsync(cancel))
        {
            wrong.Add($"Files below '{one.Prefix}', which is no tenant, such as {one.Example}, are not taken in: "
                + $"`openmu tenants add \"{one.Prefix}\"` does so with the next sweep.");
        }
    }

    /// <summary>Lists the storage and compares it with the catalogue, name by name.</summary>
    public async Task<FilesLine> FilesAsync(CancellationToken cancel)
    {
        var (listed, tracks, after) = (0L, 0L, (string?)null);
        var (strangers, orphans) = (new Named(mostNamed), new Named(mostNamed));
        var prefixes = await new TenantPrefixes(catalogue, time).UnknownAsync(cancel);
        var unknown = prefixes.Select(prefix => prefix.Prefix).ToHashSet();
        await foreach (var page in storage.Tracks.GetBlobsAsync(cancellationToken: cancel)
            .AsPages(pageSizeHint: SweepUploads.PageSize).WithCancellation(cancel))
        {
            var upTo = string.IsNullOrEmpty(page.ContinuationToken) ? null : page.Values[^1].Name;
            await using var db = catalogue.CreateDbContext();
            var rows = await db.TracksBetween(after, upTo)
                .Where(track => track.MissingSince == null && !track.ETag.StartsWith(Track.NotUploaded))
                .Select(track => new { track.BlobName, track.ETag }).ToListAsync(cancel);
            var lyrics = await db.LyricsBetween(after, upTo).Select(file => new { file.BlobName, file.ETagOfBlob })
                .ToListAsync(cancel);
            var known = rows.Select(row => (Name: row.BlobName, row.ETag))
                .Concat(lyrics.Select(file => (Name: file.BlobName!, ETag: file.ETagOfBlob!)))
                .ToLookup(row => row.Name, row => row.ETag);
            foreach (var blob in page.Values.Where(blob => !unknown.Contains(blob.Name.Split('/')[0])
                && !known[blob.Name].Contains(blob.Properties.ETag!.Value.ToString("H"))))
            {
                strangers.Add(blob.Name);
            }

            var names = page.Values.Select(blob => blob.Name).ToHashSet();
            foreach (var row in rows.Where(row => !names.Contains(row.BlobName))) orphans.Add(row.BlobName);
            (listed, tracks, after) = (listed + page.Values.Count, tracks + rows.Count, upTo);
            if (upTo is null) break;
        }

        if (strangers.Count > 0) wrong.Add($"Files that the catalogue does not know as they are: {strangers}");
        if (orphans.Count > 0) wrong.Add($"Tracks whose file is not there: {orphans}");
        return new FilesLine(listed, tracks);
    }

    private async Task FindLostAsync(CatalogueDb db, JobQueue queue, CancellationToken cancel)
    {
        var front = await queue.FrontAsync(cancel);
        var lost = await queue.Outbox.DueAsync(Grace, front, mostNamed, cancel);
        var ids = lost.Select(job => job.Id)
            .Concat(await queue.Outbox.UnsentAsync(Grace, mostNamed, cancel)).ToList();
        if (ids.Count == 0) return;
        wrong.AddRange(await NamedAsync(
            db.Jobs.Where(job => ids.Contains(job.Id)), $"{queue.Kind} without a message (the sweep sends it again)",
            cancel));
    }

    private async Task<IReadOnlyList<string>> NamedAsync(IQueryable<Job> some, string what, CancellationToken cancel)
    {
        var named = await some.OrderBy(job => job.CreatedAt).Take(mostNamed).Select(job => new
        {
            job.Id,
            job.CreatedAt,
            job.Attempts,
            job.Reason,
            Track = job.Tracks.Select(track => track.BlobName).FirstOrDefault()
                ?? (job.Question == null ? null : job.Question.Track!.BlobName),
        }).ToListAsync(cancel);
        return [.. named.Select(job =>
            $"{what}: job {job.Id}, {job.Track ?? "of no track"}, {Say(Now - job.CreatedAt)} old, try {job.Attempts}"
                + (job.Reason is null ? "" : $": {job.Reason}"))];
    }

    /// <summary>The first of many names, and their number.</summary>
    private sealed class Named(int most)
    {
        private readonly List<string> first = [];

        public int Count { get; private set; }

        public void Add(string name)
        {
            Count++;
            if (first.Count < most) first.Add(name);
        }

        public override string ToString() =>
            string.Join(", ", first) + (Count > first.Count ? $" and {Count - first.Count} more" : "");
    }
}

/// <summary>What a queue holds.</summary>
/// <param name="Name">The queue.</param>
/// <param name="Messages">About how many, those included that are being worked on.</param>
/// <param name="Oldest">Age of the oldest in front; null where none waits.</param>
internal sealed record QueueLine(string Name, int Messages, TimeSpan? Oldest);

/// <summary>What storage and catalogue have.</summary>
/// <param name="Listed">Files.</param>
/// <param name="Tracks">Tracks that say that they have one.</param>
internal sealed record FilesLine(long Listed, long Tracks);
