using Microsoft.Extensions.Logging;

namespace OpenMU.Cli;

/// <summary>A log for people at a terminal: each message is a line, without time, level or category.</summary>
/// <param name="write">Writes a line; called from several threads, one at a time.</param>
internal sealed class LineLogger(Action<string> write) : ILogger
{
    private readonly Lock writing = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        lock (writing) write(formatter(state, exception));
    }
}
