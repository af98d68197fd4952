using System.Buffers.Binary;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>
/// What headers claim about the length, what they leave to be guessed, and what the decoder complains of.
/// </summary>
public sealed class SoundLengthTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0.002, 0.5)]
    [InlineData(0.5, 0.002)]
    [InlineData(0.0, 0.6)]
    public async Task A_guess_by_the_bit_rate_is_no_claim(double first, double second)
    {
        folder.WriteWav("source.wav",
            [[.. TestFolder.Noise(4, first, seed: 1), .. TestFolder.Noise(8, second, seed: 2)]]);
        folder.Ffmpeg("-i", "source.wav", "-q:a", "4", "-write_xing", "0", "-id3v2_version", "0", "a.mp3");
        var (info, decoder) = await DecodeAsync("a.mp3");
        info.ProbedSeconds.Should().BeNull();
        info.EstimatedSeconds.Should().BePositive();
        decoder.Seconds.Should().BeApproximately(12, 0.1);
        (decoder.IsTruncated, decoder.Errors).Should().Be((false, 0));
    }

    [Fact]
    public async Task A_long_track_without_a_header_is_not_refused_by_a_guess()
    {
        // Two seconds at 8 kbit/s and then much at 320: by the bit rate of its beginning it would last for hours.
        folder.WriteWav("soft.wav", [TestFolder.Sine(220, 2, 0.0001), TestFolder.Sine(220, 2, 0.0001)]);
        folder.WriteWav("loud.wav", [TestFolder.Noise(20, 0.6, seed: 1), TestFolder.Noise(20, 0.6, seed: 2)]);
        foreach (var (name, rate) in (ReadOnlySpan<(string, string)>)[("soft", "32k"), ("loud", "320k")])
            folder.Ffmpeg("-i", $"{name}.wav", "-b:a", rate, "-reservoir", "0", "-write_xing", "0", "-id3v2_version",
                "0", $"{name}.mp3");
        var loud = File.ReadAllBytes(folder["loud.mp3"]);
        folder.Write("a.mp3", [.. File.ReadAllBytes(folder["soft.mp3"]), .. loud, .. loud]);
        var limits = DecodeLimits.Default with { MaxSeconds = 60 };
        var (info, decoder) = await DecodeAsync("a.mp3", limits);
        info.EstimatedSeconds.Should().BeGreaterThan(1.5 * 60, "the guess is what the test is about");
        decoder.Seconds.Should().BeApproximately(42, 0.3);
        decoder.IsTruncated.Should().BeFalse();
    }

    [Theory]
    [InlineData(0x7FFF_F000u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(0u)]
    public async Task A_placeholder_for_a_length_is_no_claim(uint placeholder)
    {
        folder.WriteWav("a.wav", [TestFolder.Noise(3, 0.5, seed: 1, rate: 16_000)], rate: 16_000);
        var file = File.ReadAllBytes(folder["a.wav"]);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(40), placeholder);
        folder.Write("a.wav", file);
        var (_, decoder) = await DecodeAsync("a.wav");
        decoder.Seconds.Should().BeApproximately(3, 0.01);
        (decoder.IsTruncated, decoder.Errors).Should().Be((false, 0));
    }

    [Theory]
    [InlineData("a.mp3")]
    [InlineData("a.flac")]
    [InlineData("a.m4a")]
    [InlineData("a.ogg")]
    public async Task What_a_header_does_claim_is_taken_as_a_claim(string name)
    {
        folder.WriteWav("source.wav", [TestFolder.Noise(5, 0.3, seed: 1)]);
        folder.Ffmpeg("-i", "source.wav", name);
        (await DecodeAsync(name)).Info.ProbedSeconds.Should().BeApproximately(5, 0.1);
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(3000)]
    [InlineData(4000)]
    public async Task Time_stamps_that_go_back_are_no_errors_of_the_sound(int samplesBack)
    {
        folder.WriteWav("source.wav", [TestFolder.Noise(8, 0.3, seed: 1)]);
        folder.Ffmpeg("-i", "source.wav", "-c:a", "libvorbis", "-page_duration", "500000", "sound.ogg");
        folder.Write("back.ogg", OggPages.Change(File.ReadAllBytes(folder["sound.ogg"]), (number, page) =>
        {
            var position = BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(6));
            if (number % 2 == 1 && position > samplesBack)
                BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(6), position - samplesBack);
        }));
        folder.Ffmpeg("-i", "back.ogg", "-map", "0:a", "-c:a", "pcm_f32le", "-f", "f32le", "out.raw").Should()
            .Contain("to muxer");
        var (_, decoder) = await DecodeAsync("back.ogg");
        decoder.Errors.Should().Be(0);
        decoder.Seconds.Should().BeApproximately(8, 0.1);
    }

    [Fact]
    public async Task Chained_streams_are_one_track_without_errors()
    {
        folder.WriteWav("source.wav", [TestFolder.Noise(3, 0.3, seed: 1)]);
        folder.Ffmpeg("-i", "source.wav", "-c:a", "libvorbis", "-metadata", "title=First Part", "1.ogg");
        folder.Ffmpeg("-i", "source.wav", "-c:a", "libvorbis", "-ac", "2", "-metadata", "title=Second Part", "2.ogg");
        folder.Write("chained.ogg", [.. File.ReadAllBytes(folder["1.ogg"]), .. File.ReadAllBytes(folder["2.ogg"])]);
        var (info, decoder) = await DecodeAsync("chained.ogg");
        info.Title.Should().Be("First Part");
        decoder.Seconds.Should().BeApproximately(6, 0.1);
        decoder.Errors.Should().Be(0);
    }

    [Fact]
    public async Task Joined_files_are_one_track_without_errors()
    {
        folder.WriteWav("source.wav", [TestFolder.Noise(3, 0.3, seed: 1)]);
        folder.Ffmpeg("-i", "source.wav", "-b:a", "96k", "-metadata", "title=One", "-write_id3v1", "1", "1.mp3");
        folder.Ffmpeg("-i", "source.wav", "-b:a", "128k", "-ar", "48000", "-ac", "2", "2.mp3");
        var (one, two) = (File.ReadAllBytes(folder["1.mp3"]), File.ReadAllBytes(folder["2.mp3"]));
        foreach (var parts in (byte[][][])[[one, two], [two, one, one], [one, one, two, two]])
        {
            folder.Write("joined.mp3", [.. parts.SelectMany(part => part)]);
            var (_, decoder) = await DecodeAsync("joined.mp3");
            decoder.Seconds.Should().BeApproximately(3 * parts.Length, 0.1 * parts.Length);
            (decoder.Errors, decoder.IsTruncated).Should().Be((0, false));
        }

        for (var i = 3000; i < two.Length; i += 1500) two[i] ^= 0x55;
        folder.Write("damaged.mp3", [.. one, .. two]);
        (await DecodeAsync("damaged.mp3")).Decoder.Errors.Should().BePositive();
    }

    private async Task<(AudioInfo Info, AudioDecoder Decoder)> DecodeAsync(string name, DecodeLimits? limits = null)
    {
        await using var decoder =
            await AudioFile.OpenAsync(folder[name], limits ?? DecodeLimits.Default, CancellationToken.None);
        while ((await decoder.ReadAsync()).Length > 0) { }
        return (decoder.Info, decoder);
    }
}
