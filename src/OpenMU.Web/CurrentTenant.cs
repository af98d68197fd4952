namespace OpenMU.Web;

/// <summary>
/// The one place that says for which library a request is made. Handlers take it as a parameter;
/// every query filters on it.
/// </summary>
/// <param name="Name">Tenant as the tables spell it.</param>
internal sealed record CurrentTenant(string Name)
{
    // Minimal APIs bind a parameter of this type by calling this method.
    public static ValueTask<CurrentTenant> BindAsync(HttpContext context) =>
        ValueTask.FromResult(new CurrentTenant(context.RequestServices.GetRequiredService<SiteSettings>().Tenant));

    /// <summary>
    /// Blob name of a file of this tenant: the tenant's folder, then the file's path as its owner named it.
    /// </summary>
    public string BlobName(string fileName) => $"{Name}/{fileName}";
}
