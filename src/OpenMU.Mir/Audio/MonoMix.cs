namespace OpenMU.Mir.Audio;

/// <summary>One channel out of several.</summary>
public static class MonoMix
{
    /// <summary>The mean of all channels.</summary>
    /// <param name="interleaved">Frames of <paramref name="channels"/> samples.</param>
    /// <param name="channels">At least 1.</param>
    /// <param name="mono">Room for one sample a frame.</param>
    /// <returns>The filled part of <paramref name="mono"/>.</returns>
    public static ReadOnlySpan<float> Mean(ReadOnlySpan<float> interleaved, int channels, float[] mono) => Mix(interleaved, channels, secondSign: 1, mono);

    /// <summary>Half the difference of the first two channels, for stereo whose mean cancels out.</summary>
    public static ReadOnlySpan<float> Side(ReadOnlySpan<float> interleaved, int channels, float[] mono) => Mix(interleaved, channels, secondSign: -1, mono);

    private static Span<float> Mix(ReadOnlySpan<float> interleaved, int channels, float secondSign, float[] mono)
    {
        var result = mono.AsSpan(0, interleaved.Length / channels);
        if (channels == 1)
        {
            interleaved.CopyTo(result);
            return result;
        }

        if (channels == 2)
        {
            for (var i = 0; i < result.Length; i++) result[i] = 0.5f * (interleaved[2 * i] + (secondSign * interleaved[(2 * i) + 1]));
            return result;
        }

        for (var i = 0; i < result.Length; i++)
        {
            var frame = interleaved.Slice(i * channels, channels);
            var sum = 0f;
            if (secondSign < 0) sum = (frame[0] - frame[1]) * (0.5f * channels);
            else foreach (var sample in frame) sum += sample;
            result[i] = sum / channels;
        }

        return result;
    }
}
