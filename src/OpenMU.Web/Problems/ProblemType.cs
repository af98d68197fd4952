using Microsoft.AspNetCore.Http.HttpResults;

namespace OpenMU.Web.Problems;

/// <summary>
/// A kind of problem that the API answers with, after RFC 9457. This is the registry: a program may depend on the
/// address of a kind and on its status; title and description are for people, and detail is about the one request.
/// </summary>
/// <param name="Name">The end of the address. Never changed, and never given another meaning.</param>
/// <param name="Status">The HTTP status that it comes with.</param>
/// <param name="Title">In short.</param>
/// <param name="Description">When it comes, and what to do.</param>
internal sealed record ProblemType(string Name, int Status, string Title, string Description)
{
    private const string Prefix = "urn:openmu:problem:";

    public static readonly ProblemType InvalidRequest = new(
        "invalid-request", StatusCodes.Status400BadRequest, "The request is not valid",
        "A parameter or a field of the body is unknown, missing or has a value that is not taken. errors, where it is "
            + "there, has sentences by parameter or field.");

    public static readonly ProblemType Unauthenticated = new(
        "unauthenticated", StatusCodes.Status401Unauthorized, "No valid key",
        "Send a key as Authorization: Bearer KEY; the one that came, if any, is not valid, or no longer.");

    public static readonly ProblemType Forbidden = new(
        "forbidden", StatusCodes.Status403Forbidden, "Not allowed",
        "The key, or the person, may not do this: it needs another scope.");

    public static readonly ProblemType CrossSite = new(
        "cross-site", StatusCodes.Status403Forbidden, "Requests from other sites are refused",
        "A page of an origin that is not allowed has sent the request.");

    public static readonly ProblemType NotFound = new(
        "not-found", StatusCodes.Status404NotFound, "There is no such thing",
        "The address is none of the API's, or what it names is not there.");

    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", StatusCodes.Status405MethodNotAllowed, "The address does not take this method",
        "Allow has the methods that it takes.");

    public static readonly ProblemType Conflict = new(
        "conflict", StatusCodes.Status409Conflict, "It cannot be done as things stand",
        "detail says what stands against it.");

    public static readonly ProblemType AlreadyExists = new(
        "already-exists", StatusCodes.Status409Conflict, "There is one of this name already",
        "Send replace=true to put the new one in its place.");

    public static readonly ProblemType NotReady = new(
        "not-ready", StatusCodes.Status409Conflict, "The track has no analysis",
        "The track is Failed, Rejected or Missing. Send the same request again once that is mended.");

    public static readonly ProblemType NotComparable = new(
        "not-comparable", StatusCodes.Status409Conflict, "The tracks cannot be compared",
        "No model has heard a track, or not the same version of it has heard both.");

    public static readonly ProblemType Gone = new(
        "gone", StatusCodes.Status410Gone, "It is no longer there",
        "It was there once, and is not now. If it comes back, so does the answer.");

    public static readonly ProblemType PreconditionFailed = new(
        "precondition-failed", StatusCodes.Status412PreconditionFailed, "It has changed meanwhile",
        "If-Match names another version than the one that is there: read it again, then change it.");

    public static readonly ProblemType TooLarge = new(
        "too-large", StatusCodes.Status413PayloadTooLarge, "The body is too large",
        "detail says how large it may be.");

    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "The body is of a type that is not taken",
        "Send one of the content types of the operation.");

    public static readonly ProblemType RangeNotSatisfiable = new(
        "range-not-satisfiable", StatusCodes.Status416RangeNotSatisfiable, "The range lies outside the file",
        "Content-Range has the file's length.");

    public static readonly ProblemType Unprocessable = new(
        "unprocessable", StatusCodes.Status422UnprocessableEntity, "The request contradicts an earlier one",
        "detail says which.");

    public static readonly ProblemType PreconditionRequired = new(
        "precondition-required", StatusCodes.Status428PreconditionRequired, "If-Match is needed",
        "Send the ETag of what is to be changed in If-Match, or * for whatever is there.");

    public static readonly ProblemType RateLimited = new(
        "rate-limited", StatusCodes.Status429TooManyRequests, "Too many requests",
        "The budget of the key, the person, the address or the library is spent. Retry-After says when to send the "
            + "request again, RateLimit how much is left.");

    public static readonly ProblemType Busy = new(
        "busy", StatusCodes.Status429TooManyRequests, "Too many requests at once, from everybody together",
        "Send the request again after Retry-After.");

    public static readonly ProblemType QuotaExceeded = new(
        "quota-exceeded", StatusCodes.Status429TooManyRequests, "More is asked than is left of what the library may",
        "quota says of what: tracks or questions of a day, bytes, or what waits; detail says how much. Retry-After says "
            + "when there may be room.");

    public static readonly ProblemType HeadersTooLarge = new(
        "headers-too-large", StatusCodes.Status431RequestHeaderFieldsTooLarge, "The headers are too large",
        "Send fewer or shorter ones.");

    public static readonly ProblemType Internal = new(
        "internal", StatusCodes.Status500InternalServerError, "A fault of the server",
        "Nothing can be done about it by the request; traceId finds it in the log.");

    public static readonly ProblemType Unavailable = new(
        "unavailable", StatusCodes.Status503ServiceUnavailable, "It cannot be answered at present",
        "The storage or the database is away, or the server has too much to do; detail says which, as far as it is "
            + "known. Nothing is wrong with the request: send it again after Retry-After.");

    /// <summary>All kinds. The first of a status stands for it where nothing more is known.</summary>
    public static readonly IReadOnlyList<ProblemType> All =
    [
        InvalidRequest, Unauthenticated, Forbidden, CrossSite, NotFound, MethodNotAllowed, Conflict, AlreadyExists,
        NotReady, NotComparable, Gone, PreconditionFailed, TooLarge, UnsupportedMediaType, RangeNotSatisfiable,
        Unprocessable, PreconditionRequired, RateLimited, Busy, QuotaExceeded, HeadersTooLarge, Internal, Unavailable,
    ];

    /// <summary>The problem's <c>type</c>: a name, and no page that could be opened.</summary>
    public string Address => Prefix + Name;

    /// <summary>The kind with this <c>type</c>; null where it is none of ours.</summary>
    public static ProblemType? Named(string? address) => All.FirstOrDefault(type => type.Address == address);

    /// <summary>The kind that a status stands for; null where it stands for none.</summary>
    public static ProblemType? OfStatus(int status) => All.FirstOrDefault(type => type.Status == status);

    /// <summary>An answer of this kind.</summary>
    /// <param name="detail">What is wrong with this one request, for people.</param>
    public ProblemHttpResult Answer(string detail) =>
        TypedResults.Problem(detail, statusCode: Status, title: Title, type: Address);
}
