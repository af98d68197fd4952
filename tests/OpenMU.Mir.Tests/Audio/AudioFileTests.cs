using System.Diagnostics;
using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

public sealed class AudioFileTests : IDisposable
{
    private static readonly CancellationToken NoCancel = CancellationToken.None;
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.wav")]
    [InlineData("a.flac")]
    [InlineData("a.mp3")]
    [InlineData("a.ogg")]
    [InlineData("a.opus")]
    [InlineData("a.m4a")]
    [InlineData("a.wma")]
    [InlineData("a.wv")]
    [InlineData("a.aiff")]
    [InlineData("a.mka")]
    public async Task Every_common_format_is_decoded_to_its_length_and_pitch(string name)
    {
        folder.WriteWav("source.wav", [TestFolder.Sine(441, 2), TestFolder.Sine(441, 2)]);
        folder.Ffmpeg("-i", "source.wav", name);
        var wave = await AudioFile.ReadMonoAsync(
            folder[name], 22_050, maxSeconds: null, DecodeLimits.Default, NoCancel);
        wave.DurationSeconds.Should().BeApproximately(2, 0.1);
        var middle = wave.Samples.AsSpan(11_025, 22_050).ToArray();
        middle.Zip(middle.Skip(1)).Count(pair => pair.First < 0 && pair.Second >= 0).Should().BeInRange(440, 442);
    }

    [Theory]
    [InlineData("-dash first.wav")]
    [InlineData("new\nline.wav")]
    [InlineData("quote ' \" and \\ and \\\" backslash\\.wav")]
    [InlineData("%s%n$(id);`id`.wav")]
    [InlineData("http:x.wav")]
    [InlineData("日本語 🎵")]
    public async Task Any_file_name_can_be_opened(string name)
    {
        folder.WriteWav(name, [TestFolder.Sine(441, 0.5)]);
        (await DecodeAsync(folder[name])).Seconds.Should().BeApproximately(0.5, 1e-4);
    }

    [Fact]
    public async Task A_relative_path_that_begins_with_a_dash_can_be_opened()
    {
        folder.WriteWav("-y.wav", [TestFolder.Sine(441, 0.5)]);
        var path = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder["-y.wav"]);
        (await DecodeAsync(path)).Seconds.Should().BeApproximately(0.5, 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(441)]
    public async Task A_file_of_very_few_samples_is_a_track(int samples)
    {
        folder.WriteWav("short.wav", [TestFolder.Noise(0.1, 0.5, seed: 1)[..samples]]);
        (await DecodeAsync(folder["short.wav"])).Frames.Should().Be(samples);
    }

    [Fact]
    public async Task What_cannot_be_analysed_is_refused_with_a_sentence()
    {
        folder.WriteWav("good.wav", [TestFolder.Sine(441, 1)]);
        folder.Ffmpeg("-i", "good.wav", "good.flac");
        folder.Ffmpeg("-i", "good.wav", "good.m4a");
        folder.Ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=1", "-c:v", "mpeg4", "video.mp4");
        folder.Ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:r=1:d=1", "-frames:v", "1", "picture.png");
        Directory.CreateDirectory(folder["folder.mp3"]);
        File.CreateSymbolicLink(folder["nowhere.mp3"], "gone");
        File.CreateSymbolicLink(folder["loop.mp3"], "loop.mp3");
        folder.Run("mkfifo", "pipe.wav");
        folder.Write("empty.mp3", []);
        folder.Write("text.mp3", "This is not music.\n"u8.ToArray());
        folder.Write(
            "list.mp3",
            System.Text.Encoding.UTF8.GetBytes($"#EXTM3U\n#EXTINF:1,\n{folder["good.wav"]}\n#EXT-X-ENDLIST\n"));
        folder.Write("concat.mp3", "ffconcat version 1.0\nfile good.wav\n"u8.ToArray());
        folder.Write("cut.m4a", File.ReadAllBytes(folder["good.m4a"])[..3000]);
        folder.Write("headerOnly.flac", File.ReadAllBytes(folder["good.flac"])[..42]);
        folder.Write("headerOnly.wav", TestFolder.WavHeader(2, 44_100, format: 1, bits: 16, dataBytes: 4000));
        folder.Write(
            "noChannels.wav",
            [.. TestFolder.WavHeader(0, 44_100, format: 1, bits: 16, dataBytes: 4000), .. new byte[4000]]);
        folder.Write(
            "unknownCodec.wav",
            [.. TestFolder.WavHeader(2, 44_100, format: 0x7777, bits: 16, dataBytes: 4000), .. new byte[4000]]);

        var expected = new Dictionary<string, string>
        {
            ["missing.mp3"] = "The file does not exist.",
            ["folder.mp3"] = "This is a folder, not a file.",
            ["nowhere.mp3"] = "The file is a link to nowhere.",
            ["loop.mp3"] = "The file is a link to nowhere.",
            ["pipe.wav"] = "The file is empty.",
            ["empty.mp3"] = "The file is empty.",
            ["text.mp3"] = "This is not audio, or it is too damaged to be recognised.",
            ["list.mp3"] = "This is not audio, or it is too damaged to be recognised.",
            ["concat.mp3"] = "This is not a kind of audio file that can be read.",
            ["picture.png"] = "This is not a kind of audio file that can be read.",
            ["video.mp4"] = "The file holds no audio.",
            ["cut.m4a"] = "The file is cut off: its index is missing.",
            ["headerOnly.flac"] = "This is not audio, or it is too damaged to be recognised.",
            ["headerOnly.wav"] = "The file has a header but no sound.",
            ["noChannels.wav"] = "This is not audio, or it is too damaged to be recognised.",
            ["unknownCodec.wav"] = "The file's coding is not known.",
        };
        var actual = new Dictionary<string, string>();
        foreach (var name in expected.Keys) actual[name] = await ReasonAsync(folder[name], DecodeLimits.Default);
        actual.Should().Equal(expected);
    }

