namespace OpenMU.Cli.Hub;

/// <summary>A hub did not give what was asked of it.</summary>
/// <param name="message">One line for the user, with what to do next.</param>
internal sealed class HubException(string message) : IOException(message)
{
    /// <summary>Whether the same request may succeed a little later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long the hub asks to wait before the next request; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
