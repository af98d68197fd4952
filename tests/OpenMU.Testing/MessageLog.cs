using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OpenMU.Testing;

/// <summary>A log that keeps its messages.</summary>
public sealed class MessageLog : ILogger
{
    private readonly ConcurrentQueue<string> messages = [];

    public IReadOnlyCollection<string> Messages => messages;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
        => messages.Enqueue(formatter(state, exception));
}
