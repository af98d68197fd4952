namespace OpenMU.Catalogue.Access;

/// <summary>
/// For which tenant the present work is done. Every context of the catalogue that is made meanwhile sees that tenant's
/// rows only, whoever makes it; outside of any scope, as in a sweep, it sees all. It follows the work over awaits.
/// </summary>
public static class TenantScope
{
    /// <summary>The tenant of who has not said whose request it is: none is called so, and nothing is seen.</summary>
    public const string Nobody = "";

    private static readonly AsyncLocal<string?> Scope = new();

    /// <summary>The tenant; null outside of any scope.</summary>
    public static string? Current => Scope.Value;

    /// <summary>Begins a scope, which ends when what is returned is disposed of.</summary>
    public static IDisposable Enter(string tenant) => Change(tenant);

    /// <summary>Leaves all scopes for a while, for what is shared out among all tenants: the queues.</summary>
    internal static IDisposable EnterAll() => Change(null);

    private static End Change(string? tenant)
    {
        var before = Scope.Value;
        Scope.Value = tenant;
        return new End(before);
    }

    private sealed class End(string? before) : IDisposable
    {
        public void Dispose() => Scope.Value = before;
    }
}
