using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Microsoft.Data.SqlClient;
using Testcontainers.MsSql;

namespace OpenMU.Catalogue.Tests;

/// <summary>One SQL Server for all tests of the assembly, in a container where Docker is.</summary>
public sealed class SqlServerEngine : IAsyncLifetime
{
    private static MsSqlContainer? container;
    private static string problem = "it was not started";

    /// <summary>A new, empty database.</summary>
    /// <returns>How to open it.</returns>
    public static async Task<string> DatabaseAsync(CancellationToken cancel)
    {
        Assert.SkipWhen(container is null, $"SKIPPED: no SQL Server engine ran here, because {problem}.");
        var name = $"catalogue{Guid.NewGuid():N}";
        await using var connection = new SqlConnection(container!.GetConnectionString());
        await connection.OpenAsync(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "EXEC('CREATE DATABASE [' + @name + ']')";
        command.Parameters.AddWithValue("@name", name);
        await command.ExecuteNonQueryAsync(cancel);
        return new SqlConnectionStringBuilder(container.GetConnectionString())
        {
            InitialCatalog = name
        }.ConnectionString;
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            // Asked first, because the builders refuse to be made without it.
            if (TestcontainersSettings.OS.DockerEndpointAuthConfig is null)
            {
                problem = "there is no Docker";
                return;
            }

            var image = new ImageFromDockerfileBuilder()
                .WithDockerfileDirectory(AppContext.BaseDirectory).WithDockerfile("Dockerfile").Build();
            await image.CreateAsync();
            var started = new MsSqlBuilder(image).Build();
            await started.StartAsync();
            container = started;
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("OPENMU_NEEDS_SQLSERVER") is null)
        {
            // Docker that is away, or may not fetch the image, is no fault of the catalogue.
            problem = e.Message.Split('\n')[0];
        }
    }

    public ValueTask DisposeAsync() => container?.DisposeAsync() ?? ValueTask.CompletedTask;
}
