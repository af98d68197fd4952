using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using OpenMU.Catalogue;

namespace OpenMU.Repository.Tests;

public partial class TelemetryListTests
{
    [Fact]
    public void The_list_for_operators_has_every_instrument_that_the_meter_declares_with_its_unit_and_no_other()
    {
        var declared = new List<(string Name, string Unit)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == Telemetry.Name) declared.Add((instrument.Name, instrument.Unit!));
        };
        listener.Start();
        RuntimeHelpers.RunClassConstructor(typeof(Telemetry).TypeHandle);

        var listed = Row().Matches(Checkout.Read("docs/telemetry.md"))
            .Select(row => (row.Groups["name"].Value, row.Groups["unit"].Value));

        listed.Should().BeEquivalentTo(declared).And.HaveCountGreaterThan(5);
    }

    [GeneratedRegex(@"^\| `(?<name>openmu\.[a-z._]+)` \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
