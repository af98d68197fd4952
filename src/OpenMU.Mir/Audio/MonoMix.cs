namespace OpenMU.Mir.Audio;

/// <summary>One channel out of several.</summary>
public static class MonoMix
{
    /// <summary>The mean of all channels.</summary>
    /// <param name="interleaved">Frames of <paramref name="channels"/> samples.</param>
    /// <param name="channels">At least 1.</param>
    /// <param name="mono">Room for one sample a frame.</param>
    /// <returns>The filled part of <paramref name="mono"/>.</returns>
    public static ReadOnlySpan<float> Mean(ReadOnlySpan<float> interleaved, int channels, float[] mono)
    {
        var result = mono.AsSpan(0, interleaved.Length / channels);
        if (channels == 1)
        {
            interleaved.CopyTo(result);
            return result;
        }

        if (channels == 2)
        {
            for (var i = 0; i < result.Length; i++) result[i] = 0.5f * (interleaved[2 * i] + interleaved[(2 * i) + 1]);
            return result;
        }

        for (var i = 0; i < result.Length; i++)
        {
            var sum = 0f;
            foreach (var sample in interleaved.Slice(i * channels, channels)) sum += sample;
            result[i] = sum / channels;
        }

        return result;
    }

    /// <summary>The mean of all channels after some are turned round, for sound whose plain mean cancels out.</summary>
    /// <param name="interleaved">Frames of <paramref name="signs"/>' number of samples.</param>
    /// <param name="signs">1 or -1 for each channel.</param>
    /// <param name="mono">Room for one sample a frame.</param>
    /// <returns>The filled part of <paramref name="mono"/>.</returns>
    public static ReadOnlySpan<float> MeanWithSigns(ReadOnlySpan<float> interleaved, ReadOnlySpan<float> signs,
        float[] mono)
    {
        var channels = signs.Length;
        var result = mono.AsSpan(0, interleaved.Length / channels);
        for (var i = 0; i < result.Length; i++)
        {
            var sum = 0f;
            for (var c = 0; c < channels; c++) sum += signs[c] * interleaved[(i * channels) + c];
            result[i] = sum / channels;
        }

        return result;
    }
}
