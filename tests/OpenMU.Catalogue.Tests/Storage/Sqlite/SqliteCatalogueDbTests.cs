using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Storage.Sqlite;

public sealed class SqliteCatalogueDbTests
{
    [Fact]
    public async Task Migrations_miss_no_change_of_the_model()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        db.Database.HasPendingModelChanges().Should().BeFalse();
    }

    [Fact]
    public async Task The_file_is_in_WAL_mode_with_foreign_keys_and_short_rounds_of_waiting()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using var db = file.Open();
        (await db.Database.SqlQuery<string>($"SELECT journal_mode AS Value FROM pragma_journal_mode")
            .SingleAsync(TestContext.Current.CancellationToken)).Should().Be("wal");
        (await db.Database.SqlQuery<int>($"SELECT foreign_keys AS Value FROM pragma_foreign_keys")
            .SingleAsync(TestContext.Current.CancellationToken)).Should().Be(1);
        (await db.Database.SqlQuery<int>($"SELECT timeout AS Value FROM pragma_busy_timeout")
            .SingleAsync(TestContext.Current.CancellationToken)).Should().Be(1_000);
    }

    [Fact]
    public async Task Migrations_can_be_taken_back_and_applied_again()
    {
        await using var file = await CatalogueFile.CreateAsync();
        await using (var db = file.Open())
            await db.GetService<IMigrator>().MigrateAsync("0", TestContext.Current.CancellationToken);
        await file.Factory.MigrateAsync(TestContext.Current.CancellationToken);
        await using var again = file.Open();
        (await again.SearchRows.CountAsync(TestContext.Current.CancellationToken)).Should().Be(0);
    }
}
