namespace OpenMU.Cli.Hub;

/// <summary>Which hub is asked, as whom, and how patiently.</summary>
/// <param name="Endpoint">Its address; http or https.</param>
/// <param name="Token">A token for gated repositories, or null.</param>
/// <param name="Clock">The time.</param>
internal sealed record HubSettings(Uri Endpoint, string? Token, TimeProvider Clock)
{
    public const string DefaultEndpoint = "https://huggingface.co";
    public const string EndpointVariable = "HF_ENDPOINT";
    public const string TokenVariable = "HF_TOKEN";

    /// <summary>The wait after a first failure.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A longer wait than this is the user's to decide.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A connection that is silent for so long is taken for cut.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Of an option or the environment.</summary>
    /// <param name="endpoint">The option; null takes HF_ENDPOINT, or the public hub.</param>
    /// <exception cref="UsageException">The address or the token cannot be used.</exception>
    public static HubSettings Read(string? endpoint)
    {
        var (name, text) = endpoint is not null
            ? ("--endpoint", endpoint)
            : Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 } said
                ? (EndpointVariable, said)
                : ("", DefaultEndpoint);
        // The address may hold a password by mistake, so it is not repeated.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            throw new UsageException(
                $"{name} must be an http or https address without user, query or fragment, such as {DefaultEndpoint}.");
        }
        var token = Environment.GetEnvironmentVariable(TokenVariable)?.Trim();
        if (token?.Any(letter => letter is <= ' ' or > '~') == true)
            throw new UsageException($"{TokenVariable} holds characters that no token has; copy it again.");
        return new(address, token is { Length: > 0 } ? token : null, TimeProvider.System);
    }
}
