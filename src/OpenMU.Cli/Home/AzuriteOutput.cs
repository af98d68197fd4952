namespace OpenMU.Cli.Home;

/// <summary>The last lines that the emulator wrote, for the moment when somebody asks why it ended.</summary>
internal sealed class AzuriteOutput
{
    private const int Kept = 20, LongestReason = 1000;

    // What the emulator says when all is well.
    private const string Chatter = "Azurite ";

    // The last of its services. A connection proves nothing: another program may have taken the port.
    private const string Listening = "Azurite Table service is successfully listening";

    private readonly Queue<string> lines = [];

    /// <summary>All services take requests.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Adds a line; null, which stands for the end, and blank ones are left out.</summary>
    public void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        if (line.StartsWith(Listening, StringComparison.Ordinal)) IsListening = true;
        if (line.StartsWith(Chatter, StringComparison.Ordinal)) return;
        lock (lines)
        {
            lines.Enqueue(line.Trim());
            if (lines.Count > Kept) lines.Dequeue();
        }
    }

    /// <summary>The lines as one; null if there were none.</summary>
    public string? Reason()
    {
        lock (lines)
        {
            if (lines.Count == 0) return null;
            var text = string.Join(' ', lines);
            return text.Length <= LongestReason ? text : text[..LongestReason];
        }
    }
}
