using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>Database and storage that go away while a worker works, and come back.</summary>
public sealed class OutageTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_away_when_results_are_to_be_stored_is_waited_for()
    {
        await using var stage = await Stage.SetAsync(emulator);
        await EnqueueAsync(stage, 6);
        var database = new AwayAtTimes(stage.Catalogue);
        var options = TestWorker.Options(stage);
        options.Visibility = TimeSpan.FromSeconds(5);
        using var machine = Machine(database, stage.Storage, options);
        var working = Worker(database, stage.Storage, machine, options, (_, _) =>
        {
            database.GoAway();
            return Task.CompletedTask;
        }).RunAsync(Cancel);
        await UntilUnwellAsync(machine);
        database.ComeBack();
        await working;

        (await stage.JobsAsync()).Should().HaveCount(6)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Attempts == 1);
        (await IsWellAsync(machine)).Should().BeTrue();
    }

    [Fact]
    public async Task Storage_that_is_away_for_a_while_costs_no_track_a_try()
    {
        await using var own = await RestartedEmulator.StartAsync(Cancel);
        await using var stage = await Stage.SetAsync(own.ConnectionString);
        await EnqueueAsync(stage, 6);
        var options = TestWorker.Options(stage);
        options.Visibility = TimeSpan.FromSeconds(5);
        using var machine = Machine(stage.Catalogue, stage.Storage, options);
        var (begun, isAway) = (new TaskCompletionSource(), new TaskCompletionSource());
        var working = Worker(stage.Catalogue, stage.Storage, machine, options, async (_, cancel) =>
        {
            begun.TrySetResult();
            await isAway.Task.WaitAsync(cancel);
        }).RunAsync(Cancel);
        await begun.Task;
        await own.GoAwayAsync(Cancel);
        isAway.SetResult();
        await UntilUnwellAsync(machine);
        own.ComeBack();
        await working;

        (await stage.JobsAsync()).Should().HaveCount(6)
            .And.OnlyContain(job => job.State == JobState.Ready && job.Attempts == 1);
    }

    private static WorkerLoop Worker(
        IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, MachineHealth machine, WorkerOptions options,
        Func<string, CancellationToken, Task> work) => new(
            catalogue, storage, new JobQueues(catalogue, storage, TimeProvider.System), new ScriptedAnalyser(work),
            machine, new ProcessHealth(NullLogger.Instance), options, TimeProvider.System,
            NullLogger<WorkerLoop>.Instance);

    private static MachineHealth Machine(
        IDbContextFactory<CatalogueDb> catalogue, MusicStorage storage, WorkerOptions options) =>
        new(DecodeLimits.Default, catalogue, storage, options, TimeProvider.System, NullLogger.Instance);

    private static async Task EnqueueAsync(Stage stage, int tracks)
    {
        for (byte i = 0; i < tracks; i++)
            await stage.Messages.EnqueueAsync(await stage.AddTrackAsync($"home/{i}.wav", [i]), Cancel);
    }

    private static async Task UntilUnwellAsync(MachineHealth machine)
    {
        while (await IsWellAsync(machine)) await Task.Delay(50, Cancel);
    }

    private static async Task<bool> IsWellAsync(MachineHealth machine) =>
        (await machine.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status == HealthStatus.Healthy;

    /// <summary>A database that at times cannot be opened.</summary>
    private sealed class AwayAtTimes(IDbContextFactory<CatalogueDb> inner) : IDbContextFactory<CatalogueDb>
    {
        private const int CannotOpen = 14;
        private int state;

        /// <summary>Gone once, until it is there for good.</summary>
        public void GoAway() => Interlocked.CompareExchange(ref state, 1, 0);

        public void ComeBack() => Volatile.Write(ref state, 2);

        public CatalogueDb CreateDbContext() => Volatile.Read(ref state) == 1
            ? throw new SqliteException("unable to open database file", CannotOpen)
            : inner.CreateDbContext();
    }
}
