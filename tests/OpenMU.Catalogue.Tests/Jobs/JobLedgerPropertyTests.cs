using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Jobs;

/// <summary>
/// The ledger's promises under random interleavings of workers that claim, die, come back late and finish.
/// </summary>
public sealed class JobLedgerPropertyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_workers_do_in_whatever_order_every_job_ends_once()
    {
        await using var file = await CatalogueFile.CreateAsync();
        var time = new FakeTimeProvider(Noon);
        await Gen.Select(Gen.Int[0, 2], Gen.Enum<Move>(), Gen.Int[0, 3]).Array[1, 40].SampleAsync(
            async moves =>
            {
                var play = new Play(file, time);
                foreach (var (job, move, choice) in moves) await play.MoveAsync(job, move, choice);
                await play.FinishAsync();
            },
            iter: 40, threads: 1);
    }

    public enum Move
    {
        Claim,
        Renew,
        Commit,
        Reject,
        Postpone,
        Release,
        Wait,
        Fail,
    }

    /// <summary>Three jobs, every claim ever granted (the stale ones too), and what must be true of them.</summary>
    private sealed class Play(CatalogueFile file, FakeTimeProvider time)
    {
        private readonly JobLedger ledger = new(file.Factory, time);
        private readonly List<JobClaim>[] claims = [[], [], []];
        private readonly Dictionary<JobClaim, Move> ends = [];
        private readonly int[] accepted = new int[3];
        private long[]? jobs;

        public async Task MoveAsync(int index, Move move, int choice)
        {
            jobs ??= await AddJobsAsync();
            switch (move)
            {
                case Move.Claim:
                    if (await ClaimAsync(jobs[index], alone: choice > 1) is ClaimAnswer.Granted granted)
                        claims[index].Add(granted.Claim);
                    break;
                case Move.Wait:
                    time.Advance(Lease / 3 * (choice + 1));
                    break;
                case Move.Fail:
                    if (await ledger.FailAsync(jobs[index], Cancel)) accepted[index]++;
                    break;
                default:
                    if (claims[index].Count == 0) return;
                    await ActAsync(index, move, claims[index][^(Math.Min(choice, claims[index].Count - 1) + 1)]);
                    break;
            }

            await CheckAsync(index);
        }

        /// <summary>The queue delivers until nothing is left, and nobody is disturbed any more.</summary>
        public async Task FinishAsync()
        {
            jobs ??= await AddJobsAsync();
            for (var index = 0; index < jobs.Length; index++)
            {
                var alone = false;
                while (await ClaimAsync(jobs[index], alone) is var answer and not ClaimAnswer.Finished)
                {
                    if (answer is ClaimAnswer.Granted granted
                        && await ledger.CommitAsync(granted.Claim, JobLedgerTests.Result("end"), Cancel))
                    {
                        accepted[index]++;
                    }
                    alone = answer is ClaimAnswer.Suspect;
                    if (answer is ClaimAnswer.Held held) time.Advance(held.For);
                    if (answer is ClaimAnswer.Exhausted && await ledger.FailAsync(jobs[index], Cancel))
                        accepted[index]++;
                }

                await CheckAsync(index);
                accepted[index].Should().Be(1, "a job ends exactly once");
            }
        }

        private Task<ClaimAnswer> ClaimAsync(long job, bool alone) =>
            alone ? ledger.ClaimAloneAsync(job, Lease, Cancel) : ledger.ClaimAsync(job, Lease, Cancel);

        private async Task ActAsync(int index, Move move, JobClaim claim)
        {
            var done = move switch
            {
                Move.Renew => await ledger.RenewAsync(claim, Lease, Cancel),
                Move.Commit => await ledger.CommitAsync(claim, JobLedgerTests.Result($"fence {claim.Fence}"), Cancel),
                Move.Reject => await ledger.RejectAsync(claim, "Not audio.", Cancel),
                Move.Postpone => await ledger.PostponeAsync(claim, "Broken.", Cancel),
                _ => await ledger.ReleaseAsync(claim, Cancel),
            };
            if (!done) return;
            claim.Should().BeSameAs(claims[index][^1], "only the latest claim counts");
            if (move is not (Move.Commit or Move.Reject)) return;
            // A claim that has settled its job may say so again; that is the same end, not another.
            if (ends.TryAdd(claim, move)) accepted[index]++;
            else ends[claim].Should().Be(move);
        }

        private async Task CheckAsync(int index)
        {
            var job = await JobLedgerTests.ReadAsync(file, jobs![index]);
            job.Attempts.Should().BeInRange(0, JobLedger.MaxAttempts);
            job.Fence.Should().BeGreaterThanOrEqualTo(claims[index].Count);
            (job.Analysis is not null).Should().Be(job.State == JobState.Ready);
            (job.FinishedAt is not null).Should().Be(accepted[index] == 1);
            accepted[index].Should().BeLessThanOrEqualTo(1);
        }

        private async Task<long[]> AddJobsAsync()
        {
            await using var db = file.Open();
            var added = Enumerable.Range(0, 3).Select(_ => new Job
            {
                Tenant = "home",
                ContentId = $"sha256:{Guid.NewGuid():N}",
                ModelVersion = "none",
                CreatedAt = time.GetUtcNow().UtcDateTime,
            }).ToArray();
            db.AddRange(added.AsEnumerable<object>());
            await db.SaveChangesAsync(Cancel);
            return Array.ConvertAll(added, job => job.Id);
        }
    }
}