    [Fact]
    public async Task Limits_on_size_and_length_hold()
    {
        folder.WriteWav("long.wav", [TestFolder.Sine(441, 10)]);
        var path = folder["long.wav"];
        (await ReasonAsync(path, new DecodeLimits { MaxFileBytes = 1_000_000 }))
            .Should().Be("The file is larger than 0 GB.");
        (await ReasonAsync(path, new DecodeLimits { MaxSeconds = 3 }))
            .Should().Be("The track is longer than 3 seconds.");
        (await ReasonAsync(path, new DecodeLimits { MaxSeconds = 8 }))
            .Should().Be("The track is longer than 8 seconds.");
        (await DecodeAsync(path)).Seconds.Should().Be(10);
    }

    [Fact]
    public async Task Damaged_files_give_the_sound_they_have_and_say_so()
    {
        folder.WriteWav("good.wav", [TestFolder.Noise(10, 0.5, seed: 2)]);
        folder.Ffmpeg("-i", "good.wav", "good.flac");
        var flac = File.ReadAllBytes(folder["good.flac"]);
        var cut = await DecodeAsync(folder.Write("cut.flac", flac[..(flac.Length / 2)]));
        cut.Seconds.Should().BeInRange(4, 6);
        cut.IsShorterThanClaimed.Should().BeTrue();
        for (var i = 5000; i < flac.Length; i += 20_000) flac[i] ^= 0x55;
        var corrupt = await DecodeAsync(folder.Write("corrupt.flac", flac));
        corrupt.Errors.Should().BePositive();
        corrupt.Seconds.Should().BeInRange(1, 10.1);
        (await DecodeAsync(folder["good.flac"])).Errors.Should().Be(0);
    }

    [Fact]
    public async Task Samples_that_are_no_numbers_become_zero_and_are_counted()
    {
        var samples = TestFolder.Sine(441, 1);
        (samples[100], samples[5000], samples[5001], samples[44_099]) =
            (float.NaN, float.PositiveInfinity, -1e30f, float.NegativeInfinity);
        var path = folder.WriteWav("broken.wav", [samples]);
        var info = await AudioFile.ProbeAsync(path, DecodeLimits.Default, NoCancel);
        await using var decoder = AudioFile.Open(path, info, DecodeLimits.Default, NoCancel);
        var decoded = new List<float>();
        while (await decoder.ReadAsync() is { Length: > 0 } block) decoded.AddRange(block.Span);
        decoder.BrokenSamples.Should().Be(4);
        (samples[100], samples[5000], samples[5001], samples[44_099]) = (0, 0, 0, 0);
        decoded.Should().Equal(samples);
    }

    [Fact]
    public async Task Surround_channels_keep_their_places_and_more_than_eight_are_cut_to_eight()
    {
        var channels = Enumerable.Range(1, 12).Select(c => Enumerable.Repeat(c / 100f, 4410).ToArray()).ToArray();
        foreach (var count in (int[])[4, 6, 8, 12])
        {
            var path = folder.WriteWav($"{count}.wav", channels[..count]);
            await ShouldKeepPlacesAsync(path, Math.Min(8, count), layout: null);
        }
    }

