using OpenMU.Cli.Home;

namespace OpenMU.Testing;

/// <summary>The real storage emulator, started once for all tests of an assembly.</summary>
public sealed class Emulator : IAsyncLifetime
{
    private Azurite? azurite;

    public string ConnectionString => azurite!.ConnectionString;

    public async ValueTask InitializeAsync() =>
        azurite = await Azurite.StartAsync(location: null, CancellationToken.None);

    // Null where it did not start: the reason is then the failure to show, not this.
    public ValueTask DisposeAsync() => azurite?.DisposeAsync() ?? ValueTask.CompletedTask;
}
