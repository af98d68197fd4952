namespace OpenMU.Mir.Audio;

/// <summary>Proves that ffprobe and ffmpeg work here, with sounds that are made for it.</summary>
public static class DecoderCheck
{
    private const int Channels = 2, Frames = 11_025, Mp3Frames = 40, SamplesPerMp3Frame = 1152;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Reads headers and decodes: a WAV file, sample by sample, and an MP3 file, by its length.</summary>
    /// <param name="limits">As files will be decoded; at most a minute is waited for each program.</param>
    /// <param name="cancel">Ends the check.</param>
    /// <returns>Null if all is well; else one line for the operator.</returns>
    public static async Task<string?> FindProblemAsync(DecodeLimits limits, CancellationToken cancel)
    {
        var folder = default(DirectoryInfo);
        try
        {
            folder = Directory.CreateTempSubdirectory("openmu-check-");
            var patient = limits.Timeout > Patience ? limits with { Timeout = Patience } : limits;
            var (wave, mp3) = (Path.Combine(folder.FullName, "sound.wav"), Path.Combine(folder.FullName, "sound.mp3"));
            return await FindProblemAsync(wave, Wave(), "pcm_s16le", IsWave, patient, cancel)
                ?? await FindProblemAsync(mp3, Mp3(), "mp3", IsMp3, patient, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"A sound to prove the decoder with could not be written: {e.Message}";
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }

    private static async Task<string?> FindProblemAsync(
        string path, byte[] file, string codec, Func<List<float>, bool> isRight, DecodeLimits limits,
        CancellationToken cancel)
    {
        await File.WriteAllBytesAsync(path, file, cancel);
        try
        {
            var info = await AudioFile.ProbeAsync(path, limits, cancel);
            if (info.Codec != codec || info.SampleRate != AudioDecoder.SampleRate)
                return $"ffprobe took a {codec} file for {info.Codec} at {info.SampleRate} Hz.";
            await using var decoder = AudioFile.Open(path, info, limits, cancel);
            var samples = new List<float>();
            while (await decoder.ReadAsync() is { Length: > 0 } block) samples.AddRange(block.Span);
            return decoder.IsTruncated || !isRight(samples)
                ? $"ffmpeg did not give the samples of a {codec} file."
                : null;
        }
        catch (DecoderUnavailableException e)
        {
            return string.IsNullOrEmpty(e.Detail) ? e.Message : $"{e.Message} It said: {e.Detail}";
        }
        catch (UnreadableAudioException e)
        {
            return $"A sound {codec} file was refused: {e.Message} {e.Detail}".TrimEnd();
        }
    }

    // A tone that a wrong rate, a wrong channel order or a lost block would change.
    private static short Sample(int frame, int channel) => (short)(12_000 * Math.Sin(0.05 * (channel + 1) * frame));

    private static byte[] Wave() => WaveWriter.Bytes(
        [.. Enumerable.Range(0, Frames * Channels).Select(i => Sample(i / Channels, i % Channels))],
        AudioDecoder.SampleRate, Channels);

    private static bool IsWave(List<float> samples)
    {
        if (samples.Count != Frames * Channels) return false;
        for (var i = 0; i < samples.Count; i++)
        {
            if (Math.Abs(samples[i] - (Sample(i / Channels, i % Channels) / 32768f)) > 2f / 32768) return false;
        }

        return true;
    }

    // Frames of 128 kbit/s at 44,100 Hz without any side information are silence.
    private static byte[] Mp3()
    {
        const int FrameBytes = 417;
        var file = new byte[Mp3Frames * FrameBytes];
        for (var i = 0; i < Mp3Frames; i++)
            ((ReadOnlySpan<byte>)[0xFF, 0xFB, 0x90, 0x00]).CopyTo(file.AsSpan(i * FrameBytes));
        return file;
    }

    private static bool IsMp3(List<float> samples) =>
        Math.Abs((samples.Count / Channels) - (Mp3Frames * SamplesPerMp3Frame)) <= 2 * SamplesPerMp3Frame
            && samples.TrueForAll(sample => sample == 0);
}
