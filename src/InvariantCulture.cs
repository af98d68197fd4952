using System.Globalization;
using System.Runtime.CompilerServices;

namespace OpenMU;

/// <summary>
/// Part of every program: numbers, dates and the order of texts are written alike whatever language the machine speaks.
/// The runtime's invariant mode would do the same, but the SQL Server client refuses to run in it.
/// </summary>
internal static class InvariantCulture
{
    [ModuleInitializer]
    internal static void Set() =>
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
}
