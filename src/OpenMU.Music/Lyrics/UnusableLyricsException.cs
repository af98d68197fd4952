namespace OpenMU.Music.Lyrics;

/// <summary>What was given for lyrics is none; the message says why in one sentence for people.</summary>
public sealed class UnusableLyricsException(string message) : Exception(message);
