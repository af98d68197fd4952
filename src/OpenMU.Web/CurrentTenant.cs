using OpenMU.Web.Access;

namespace OpenMU.Web;

/// <summary>
/// The one place that says for which library a request is made: that of the key or of the person who is signed in,
/// never what the request's address says. Handlers take it as a parameter; every query filters on it.
/// </summary>
/// <param name="Name">Tenant as the tables spell it.</param>
internal sealed record CurrentTenant(string Name)
{
    // Minimal APIs bind a parameter of this type by calling this method.
    public static ValueTask<CurrentTenant> BindAsync(HttpContext context) => ValueTask.FromResult(new CurrentTenant(
        context.User.TenantName() ?? throw new InvalidOperationException("An endpoint takes whoever asks.")));

    /// <summary>
    /// Blob name of a file of this tenant: the tenant's folder, then the file's path as its owner named it.
    /// </summary>
    public string BlobName(string fileName) => $"{Name}/{fileName}";
}
