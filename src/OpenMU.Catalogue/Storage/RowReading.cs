using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace OpenMU.Catalogue.Storage;

/// <summary>Reading many rows of which little is kept.</summary>
internal static class RowReading
{
    /// <summary>
    /// Reads a query's rows one after another as the database gives them. EF's own reading holds all of them, twice,
    /// wherever a statement may be tried again.
    /// </summary>
    /// <param name="db">To read from.</param>
    /// <param name="query">Its columns are read by their places.</param>
    /// <param name="begin">Makes what takes the rows, anew for each try.</param>
    /// <param name="take">Takes a row; false where it needs no more.</param>
    /// <param name="cancel">Ends the statement.</param>
    internal static Task<TResult> ReadAsync<T, TResult>(
        this CatalogueDb db, IQueryable<T> query, Func<TResult> begin, Func<TResult, DbDataReader, bool> take,
        CancellationToken cancel) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                await using var command = query.CreateDbCommand();
                object[] parameters = [.. command.Parameters.Cast<object>()];
                command.Parameters.Clear();
                // What is built is a format: its braces would stand for arguments.
                var text = command.CommandText.Replace("{", "{{").Replace("}", "}}");
                var raw = db.GetService<IRawSqlCommandBuilder>().Build(text, parameters, db.Model);
                await using var reader = await raw.RelationalCommand.ExecuteReaderAsync(
                    new RelationalCommandParameterObject(
                        db.GetService<IRelationalConnection>(), raw.ParameterValues, readerColumns: null, db,
                        db.GetService<IRelationalCommandDiagnosticsLogger>(), CommandSource.FromSqlQuery),
                    token);
                var result = begin();
                while (await reader.ReadAsync(token) && take(result, reader.DbDataReader))
                {
                }

                return result;
            },
            cancel);
}
