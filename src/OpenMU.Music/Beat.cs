namespace OpenMU.Music;

/// <summary>One beat, as a listener taps it.</summary>
/// <param name="Seconds">From the start of the file.</param>
/// <param name="Number">Place in the bar from 1, the downbeat; 0 where the bar is unknown.</param>
public readonly record struct Beat(double Seconds, int Number);
