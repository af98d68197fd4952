using OpenMU.Cli;

[assembly: AssemblyFixture(typeof(OpenMU.Pipeline.Tests.Emulator))]
// The queues' names stand once and for all, so tests take turns with the one emulator.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace OpenMU.Pipeline.Tests;

/// <summary>The real storage emulator, started once for all tests of an assembly.</summary>
public sealed class Emulator : IAsyncLifetime
{
    private Azurite? azurite;

    public string ConnectionString => azurite!.ConnectionString;

    public async ValueTask InitializeAsync() => azurite = await Azurite.StartAsync(location: null, CancellationToken.None);

    // Null where it did not start: the reason is then the failure to show, not this.
    public ValueTask DisposeAsync() => azurite?.DisposeAsync() ?? ValueTask.CompletedTask;
}
