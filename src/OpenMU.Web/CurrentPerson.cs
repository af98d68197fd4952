using OpenMU.Catalogue.Fields;

namespace OpenMU.Web;

/// <summary>
/// Who changes something by a request, for the history: the label of the key, or the name of the person whom the
/// platform has signed in. On a site without either, which is so at home, nobody says who it is.
/// </summary>
/// <param name="Author">As the history has it.</param>
internal sealed record CurrentPerson(CorrectionAuthor Author)
{
    private const int MaxLength = 256;

    // Minimal APIs bind a parameter of this type by calling this method.
    public static ValueTask<CurrentPerson> BindAsync(HttpContext context)
    {
        // Only browsers say where a request comes from, and only the page's own come so far.
        var via = context.Request.Headers.ContainsKey("Sec-Fetch-Site") ? "page" : "api";
        var name = context.User.Identity?.Name ?? (via == "page" ? "somebody at the page" : "somebody by the API");
        return ValueTask.FromResult(
            new CurrentPerson(new CorrectionAuthor(name[..Math.Min(name.Length, MaxLength)], via)));
    }
}
