using OpenMU.Catalogue.Access;

namespace OpenMU.Web.Access;

/// <summary>
/// Which application of Entra belongs to which tenant, and what it may do: <c>ID=TENANT:Read+Submit</c>, several with
/// semicolons between them.
/// </summary>
internal static class EntraApplications
{
    /// <summary>How the setting is written, for people.</summary>
    public const string Form = "must be like ID=TENANT:Read+Submit, several with ; between them";

    /// <summary>Reads the setting.</summary>
    /// <returns>By the id; null where it is not written so.</returns>
    public static IReadOnlyDictionary<string, EntraApplication>? Read(string? setting)
    {
        var found = new Dictionary<string, EntraApplication>(StringComparer.OrdinalIgnoreCase);
        const StringSplitOptions plain = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var text in (setting ?? "").Split(';', plain))
        {
            var (equals, colon) = (text.IndexOf('='), text.LastIndexOf(':'));
            if (equals <= 0 || colon <= equals) return null;
            var (id, tenant) = (text[..equals].Trim(), text[(equals + 1)..colon].Trim());
            if (!Tenant.IsName(tenant) || Scopes(text[(colon + 1)..]) is not { } scopes) return null;
            if (!found.TryAdd(id, new EntraApplication(tenant, scopes))) return null;
        }

        return found;
    }

    private static ApiScopes? Scopes(string text)
    {
        var all = ApiScopes.None;
        foreach (var name in text.Split('+', StringSplitOptions.TrimEntries))
        {
            if (!Enum.TryParse<ApiScopes>(name, ignoreCase: true, out var scope) || !Enum.IsDefined(scope)
                || char.IsAsciiDigit(name[0]) || scope == ApiScopes.None)
                return null;
            all |= scope;
        }

        return all;
    }
}

/// <summary>An application that signs in by itself.</summary>
/// <param name="Tenant">Whose library it works for.</param>
/// <param name="Scopes">What it may do.</param>
internal sealed record EntraApplication(string Tenant, ApiScopes Scopes);
