using System.Diagnostics;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir;

/// <summary>Parts the time of a measurement: waiting for the decoder, which runs beside it, and computing.</summary>
public sealed class MeasurerClock
{
    private readonly long began = Stopwatch.GetTimestamp();
    private double secondsDecoded;

    /// <summary>Time spent waiting for samples.</summary>
    public TimeSpan Decoding { get; private set; }

    /// <summary>All the other time, known at the end.</summary>
    public TimeSpan Measuring { get; private set; }

    /// <summary>
    /// Seconds of sound decoded so far, those of a second hearing too; may be read by another thread.
    /// </summary>
    public double SecondsDecoded => Volatile.Read(ref secondsDecoded);

    internal async ValueTask<ReadOnlyMemory<float>> DecodedAsync(AudioDecoder decoder)
    {
        var asked = Stopwatch.GetTimestamp();
        var block = await decoder.ReadAsync();
        Decoding += Stopwatch.GetElapsedTime(asked);
        var seconds = block.Length / decoder.Channels / (double)AudioDecoder.SampleRate;
        Volatile.Write(ref secondsDecoded, secondsDecoded + seconds);
        return block;
    }

    internal void Stop() => Measuring = Stopwatch.GetElapsedTime(began) - Decoding;
}
