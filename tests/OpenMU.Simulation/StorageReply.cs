using System.Net;
using System.Text;
using System.Web;

namespace OpenMU.Simulation;

/// <summary>Answers of the storage service.</summary>
internal static class StorageReply
{
    /// <summary>A refusal with the service's code.</summary>
    public static HttpResponseMessage Error(HttpStatusCode status, string code)
    {
        var response = Empty(status);
        response.Headers.Add("x-ms-error-code", code);
        return response;
    }

    /// <summary>No content.</summary>
    public static HttpResponseMessage Empty(HttpStatusCode status) =>
        new(status) { Content = new ByteArrayContent([]) };

    /// <summary>A document.</summary>
    public static HttpResponseMessage Xml(HttpStatusCode status, StringBuilder xml) => new(status)
    {
        Content = new StringContent(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>" + xml, Encoding.UTF8, "application/xml"),
    };

    /// <summary>A value of the query; null where it is not there.</summary>
    public static string? Query(HttpRequestMessage request, string name) =>
        HttpUtility.ParseQueryString(request.RequestUri!.Query)[name];

    /// <summary>A number of the query.</summary>
    public static int Query(HttpRequestMessage request, string name, int otherwise) =>
        Query(request, name) is { } value
            ? int.Parse(value, System.Globalization.CultureInfo.InvariantCulture)
            : otherwise;
}
