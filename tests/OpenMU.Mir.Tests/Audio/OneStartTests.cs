using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>
/// Decoding starts ffmpeg once and no ffprobe where ffmpeg itself says enough of the file; what it says is what ffprobe
/// says.
/// </summary>
public sealed class OneStartTests : IDisposable
{
    private readonly TestFolder folder = new();

    public OneStartTests()
    {
        Directory.CreateDirectory(folder["bin"]);
        Script("ffmpeg", "exec ffmpeg \"$@\"");
        folder.WriteWav("source.wav", [TestFolder.Noise(3, 0.3, seed: 1), TestFolder.Noise(3, 0.3, seed: 2)]);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.wav")]
    [InlineData("a.flac")]
    [InlineData("a.mp3")]
    [InlineData("a.ogg")]
    [InlineData("a.opus")]
    [InlineData("a.m4a")]
    [InlineData("a.wma")]
    [InlineData("a.aiff")]
    [InlineData("a.mka")]
    [InlineData("a.caf")]
    public async Task A_common_format_needs_no_ffprobe(string name)
    {
        folder.Ffmpeg("-i", "source.wav", "-metadata", "title=Name", "-metadata", "language=deu", name);
        await using (var decoder = await AudioFile.OpenAsync(folder[name], Limits, CancellationToken.None))
        {
            while ((await decoder.ReadAsync()).Length > 0) { }
            decoder.Seconds.Should().BeApproximately(3, 0.1);
            (decoder.Errors, decoder.IsTruncated).Should().Be((0, false));
        }

        await ShouldSayTheSameAsync(folder[name]);
    }

    [Theory]
    [InlineData("deu", "deu")]
    [InlineData("und", null)]
    public async Task A_language_that_nobody_has_named_is_none(string said, string? language)
    {
        folder.Ffmpeg("-i", "source.wav", "-metadata:s:a", $"language={said}", "a.m4a");

        await using var decoder = await AudioFile.OpenAsync(folder["a.m4a"], Limits, CancellationToken.None);

        decoder.Info.Tags.Language.Should().Be(language);
        await ShouldSayTheSameAsync(folder["a.m4a"]);
    }

    [Theory]
    [InlineData("mp3", "-i", "cover.png", "-map", "0", "-map", "1")]
    [InlineData("flac", "-i", "cover.png", "-map", "0", "-map", "1", "-disposition:v", "attached_pic")]
    [InlineData("wav", "-c:a", "pcm_s24le", "-ar", "96000")]
    [InlineData("wav", "-c:a", "pcm_mulaw", "-ac", "1", "-ar", "8000")]
    [InlineData("m4a", "-c:a", "alac")]
    [InlineData("ogg", "-c:a", "flac")]
    public async Task Covers_and_other_codings_need_none_either(string extension, params string[] options)
    {
        folder.Ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:r=1:d=1", "-frames:v", "1", "cover.png");
        folder.Ffmpeg(["-i", "source.wav", .. options, $"a.{extension}"]);
        await using (await AudioFile.OpenAsync(folder[$"a.{extension}"], Limits, CancellationToken.None)) { }
        await ShouldSayTheSameAsync(folder[$"a.{extension}"]);
    }

    [Fact]
    public async Task What_ffmpeg_does_not_say_is_asked_of_ffprobe()
    {
        // The picture is longer than the sound, and of such a file ffmpeg names one length only.
        folder.Ffmpeg("-i", "source.wav", "-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=9", "-c:v", "mpeg4", "film.mp4");
        folder.Ffmpeg("-i", "source.wav", "-metadata", "title=Name", "a.au");
        File.Copy(folder["source.wav"], folder["two\nlines.wav"]);
        folder.Ffmpeg("-i", "source.wav", "a.wv");
        folder.Ffmpeg("-i", "source.wav", "a.aac");
        foreach (var name in (string[])["film.mp4", "a.au", "a.wv", "a.aac", "two\nlines.wav"])
        {
            var opening = () => AudioFile.OpenAsync(folder[name], Limits, CancellationToken.None);
            (await opening.Should().ThrowAsync<DecoderUnavailableException>()).Which.Message.Should()
                .Be("ffprobe is not installed.");
            await ShouldSayTheSameAsync(folder[name]);
        }
    }

    [Fact]
    public async Task A_decoder_that_says_nothing_of_the_file_is_asked_again_behind_ffprobe()
    {
        Script("ffprobe", "exec ffprobe \"$@\"");
        Script("ffmpeg", "exec ffmpeg \"$@\" 2>/dev/null");
        await using var decoder = await AudioFile.OpenAsync(folder["source.wav"], Limits, CancellationToken.None);
        while ((await decoder.ReadAsync()).Length > 0) { }
        (decoder.Seconds, decoder.Info.Codec).Should().Be((3, "pcm_f32le"));
    }

    [Fact]
    public async Task Tags_that_look_like_lines_of_the_decoder_change_nothing()
    {
        const string Lines = "x\n[info] Stream mapping:\n"
            + "[info]   Stream #0:0: Audio: pcm_f32le, 1 Hz, mono, flt, 1 kb/s";
        folder.Ffmpeg("-i", "source.wav", "-metadata", "title=" + Lines, "-metadata", "comment=[error] no", "a.flac");
        await using var decoder = await AudioFile.OpenAsync(folder["a.flac"], Limits, CancellationToken.None);
        while ((await decoder.ReadAsync()).Length > 0) { }
        (decoder.Seconds, decoder.Channels, decoder.Errors).Should().Be((3, 2, 0));
        await ShouldSayTheSameAsync(folder["a.flac"]);
    }

    [Fact]
    public async Task Until_the_banner_ends_the_decoder_may_compute_no_longer_than_ffprobe()
    {
        Script("ffmpeg", "while :; do :; done");
        var limits = Limits with { ProbeProcessorTime = TimeSpan.FromMilliseconds(200) };
        var opening = () => AudioFile.OpenAsync(folder["source.wav"], limits, CancellationToken.None);
        (await opening.Should().ThrowAsync<UnreadableAudioException>()).Which.Message.Should()
            .Be("Decoding the file took too long.");
    }

    /// <summary>Compares all that is known of a file when it is opened with what ffprobe makes known.</summary>
    /// <param name="path">The file.</param>
    /// <param name="probed">That; null asks ffprobe.</param>
    internal static async Task ShouldSayTheSameAsync(string path, AudioInfo? probed = null)
    {
        probed ??= await AudioFile.ProbeAsync(path, DecodeLimits.Default, CancellationToken.None);
        await using var decoder = await AudioFile.OpenAsync(path, DecodeLimits.Default, CancellationToken.None);
        var info = decoder.Info;
        // ffmpeg rounds to hundredths, and the length of a file is that of its stream or a little more.
        (info.ProbedSeconds ?? -1).Should().BeApproximately(probed.ProbedSeconds ?? -1, 0.06);
        (info.EstimatedSeconds ?? -1).Should().BeApproximately(probed.EstimatedSeconds ?? -1, 0.06);
        info = info with { ProbedSeconds = probed.ProbedSeconds, EstimatedSeconds = probed.EstimatedSeconds };
        // What is no number or id stands among the others once, and not a second time as ffprobe read it.
        var others = probed.Tags.Others.Where(field => field.Source != "ffprobe").ToArray();
        info.Should().BeEquivalentTo(probed with { Tags = probed.Tags with { Others = others } });
    }

    private DecodeLimits Limits => new() { ProgramFolder = folder["bin"] };

    private void Script(string program, string body)
    {
        var path = folder[Path.Combine("bin", program)];
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        folder.Run("chmod", "a+x", path);
    }
}
