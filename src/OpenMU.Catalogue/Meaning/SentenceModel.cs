using Microsoft.Extensions.Logging;

namespace OpenMU.Catalogue.Meaning;

/// <summary>The encoder of a program, opened when it is first needed.</summary>
public sealed class SentenceModel(ILogger<SentenceModel> log) : IDisposable
{
    private readonly Lock gate = new();
    private SentenceEncoder? encoder;
    private bool isOpened;

    /// <summary>Whether the program carries one.</summary>
    public static bool IsCarried => File.Exists(SentenceEncoder.UsualFile);

    /// <summary>Null where there is none: then a line in the log says why, once.</summary>
    public SentenceEncoder? Encoder
    {
        get
        {
            lock (gate)
            {
                if (isOpened) return encoder;
                isOpened = true;
                encoder = SentenceEncoder.TryOpen(SentenceEncoder.UsualFile, out var problem);
                if (problem is not null) log.LogWarning("{Problem}", problem);
                return encoder;
            }
        }
    }

    public void Dispose() => encoder?.Dispose();
}
