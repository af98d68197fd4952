using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Storage.Sqlite;

/// <summary>Statements that would never end: a test that passes has ended them.</summary>
public sealed class StopOnCancelTests
{
    private const string Counts =
        "WITH RECURSIVE Numbers(Value) AS (SELECT 1 UNION ALL SELECT Value + 1 FROM Numbers)";

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Counts + " SELECT COUNT(*) AS Value FROM Numbers")]
    [InlineData(Counts + " SELECT Value FROM Numbers WHERE Value < 0")]
    [InlineData(Counts + " SELECT Value FROM Numbers ORDER BY Value DESC")]
    public async Task A_query_ends_when_its_caller_cancels(string query)
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        using var leave = new CancellationTokenSource(Soon);

        var reading = () => db.Database.SqlQueryRaw<long>(query).ToListAsync(leave.Token);

        Outage.IsCancellation((await reading.Should().ThrowAsync<Exception>()).Which).Should().BeTrue();
        // The connection goes on as if nothing had been.
        (await db.Database.SqlQueryRaw<long>("SELECT 1 AS Value").SingleAsync(Cancel)).Should().Be(1);
    }

    [Fact]
    public async Task A_query_ends_among_its_rows()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        // The first rows come at once; the search for the next would never end.
        var rows = db.Database
            .SqlQueryRaw<long>(Counts + " SELECT Value FROM Numbers WHERE Value < 3 OR Value < 0")
            .AsAsyncEnumerable().GetAsyncEnumerator(leave.Token);
        (await rows.MoveNextAsync()).Should().BeTrue();
        (await rows.MoveNextAsync()).Should().BeTrue();
        var next = Task.Run(async () => await rows.MoveNextAsync(), Cancel);
        leave.CancelAfter(Soon);

        var reading = () => next;
        Outage.IsCancellation((await reading.Should().ThrowAsync<Exception>()).Which).Should().BeTrue();
        await rows.DisposeAsync();
    }

    [Fact]
    public async Task A_change_ends_when_its_caller_cancels_and_changes_nothing()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        using var leave = new CancellationTokenSource(Soon);

        var writing = () => db.Database.ExecuteSqlRawAsync(
            "CREATE TABLE Many AS " + Counts + " SELECT Value FROM Numbers WHERE Value < 0 OR Value < 10", leave.Token);

        Outage.IsCancellation((await writing.Should().ThrowAsync<Exception>()).Which).Should().BeTrue();
        (await db.Database.SqlQueryRaw<long>("SELECT COUNT(*) AS Value FROM sqlite_master WHERE name = 'Many'")
            .SingleAsync(Cancel)).Should().Be(0);
    }

    [Fact]
    public async Task A_wait_for_another_writer_ends_when_its_caller_cancels()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var other = file.Open();
        await using var held = await other.Database.BeginTransactionAsync(Cancel);
        await using var db = file.Open();
        using var leave = new CancellationTokenSource(Soon);

        var writing = () => db.InTransactionAsync(_ => Task.FromResult(true), leave.Token);

        await writing.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_writer_waits_for_another_for_longer_than_one_round()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var other = file.Open();
        await using var db = file.Open();
        Task<bool> waiting;
        await using (var held = await other.Database.BeginTransactionAsync(Cancel))
        {
            waiting = Task.Run(() => db.InTransactionAsync(_ => Task.FromResult(true), Cancel), Cancel);
            // Two rounds of a second and the pauses between them.
            await Task.Delay(TimeSpan.FromSeconds(2.5), Cancel);
            waiting.IsCompleted.Should().BeFalse();
        }

        (await waiting).Should().BeTrue();
    }
}