    [Theory]
    [InlineData("quad", 4)]
    [InlineData("5.1", 6)]
    [InlineData("5.1(side)", 6)]
    [InlineData("7.1(wide)", 8)]
    [InlineData("3.0(back)", 3)]
    public async Task Channels_that_a_file_names_keep_their_places(string layout, int count)
    {
        var levels = string.Join('|', Enumerable.Range(1, count).Select(c => $"0.0{c}"));
        folder.Ffmpeg("-f", "lavfi", "-i", $"aevalsrc={levels}:c={layout}:d=0.1:s=44100", "-c:a", "pcm_f32le", "a.wav");
        await ShouldKeepPlacesAsync(folder["a.wav"], count, layout);
    }

    private static async Task ShouldKeepPlacesAsync(string path, int count, string? layout)
    {
        var info = await AudioFile.ProbeAsync(path, DecodeLimits.Default, NoCancel);
        await using var two = AudioFile.Open(path, info, DecodeLimits.Default, NoCancel);
        await using var one = await AudioFile.OpenAsync(path, DecodeLimits.Default, NoCancel);
        foreach (var decoder in (AudioDecoder[])[one, two])
        {
            (decoder.Channels, decoder.Info.ChannelLayout).Should().Be((count, layout));
            var frame = (await decoder.ReadAsync()).Span[..count].ToArray();
            frame.Should().Equal(Enumerable.Range(1, count).Select(c => c / 100f));
        }
    }

    [Fact]
    public async Task Tags_come_out_clean_and_bounded()
    {
        folder.WriteWav("good.wav", [TestFolder.Sine(441, 1)]);
        folder.Ffmpeg(
            "-i", "good.wav", "-metadata", "title=a\nb\t c\u0007\u202e", "-metadata", "artist=Björk & Сплин 🎵",
            "-metadata", "album=" + new string('x', 5000),
            "-metadata", "date=1999", "-metadata", "lyrics=one\r\ntwo", "-metadata", "comment=ignored", "tagged.ogg");
        var info = await AudioFile.ProbeAsync(folder["tagged.ogg"], DecodeLimits.Default, NoCancel);
        info.Title.Should().Be("a b c");
        info.Artist.Should().Be("Björk & Сплин 🎵");
        info.Album.Should().Be(new string('x', 300));
        info.Date.Should().Be("1999");
        info.Lyrics.Should().Be("one\ntwo");
        info.Genre.Should().BeNull();
        (info.Codec, info.Container, info.SampleRate, info.Channels).Should().Be(("vorbis", "ogg", 44_100, 1));
    }

    [Fact]
    public async Task Cancelling_ends_the_decoder_process()
    {
        folder.WriteWav("long.wav", [TestFolder.Sine(441, 30)]);
        using var cancel = new CancellationTokenSource();
        var info = await AudioFile.ProbeAsync(folder["long.wav"], DecodeLimits.Default, NoCancel);
        await using var decoder = AudioFile.Open(folder["long.wav"], info, DecodeLimits.Default, cancel.Token);
        (await decoder.ReadAsync()).Length.Should().BePositive();
        await cancel.CancelAsync();
        var read = async () => { while ((await decoder.ReadAsync()).Length > 0) { } };
        await read.Should().ThrowAsync<OperationCanceledException>();
        await decoder.DisposeAsync();
        Process.GetProcessesByName("ffmpeg").Should().NotContain(process => process.Id == decoder.ProcessId);
    }

    [Fact]
    public async Task The_beginning_alone_can_be_read()
    {
        folder.WriteWav("long.wav", [TestFolder.Sine(441, 10)]);
        var wave = await AudioFile.ReadMonoAsync(
            folder["long.wav"], 16_000, maxSeconds: 2.5, DecodeLimits.Default, NoCancel);
        wave.Samples.Should().HaveCount(40_000);
    }

    private static async Task<AudioDecoder> DecodeAsync(string path)
    {
        await using var decoder = await AudioFile.OpenAsync(path, DecodeLimits.Default, NoCancel);
        while ((await decoder.ReadAsync()).Length > 0) { }
        return decoder;
    }

    private static async Task<string> ReasonAsync(string path, DecodeLimits limits)
    {
        try
        {
            await AudioFile.ReadMonoAsync(path, 22_050, maxSeconds: null, limits, NoCancel);
            return "accepted";
        }
        catch (UnreadableAudioException refused)
        {
            return refused.Message;
        }
    }
}
